import { expect, test } from 'vitest';
import type { StrawPoll, View } from '../../protocol/types';
import { strawOf } from './straw';

const poll = (id: string, more: Partial<StrawPoll>): StrawPoll => ({
  id,
  item: 'i1',
  text: '',
  options: [],
  status: 'closed',
  roll: [],
  opened_at: '',
  closed_at: null,
  answered: null,
  counts: null,
  cancel_reason: null,
  ...more,
});
const viewOf = (...polls: StrawPoll[]): View => ({ straw_polls: Object.fromEntries(polls.map((one) => [one.id, one])) });

test('the open one comes first, then the one that ended last, of this item alone', () => {
  const early = poll('a', { closed_at: '2026-11-25T01:00:00.000Z' });
  const late = poll('b', { closed_at: '2026-11-25T02:00:00.000Z' });
  const open = poll('c', { status: 'open' });
  expect(strawOf(viewOf(early, open, late), 'i1')).toBe(open);
  expect(strawOf(viewOf(early, late), 'i1')).toBe(late);
  expect(strawOf(viewOf(poll('d', { item: 'i2' }), poll('e', { status: 'cancelled' })), 'i1')).toBeNull();
  expect(strawOf({}, 'i1')).toBeNull();
});
