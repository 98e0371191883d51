import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Change, Event, MyPart, View } from './types';
import { advance, enter, reduce, type Stand, touchesMe } from './view';

const me: MyPart = { person: 'p1', name: 'Thứ trưởng', role: 'member', roles: [], actions: [], items: null, recused: [], ballots: {} };
const event = (seq: number, body: Change, type = 'item.changed'): Event => ({ meeting: 'm', seq, type, at: '2026-11-25T01:00:00.000Z', body });
const item = (id: string, position: number): never => ({ id, position, title: id }) as never;
const stand = (seq: number, view: View): Stand => ({ meeting: 'm', seq, view, me });

test('an entry takes its place and the others stay', () => {
  const before: View = { items: { a: item('a', 1), b: item('b', 2) } };
  expect(reduce(before, event(2, { items: { b: item('b', 3) } }))).toEqual({ items: { a: item('a', 1), b: item('b', 3) } });
});

test('null takes an entry out', () => {
  expect(reduce({ items: { a: item('a', 1) } }, event(2, { items: { a: null } }))).toEqual({ items: {} });
});

test('the view before is left as it was', () => {
  const before: View = { items: { a: item('a', 1) } };
  reduce(before, event(2, { items: { a: null } }));
  expect(before).toEqual({ items: { a: item('a', 1) } });
});

test('a hidden event moves the count and nothing else', () => {
  const before = stand(4, { items: { a: item('a', 1) } });
  expect(advance(before, event(5, {}, 'hidden'))).toEqual({ ...before, seq: 5 });
});

test('an event that came already changes nothing', () => {
  const before = stand(4, {});
  expect(advance(before, event(4, { items: { a: item('a', 1) } }))).toBe(before);
});

test('a gap is told, not bridged', () => {
  expect(advance(stand(4, {}), event(6, {}))).toBeNull();
});

test('entering again applies only what was missed', () => {
  const after = enter(stand(4, {}), { meeting: 'm', seq: 5, me, events: [event(4, { items: { a: item('a', 1) } }), event(5, { items: { b: item('b', 2) } })] });
  expect(after.view).toEqual({ items: { b: item('b', 2) } });
  expect(after.seq).toBe(5);
});

test('a change of my own part is noticed', () => {
  expect(touchesMe(event(2, { participants: { p1: null } }), 'p1')).toBe(true);
  expect(touchesMe(event(2, { participants: { p2: null } }), 'p1')).toBe(false);
  // A new tellers' board seats some and unseats others.
  expect(touchesMe(event(2, { boards: { q: null } }), 'p1')).toBe(true);
  expect(touchesMe(event(2, { recusals: { 'i1:p1': null } }), 'p1')).toBe(true);
  expect(touchesMe(event(2, { recusals: { 'i1:p2': null } }), 'p1')).toBe(false);
});

/** Written by the server's tests: the same views and events its own reducer was judged by. */
const replay = new URL('../../../tests/fixtures/events.json', import.meta.url);

test('every view and event of the server adds up here too', () => {
  expect(existsSync(replay), 'tests/fixtures/events.json is missing').toBe(true);
  const cases = JSON.parse(readFileSync(replay, 'utf8')) as { viewer: string; before: View; event: Event; after: View }[];
  expect(cases.length, 'tests/fixtures/events.json is empty').toBeGreaterThan(0);
  for (const { viewer, before, event: happened, after } of cases) {
    expect(reduce(before, happened), `${happened.type} as ${viewer} sees it`).toEqual(after);
  }
});
