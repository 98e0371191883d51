import { expect, test } from 'vitest';
import type { Receipt } from './types';
import { type Ballot, isPassing, NONE, pauseAfter, step } from './ballot';

const receipt = (n: number, choice: string, is_current = true): Receipt => ({
  question: 'q',
  choice,
  n,
  number: 4710 + n,
  hash: '',
  at: '2026-11-25T02:03:41.000Z',
  is_current,
});
const waiting = step(NONE, { kind: 'sent', choice: 'for' });
const first = step(waiting, { kind: 'receipt', receipt: receipt(1, 'for') });

test('the first ballot is number one and waits for its receipt', () => {
  expect(waiting).toEqual({ phase: 'waiting', choice: 'for', n: 1, tries: 0, kept: null });
});

test('sending again keeps the number however often it takes', () => {
  let ballot: Ballot = waiting;
  for (let time = 0; time < 50; time++) ballot = step(ballot, { kind: 'unanswered', n: 1 });
  expect(ballot).toEqual({ phase: 'waiting', choice: 'for', n: 1, tries: 50, kept: null });
});

test('the words of another opinion travel with every sending', () => {
  const said = { opinion: 'Đề nghị lùi một tháng', attachment: 'a' };
  const other = step(NONE, { kind: 'sent', choice: 'other', said });
  expect(step(other, { kind: 'unanswered', n: 1 })).toMatchObject({ phase: 'waiting', said, tries: 1 });
});

test('a receipt settles it', () => {
  expect(first).toEqual({ phase: 'recorded', n: 1, kept: receipt(1, 'for') });
});

test('a change takes the next number, and the old ballot counts until the new receipt', () => {
  const changed = step(first, { kind: 'sent', choice: 'against' });
  expect(changed).toMatchObject({ phase: 'waiting', n: 2, kept: { number: 4711 } });
  expect(step(changed, { kind: 'receipt', receipt: receipt(2, 'against') })).toMatchObject({ phase: 'recorded', n: 2 });
});

test('a second press while one is on its way changes nothing', () => {
  expect(step(waiting, { kind: 'sent', choice: 'against' })).toBe(waiting);
});

test('the receipt of an older version does not confirm the newer one', () => {
  const changed = step(first, { kind: 'sent', choice: 'against' });
  expect(step(changed, { kind: 'receipt', receipt: receipt(1, 'for') })).toBe(changed);
});

test('nor does it when both say the same', () => {
  const back = step(step(first, { kind: 'known', receipt: receipt(2, 'against') }), { kind: 'sent', choice: 'for' });
  expect(back).toMatchObject({ phase: 'waiting', n: 3, choice: 'for' });
  expect(step(back, { kind: 'receipt', receipt: receipt(1, 'for') })).toBe(back);
});

test('a receipt that no longer counts confirms nothing', () => {
  expect(step(waiting, { kind: 'receipt', receipt: receipt(1, 'for', false) })).toBe(waiting);
});

test('a refusal ends the sending, and the earlier choice stays', () => {
  const changed = step(first, { kind: 'sent', choice: 'against' });
  expect(step(changed, { kind: 'refusal', n: 2, code: 'question_not_open' })).toMatchObject({ phase: 'refused', code: 'question_not_open', kept: { number: 4711 } });
});

test('on coming back the recorded ballot is known and the next change is numbered after it', () => {
  const back = step(NONE, { kind: 'known', receipt: receipt(3, 'abstain') });
  expect(back).toMatchObject({ phase: 'recorded', n: 3 });
  expect(step(back, { kind: 'sent', choice: 'for' })).toMatchObject({ n: 4 });
});

test('what the server knew before does not confirm a newer ballot still waiting', () => {
  const changed = step(first, { kind: 'sent', choice: 'against' });
  expect(step(changed, { kind: 'known', receipt: receipt(1, 'for') })).toMatchObject({ phase: 'waiting', n: 2, choice: 'against' });
});

test('another choice under the same number, from another device, does not confirm mine', () => {
  expect(step(waiting, { kind: 'known', receipt: receipt(1, 'against') })).toMatchObject({ phase: 'waiting', choice: 'for', kept: { choice: 'against' } });
});

test('after such a refusal the next number is free of both', () => {
  const refused = step(waiting, { kind: 'refusal', n: 1, code: 'equivocation' });
  const told = step(refused, { kind: 'known', receipt: receipt(4, 'against') });
  expect(step(told, { kind: 'sent', choice: 'for' })).toMatchObject({ phase: 'waiting', n: 5 });
});

test('only words about the ballot itself end the sending', () => {
  expect(isPassing('offline', 0)).toBe(true);
  expect(isPassing('unavailable', 503)).toBe(true);
  expect(isPassing('too_many', 429)).toBe(true);
  expect(isPassing('not_signed_in', 401)).toBe(true);
  expect(isPassing('question_paused', 409)).toBe(true);
  expect(isPassing('equivocation', 409)).toBe(false);
  expect(isPassing('not_entitled', 403)).toBe(false);
});

test('the pause grows and stays short enough for a vote', () => {
  expect([1, 2, 3, 20].map(pauseAfter)).toEqual([500, 1000, 2000, 8000]);
});
