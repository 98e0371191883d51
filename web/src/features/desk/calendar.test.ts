import { expect, test } from 'vitest';
import { shift, weeksOf } from './calendar';

test('November 2026 begins on a Sunday, so October fills its first week', () => {
  const weeks = weeksOf('2026-11');
  expect(weeks[0]?.map((square) => square.day)).toEqual(['2026-10-26', '2026-10-27', '2026-10-28', '2026-10-29', '2026-10-30', '2026-10-31', '2026-11-01']);
  expect(weeks).toHaveLength(6);
  expect(weeks.flat().filter((square) => square.isInMonth)).toHaveLength(30);
});

test('a month that begins on Monday needs nothing before it', () => {
  expect(weeksOf('2027-02')[0]?.[0]).toEqual({ day: '2027-02-01', isInMonth: true });
  expect(weeksOf('2027-02')).toHaveLength(4);
});

test('months run over the end of the year', () => {
  expect(shift('2026-12', 1)).toBe('2027-01');
  expect(shift('2026-01', -1)).toBe('2025-12');
});
