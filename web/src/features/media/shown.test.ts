import { expect, test } from 'vitest';
import type { View } from '../../protocol/types';
import { shownOf, type Wishes } from './shown';

const ids = ['c', 'm1', 'm2', 'm3', 'm4', 'm5'];
const view = {
  participants: Object.fromEntries(ids.map((id, order) => [id, { id, order, role: id === 'c' ? 'chair' : 'member', name: id }])),
  turns: {},
  presences: {},
} as unknown as View;
const wishes = (changes: Partial<Wishes> = {}): Wishes => ({ large: 'm3', pinned: new Set(), heard: [], cameras: new Set(ids), ...changes });

test('all are shown while they fit', () => {
  expect(shownOf(view, wishes())).toEqual(new Set(ids));
});

test('the large one, the chair, those pinned and those heard come first, then the order of protocol', () => {
  expect([...shownOf(view, wishes({ pinned: new Set(['m5']), heard: ['m4'] }), 5)]).toEqual(['m3', 'c', 'm5', 'm4', 'm1']);
});

test('who has no camera on takes nobody’s place', () => {
  expect([...shownOf(view, wishes({ cameras: new Set(['m1', 'm4', 'm5']) }), 2)]).toEqual(['m1', 'm4']);
});

test('who was put out is not kept by an old wish', () => {
  expect(shownOf(view, wishes({ large: null, pinned: new Set(['gone']), cameras: new Set(['c']) }))).toEqual(new Set(['c']));
});
