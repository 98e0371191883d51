import { expect, test } from 'vitest';
import { asQuestion, type Draft, problemOf, type Written } from './form';

const question = (more: Partial<Draft> = {}): Draft => ({ key: 1, text: 'Có nhất trí không?', method: 'approval', options: ['', ''], ...more });
const written = (more: Partial<Written> = {}): Written => ({
  title: 'Dự thảo Nghị định',
  text: '',
  secrecy: 'open',
  day: '2026-11-28',
  time: '17:00',
  reminders: [24, 4],
  endsWhenAllAnswered: true,
  questions: [question()],
  ...more,
});

test('what is missing is named, first things first', () => {
  expect(problemOf(written(), 2, 1)).toBeNull();
  expect(problemOf(written({ title: ' ' }), 1, 1)).toBe('title');
  expect(problemOf(written(), 1, 1)).toBe('deadline');
  expect(problemOf(written(), Number.NaN, 1)).toBe('deadline');
  expect(problemOf(written({ questions: [] }), 2, 1)).toBe('questions');
  expect(problemOf(written({ questions: [question({ text: ' ' })] }), 2, 1)).toBe('questions');
  const choice = (...options: string[]) => problemOf(written({ questions: [question({ method: 'choice', options })] }), 2, 1);
  expect(choice('A', ' ')).toBe('options');
  expect(choice('Đồng Tháp', 'đồng tháp')).toBe('options');
  expect(choice('A', 'B', '')).toBeNull();
});

test('empty alternatives are left out, and a yes or no has none', () => {
  expect(asQuestion(question({ method: 'choice', options: [' A ', '', 'B'] }))).toEqual({ text: 'Có nhất trí không?', method: 'choice', options: ['A', 'B'] });
  expect(asQuestion(question({ options: ['A', 'B'] }))).toEqual({ text: 'Có nhất trí không?', method: 'approval' });
});
