import { expect, test } from 'vitest';
import { dueIn } from './due';

const now = new Date('2026-11-25T01:00:00Z');
const cases = [
  ['2026-12-01T01:00:00Z', { key: 'desk.due.days', n: 6, tone: 'calm' }],
  ['2026-11-26T10:00:00Z', { key: 'desk.due.hours', n: 33, tone: 'near' }],
  ['2026-11-25T01:10:00Z', { key: 'desk.due.hours', n: 1, tone: 'near' }],
  ['2026-11-25T01:00:00Z', { key: 'desk.due.now', n: 0, tone: 'over' }],
  ['2026-11-22T23:00:00Z', { key: 'desk.due.over', n: 2, tone: 'over' }],
] as const;

test.each(cases)('a deadline at %s', (due, expected) => expect(dueIn(new Date(due), now)).toEqual(expected));
