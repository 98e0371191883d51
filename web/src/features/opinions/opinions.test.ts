import { expect, test } from 'vitest';
import type { SlipAnswer, SlipCard } from '../../protocol/slips';
import { inGroup } from './grouping';
import { leftOf } from './left';
import { isComplete, packed, unpacked, wantsText } from './sheet';

const card = (id: string, more: Partial<SlipCard>): SlipCard => ({
  id,
  body: 'b',
  number: 1,
  title: id,
  secrecy: 'open',
  phase: 'sent',
  version: 1,
  deadline: '2026-11-25T03:00:00.000Z',
  is_overdue: false,
  sent_at: null,
  ended_at: null,
  questions: 1,
  asked: 7,
  answered: 0,
  mine: null,
  outcomes: null,
  ...more,
});
const names = (cards: readonly SlipCard[]): string[] => cards.map((one) => one.id);

test('what waits for me is what I have not answered, what I have to send, and what was given back to me', () => {
  const cards = [
    card('answered', { mine: 'answered' }),
    card('late', { mine: 'waiting', deadline: '2026-11-26T03:00:00.000Z' }),
    card('soon', { mine: 'waiting' }),
    card('submitted', { phase: 'submitted', deadline: '2026-11-27T03:00:00.000Z' }),
    card('draft', { phase: 'draft' }),
    card('returned', { phase: 'returned', deadline: '2026-11-28T03:00:00.000Z' }),
    card('first', { phase: 'ended', ended_at: '2026-11-20T03:00:00.000Z' }),
    card('last', { phase: 'ended', ended_at: '2026-11-21T03:00:00.000Z' }),
    card('recalled', { phase: 'recalled', deadline: '2026-11-01T03:00:00.000Z' }),
  ];
  const groups = (prepares: boolean) => (['waiting', 'running', 'preparing', 'ended'] as const).map((group) => names(inGroup(cards, group, () => prepares)));
  expect(groups(false)).toEqual([['soon', 'late', 'submitted'], ['answered'], ['draft', 'returned'], ['last', 'first', 'recalled']]);
  expect(groups(true)).toEqual([['soon', 'late', 'returned'], ['answered'], ['draft', 'submitted'], ['last', 'first', 'recalled']]);
});

test('a deadline grows louder as it comes near', () => {
  const now = new Date('2026-11-25T00:00:00Z');
  const at = (hours: number) => leftOf(new Date(now.getTime() + hours * 3_600_000), now);
  expect(at(72)).toEqual({ key: 'slips.left.days', n: 3, tone: 'calm' });
  expect(at(30)).toEqual({ key: 'slips.left.hours', n: 30, tone: 'calm' });
  expect(at(5.5)).toEqual({ key: 'slips.left.hours', n: 5, tone: 'near' });
  expect(at(0.5)).toEqual({ key: 'slips.left.minutes', n: 30, tone: 'near' });
  expect(at(0)).toEqual({ key: 'slips.left.over', n: 0, tone: 'over' });
});

const questions = [
  { id: 'q1', options: [{ id: 'for', label: { vi: '', en: '' }, needs_text: false }, { id: 'other', label: { vi: '', en: '' }, needs_text: true }] },
  { id: 'q2', options: [{ id: 'option-1', label: { vi: '', en: '' }, needs_text: false }] },
];

test('a sheet is complete when every question has an answer, and a text where one is needed', () => {
  const answers: SlipAnswer[] = [{ question: 'q1', choice: 'other', text: ' ' }];
  expect(isComplete(questions, answers)).toBe(false);
  answers.push({ question: 'q2', choice: 'option-1', text: '' });
  expect(isComplete(questions, answers)).toBe(false);
  answers[0] = { question: 'q1', choice: 'other', text: 'Nêu rõ kinh phí' };
  expect(isComplete(questions, answers)).toBe(true);
  expect(wantsText(questions[0]!, 'other')).toBe(true);
  expect(wantsText(questions[0]!, 'for')).toBe(false);
});

test('what travels is the same bytes whatever the order it was written in', () => {
  const one = [
    { question: 'q2', choice: 'option-1', text: ' a ' },
    { question: 'q1', choice: 'for', text: '' },
  ];
  expect(packed(questions, one)).toBe(packed(questions, [...one].reverse()));
  expect(unpacked(packed(questions, one))).toEqual([
    { question: 'q1', choice: 'for', text: '' },
    { question: 'q2', choice: 'option-1', text: 'a' },
  ]);
});
