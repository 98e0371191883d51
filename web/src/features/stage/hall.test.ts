import { expect, test } from 'vitest';
import type { View } from '../../protocol/types';
import { showing } from './hall';

const item = { id: 'i', phase: 'current', position: 1 };
const closed = { id: 'q', item: 'i', items: ['i'], status: 'closed', opened_at: '2026-11-25T02:00:00Z', closed_at: '2026-11-25T02:05:00Z' };
const turn = (started_at: string) => ({ t: { id: 't', status: 'speaking', started_at } });
const view = (more: object): View => ({ items: { i: item }, ...more }) as unknown as View;

test('a vote under way outweighs everything', () => {
  expect(showing(view({ questions: { q: { ...closed, status: 'open' } }, turns: turn('2026-11-25T02:10:00Z') })).kind).toBe('vote');
});

test('a result stays until somebody speaks after it', () => {
  expect(showing(view({ questions: { q: closed }, turns: turn('2026-11-25T02:01:00Z') })).kind).toBe('result');
  expect(showing(view({ questions: { q: closed }, turns: turn('2026-11-25T02:06:00Z') })).kind).toBe('floor');
});

test('without a vote or a speaker there is the item, and before it nothing', () => {
  expect(showing(view({})).kind).toBe('item');
  expect(showing(view({ items: {} })).kind).toBe('nothing');
});

test('a block stays on the wall until the first item begins', () => {
  const block = { ...closed, kind: 'block' };
  const after = (started_at: string | null): View => ({ items: { i: { ...item, phase: 'done', started_at } }, questions: { q: block } }) as unknown as View;
  expect(showing(after(null)).kind).toBe('result');
  expect(showing(after('2026-11-25T02:20:00Z')).kind).toBe('nothing');
});
