import { expect, test } from 'vitest';
import type { Question } from '../../protocol/types';
import { countedOf, type Draft, draftOf, faultsOf, fieldsOf, missingOf, numberOf } from './count';

const asked = (more: Partial<Question>): Question =>
  ({
    method: 'election',
    roll: Array.from({ length: 14 }, (_, n) => `p${n}`),
    options: [{ id: 'for', label: 'Tán thành' }, { id: 'against', label: 'Không tán thành' }],
    candidates: ['c1', 'c2', 'c3'].map((id) => ({ id, name: id.toUpperCase() })),
    seats: 2,
    ...more,
  }) as Question;

const election = asked({});
const decision = asked({ method: 'approval', candidates: null, seats: null });
const rating = asked({ method: 'rating', seats: null });
const papers: Draft = { issued: '14', returned: '14', valid: '13', invalid: '1' };
const reasons = (draft: Draft, question: Question): string[] => faultsOf(draft, question).map((fault) => fault.reason);

test('only whole numbers count', () => {
  expect(['12', ' 0 ', '', '-1', '1,5', '1e2', '12345', undefined].map(numberOf)).toEqual([12, 0, null, null, null, null, null, null]);
});

test('what is still empty accuses nobody', () => {
  expect(reasons({}, election)).toEqual([]);
  expect(reasons({ issued: '14', valid: '13' }, decision)).toEqual([]);
  expect(missingOf({ ...papers, 'votes.c1': '12' }, election)).toEqual(['votes.c2', 'votes.c3']);
});

test.each([
  ['issued_more_than_roll', { ...papers, issued: '15' }, election],
  ['returned_more_than_issued', { ...papers, issued: '13' }, election],
  ['valid_and_invalid', { ...papers, invalid: '2' }, election],
  ['votes_more_than_valid', { ...papers, 'votes.c1': '14' }, election],
  ['votes_more_than_seats', { ...papers, 'votes.c1': '13', 'votes.c2': '13', 'votes.c3': '1' }, election],
  ['votes_are_not_valid', { ...papers, 'votes.for': '10', 'votes.against': '2' }, decision],
  ['votes_are_not_valid', { ...papers, 'votes.for': '10', 'votes.against': '4' }, decision],
  ['levels_more_than_valid', { ...papers, 'ratings.c2.high': '10', 'ratings.c2.low': '4' }, rating],
] as const)('%s is said while typing', (reason, draft, question) => {
  expect(reasons(draft, question)).toEqual([reason]);
});

test('an election may leave seats without votes, and a rating names without a level', () => {
  expect(reasons({ ...papers, 'votes.c1': '12', 'votes.c2': '9', 'votes.c3': '4' }, election)).toEqual([]);
  expect(reasons({ ...papers, 'ratings.c1.high': '9' }, rating)).toEqual([]);
});

test('a count comes back into the form as it was sent', () => {
  for (const question of [election, decision, rating]) {
    const draft: Draft = { ...papers, ...Object.fromEntries(fieldsOf(question).slice(4).map((field, n) => [field, String(n)])) };
    expect(draftOf(countedOf(draft, question))).toEqual(draft);
  }
});
