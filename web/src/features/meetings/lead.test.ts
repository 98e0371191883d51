import { expect, test } from 'vitest';
import { leadOf, workingDays } from './lead';

const key = (moment: Date): string => new Date(moment.getTime() + 7 * 3_600_000).toISOString().slice(0, 10);
const due = new Date('2026-11-20T10:00:00Z'); // Friday 17:00 in Hanoi
const goal = new Date('2026-11-25T01:00:00Z'); // Wednesday 08:00

test('a weekend is not working days', () => {
  expect(workingDays('2026-11-20', '2026-11-25')).toBe(3);
  expect(workingDays('2026-11-21', '2026-11-22')).toBe(0);
});

test('the day before the deadline there is one working day left', () => {
  const lead = leadOf(new Date('2026-11-19T02:00:00Z'), due, due, goal, key);
  expect(lead.left).toBe(1);
  expect(lead.days.map((one) => one.kind)).toEqual(['past', 'due', 'rest', 'rest', 'work', 'work', 'goal']);
  expect(lead.days[0]?.isToday).toBe(true);
});

test('after the deadline it is past, also within the same day', () => {
  const lead = leadOf(new Date('2026-11-20T11:00:00Z'), due, due, goal, key);
  expect(lead).toMatchObject({ isPast: true, left: 0 });
});

test('a long wait is shortened and says by how much', () => {
  const lead = leadOf(new Date('2026-11-02T02:00:00Z'), due, due, goal, key);
  expect(lead.days).toHaveLength(9);
  expect(lead.days[1]?.skipped).toBe(15);
  expect(lead.days.at(-1)).toMatchObject({ day: '2026-11-25', kind: 'goal' });
});

test('a deadline at midnight is drawn on the day it ends', () => {
  const midnight = new Date('2026-11-19T17:00:00Z'); // 00:00 on the 20th in Hanoi
  const lead = leadOf(new Date('2026-11-18T02:00:00Z'), midnight, new Date(midnight.getTime() - 1), goal, key);
  expect(lead.days.find((one) => one.kind === 'due')?.day).toBe('2026-11-19');
  expect(lead.left).toBe(1);
});
