import { expect, test } from 'vitest';
import type { View } from '../../protocol/types';
import { largeOf, stripOf } from './large';

const person = (id: string, role: string, order: number): object => ({ id, role, order, name: id });
const view = (turns: object = {}, presences: object = {}): View =>
  ({
    participants: {
      s: person('s', 'secretary', 0),
      m2: person('m2', 'member', 3),
      c: person('c', 'chair', 1),
      m1: person('m1', 'member', 2),
      g: person('g', 'guest', 0),
    },
    turns,
    presences,
  }) as unknown as View;

test('who has the floor is large, whoever else is heard', () => {
  expect(largeOf(view({ t: { person: 'm2', status: 'speaking' } }), 'm1')?.id).toBe('m2');
});

test('without a floor it is who was heard last, and before anybody was heard the chair', () => {
  expect(largeOf(view(), 'm1')?.id).toBe('m1');
  expect(largeOf(view(), null)?.id).toBe('c');
});

test('who left the list is not shown', () => {
  expect(largeOf(view(), 'gone')?.id).toBe('c');
});

test('the strip has the table in order of protocol, without the large one', () => {
  expect(stripOf(view(), 'c').map((one) => one.id)).toEqual(['m1', 'm2']);
});

test('secretaries and guests are in the strip while they are here', () => {
  const here = { s: { is_connected: true }, g: { is_connected: false } };
  expect(stripOf(view({}, here), 'c').map((one) => one.id)).toEqual(['m1', 'm2', 's']);
});
