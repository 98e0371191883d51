import { expect, test } from 'vitest';
import type { View } from '../../protocol/types';
import { countOf, isUnopposed, saidOf } from './count';

const member = (id: string, votes = true): object => ({ id, name: id, role: votes ? 'member' : 'secretary', order: Number(id), votes });
const position = (person: string, stance: string): [string, object] => [`i:${person}`, { id: `i:${person}`, item: 'i', person, stance, text: '' }];

function view(positions: readonly (readonly [string, object])[], recused: readonly string[] = []): View {
  return {
    participants: Object.fromEntries(['1', '2', '3'].map((id) => [id, member(id)]).concat([['4', member('4', false)]])),
    positions: Object.fromEntries(positions),
    recusals: Object.fromEntries(recused.map((person) => [`i:${person}`, { item: 'i', person }])),
  } as unknown as View;
}

test('every member with a vote is asked, in order, and silence is not agreement', () => {
  const said = saidOf(view([position('2', 'opinion'), position('1', 'no_objection')]), 'i');
  expect(said.map(({ member: one, position: declared }) => [one.id, declared?.stance ?? null])).toEqual([['1', 'no_objection'], ['2', 'opinion'], ['3', null]]);
  expect(countOf(said)).toEqual({ all: 3, silent: 1, no_objection: 1, opinion: 1, floor: 0 });
});

test('an item is unopposed when all who take part agree', () => {
  const agreed = [position('1', 'no_objection'), position('2', 'no_objection')];
  expect(isUnopposed(countOf(saidOf(view(agreed), 'i')))).toBe(false);
  expect(isUnopposed(countOf(saidOf(view(agreed, ['3']), 'i')))).toBe(true);
  expect(isUnopposed(countOf(saidOf(view([...agreed, position('3', 'floor')]), 'i')))).toBe(false);
  expect(isUnopposed(countOf([]))).toBe(false);
});
