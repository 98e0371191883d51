import { expect, test } from 'vitest';
import type { VoteKind } from '../../protocol/types';
import { type Draft, faultOf, keyOf, mattersOf, turned, usualKind, waysOf, wireOf } from './draft';

const kind = (more: Partial<VoteKind>): VoteKind => ({ matter: 'resolution', motion: null, method: 'approval', name: '', sentence: '', article: '', form: 'chosen', ...more });
const resolution = kind({});
const choice = kind({ matter: 'choice', method: 'choice' });
const election = kind({ method: 'election', form: 'secret' });
const kinds = [resolution, choice, election];
const draft: Draft = { kind: '', text: 'Đồng chí có tán thành?', way: 'electronic', options: ['', ''], candidates: [{ name: '', person: '' }], seats: 1, board: [], limit_s: 0 };
const on = { items: ['i'], plan: null };

test('the usual kind is the body’s first for the item', () => {
  expect(usualKind(kinds, { type: 'decision', title: 'Dự toán' }, null)).toBe(resolution);
  expect(usualKind(kinds, { type: 'choice', title: 'Địa điểm' }, null)).toBe(choice);
});

test('a title that names the vote decides which is usual, where the body knows it', () => {
  expect(usualKind(kinds, { type: 'decision', title: 'Bầu bổ sung Phó Chủ tịch' }, null)).toBe(election);
  expect(usualKind([resolution], { type: 'decision', title: 'Bầu bổ sung Phó Chủ tịch' }, null)).toBe(resolution);
  expect(usualKind(kinds, { type: 'decision', title: 'Kinh phí bầu cử' }, null)).toBe(resolution);
});

test('what was planned is put as it was planned', () => {
  expect(usualKind(kinds, { type: 'decision', title: '' }, { matter: 'choice', method: 'choice' })).toBe(choice);
});

test('a line of a plan is decided by any rule for a yes or no, motions apart', () => {
  const reduced = kind({ matter: 'reduced' });
  expect(mattersOf([...kinds, reduced, kind({ matter: 'motion', motion: 'adjourn' })])).toEqual([resolution, reduced]);
});

test('a secret vote is taken on paper only, an open one never', () => {
  expect(waysOf(election)).toEqual(['paper']);
  expect(waysOf(kind({ form: 'open' }))).toEqual(['electronic', 'hands']);
  expect(turned({ ...draft, way: 'electronic' }, election).way).toBe('paper');
});

test('the usual case goes over the wire with nothing more than it needs', () => {
  expect(wireOf(draft, resolution, on)).toEqual({ item: 'i', text: draft.text, method: 'approval', matter: 'resolution', way: 'electronic' });
});

test('a block names its items, a plan itself, a limit its seconds', () => {
  expect(wireOf({ ...draft, limit_s: 60 }, resolution, { items: ['i', 'j'], plan: 'p' })).toMatchObject({ items: ['i', 'j'], plan: 'p', time_limit_s: 60 });
});

test('the first of a board is its head, and one of its members', () => {
  expect(wireOf({ ...draft, board: ['a', 'b', ''] }, resolution, on).board).toEqual({ head: 'a', members: ['a', 'b'] });
  expect(faultOf({ ...draft, board: ['a', '', ''] }, resolution)).toBe('board');
});

test('candidates keep the person they are', () => {
  const full = { ...draft, candidates: [{ name: ' An ', person: 'a' }, { name: 'Bình', person: '' }, { name: '', person: '' }] };
  expect(wireOf(full, election, on)).toMatchObject({ candidates: [{ name: 'An', person: 'a' }, { name: 'Bình' }], seats: 1 });
});

test('what is missing is named, the first first', () => {
  expect(faultOf({ ...draft, text: ' ' }, resolution)).toBe('text');
  expect(faultOf({ ...draft, options: ['Một', ''] }, choice)).toBe('few');
  expect(faultOf({ ...draft, options: ['Một', 'một'] }, choice)).toBe('same');
  expect(faultOf({ ...draft, candidates: [{ name: 'An', person: '' }], seats: 2 }, election)).toBe('seats');
  expect(faultOf(draft, resolution)).toBeNull();
});

test('kinds have different keys', () => {
  expect(new Set(kinds.map(keyOf)).size).toBe(kinds.length);
});
