import { expect, test } from 'vitest';
import type { HallSheet, MyPart, Question, View } from '../../protocol/types';
import { partOf } from './part';

const me = (person: string, ...actions: string[]): MyPart => ({ person, name: '', role: null, roles: [], actions, items: null, recused: [], ballots: {} });
const question = (way: 'hands' | 'paper'): Question => ({ id: 'q', way, opened_at: '2026-11-25T02:00:00.000Z', candidates: [{ id: 'c1', name: 'C', person: 'binh' }] }) as unknown as Question;
const sheet = (by: string): HallSheet => ({ id: 'q', item: 'i', items: ['i'], question: 'q', status: 'entered', entered_by: by, entered_at: '', second_by: null, differs: [] });
const board = { id: 'b', head: 'an', members: ['an', 'binh', 'chi'], question: 'b', seated_at: '2026-11-25T01:00:00.000Z' };
const secretary = (id: string) => ({ id, role: 'secretary', order: 1, name: id });
const view = (more: object): View => more as View;

test('the first secretary writes, the second writes blind, the first waits', () => {
  const lan = me('lan', 'hall.enter', 'hall.confirm');
  expect(partOf(view({}), question('hands'), lan)).toBe('first');
  expect(partOf(view({ hands: { q: sheet('mai') } }), question('hands'), lan)).toBe('second');
  expect(partOf(view({ hands: { q: sheet('lan') } }), question('hands'), lan)).toBe('wait');
  expect(partOf(view({}), question('hands'), me('khach'))).toBe('look');
});

test('the chair confirms where one secretary is there', () => {
  const chair = me('chair', 'hall.confirm');
  const people = { participants: { lan: secretary('lan'), mai: secretary('mai') }, hands: { q: sheet('lan') } };
  const here = (...ids: string[]) => ({ presences: Object.fromEntries(ids.map((id) => [id, { id, is_present: true }])) });
  expect(partOf(view({ ...people, ...here('lan', 'mai') }), question('hands'), chair)).toBe('look');
  expect(partOf(view({ ...people, ...here('lan') }), question('hands'), chair)).toBe('second');
  expect(partOf(view({ participants: people.participants, ...here('lan') }), question('hands'), chair)).toBe('look');
});

test('tellers of the board that sat then count, and never about themselves', () => {
  const seen = view({ boards: { b: board } });
  expect(partOf(seen, question('paper'), me('an'))).toBe('first');
  expect(partOf(seen, question('paper'), me('binh'))).toBe('look');
  expect(partOf(seen, question('paper'), me('dung'))).toBe('look');
  expect(partOf(view({ boards: { b: board }, counts: { q: sheet('an') } }), question('paper'), me('chi'))).toBe('second');
  expect(partOf(view({ boards: { b: { ...board, seated_at: '2026-11-25T03:00:00.000Z' } } }), question('paper'), me('an'))).toBe('look');
});
