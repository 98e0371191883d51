import { expect, test } from 'vitest';
import { minuteClock } from '../../protocol/clock';
import { leftOf } from './time';

test('the time left counts down from the moment the floor was given and goes below zero', () => {
  const turn = { started_at: '2026-11-25T01:00:00.000Z', allotted_s: 300 };
  expect(leftOf(turn, Date.parse('2026-11-25T01:02:46Z'))).toBe(134);
  expect(leftOf(turn, Date.parse('2026-11-25T01:05:30Z'))).toBe(-30);
});

test('no clock runs before the floor is given or when no time is set', () => {
  expect(leftOf({ started_at: null, allotted_s: 300 }, 0)).toBeNull();
  expect(leftOf({ started_at: '2026-11-25T01:00:00Z', allotted_s: null }, 0)).toBeNull();
});

test('a clock reads as minutes and seconds', () => {
  expect([134, 0, 5, -30].map(minuteClock)).toEqual(['2:14', '0:00', '0:05', '-0:30']);
});
