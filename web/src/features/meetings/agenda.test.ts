import { expect, test } from 'vitest';
import { moved } from '../../protocol/order';
import { spare, timesOf } from './agenda';

const start = '2026-11-25T01:00:00.000Z';
const items = [{ minutes: 15 }, { minutes: 45 }, { minutes: 30 }];

test('each item begins when the one before has had its minutes', () => {
  expect(timesOf(items, start)).toEqual([start, '2026-11-25T01:15:00.000Z', '2026-11-25T02:00:00.000Z', '2026-11-25T02:30:00.000Z']);
});

test('an agenda says how much time it leaves or lacks', () => {
  expect(spare(items, start, '2026-11-25T02:30:00Z')).toBe(0);
  expect(spare(items, start, '2026-11-25T02:45:00Z')).toBe(15);
  expect(spare(items, start, '2026-11-25T02:00:00Z')).toBe(-30);
  expect(spare([], start, '2026-11-25T02:00:00Z')).toBe(60);
});

test('moving keeps every item exactly once', () => {
  expect(moved(['a', 'b', 'c'], 'c', 0)).toEqual(['c', 'a', 'b']);
  expect(moved(['a', 'b', 'c'], 'a', 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 'a', 9)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c']);
});
