import { expect, test } from 'vitest';
import { median, verdictOf } from './line';

test('a quick, wide line is good for everything', () => {
  expect(verdictOf({ answer_ms: 20, worst_ms: 80, down_mbit: 20 })).toBe('good');
});

test('a line that is narrow or slow carries sound and votes', () => {
  expect(verdictOf({ answer_ms: 20, worst_ms: 80, down_mbit: 1 })).toBe('fair');
  expect(verdictOf({ answer_ms: 220, worst_ms: 300, down_mbit: 20 })).toBe('fair');
  expect(verdictOf({ answer_ms: 20, worst_ms: 900, down_mbit: 20 })).toBe('fair');
});

test('a very poor line is told plainly', () => {
  expect(verdictOf({ answer_ms: 20, worst_ms: 80, down_mbit: 0.1 })).toBe('poor');
  expect(verdictOf({ answer_ms: 500, worst_ms: 700, down_mbit: 20 })).toBe('poor');
  expect(verdictOf({ answer_ms: 100, worst_ms: 2500, down_mbit: 20 })).toBe('poor');
});

test('one slow answer does not move the middle one', () => {
  expect(median([10, 900, 12, 11, 13])).toBe(12);
});
