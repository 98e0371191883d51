import { expect, test } from 'vitest';
import type { MyPart } from '../../protocol/types';
import { noCardOf } from './card';
import { partsOf } from './parts';
import type { Question } from '../../protocol/types';

const as = (role: string): MyPart => ({ person: 'p', role }) as unknown as MyPart;

test('who is on the roll has a card', () => {
  expect(noCardOf({ roll: ['p'] }, as('member'), { votes: true })).toBeNull();
});

test('a stand-in and a guest are told so, whatever else they are', () => {
  expect(noCardOf({ roll: [] }, as('stand_in'), { votes: false })).toBe('stand_in');
  expect(noCardOf({ roll: [] }, as('guest'), { votes: false })).toBe('guest');
});

test('a member who came after the vote opened is late, not without a vote', () => {
  expect(noCardOf({ roll: ['q'] }, as('member'), { votes: true })).toBe('late');
});

test('a secretary without a seat has no vote', () => {
  expect(noCardOf({ roll: [] }, as('secretary'), { votes: false })).toBe('secretary');
  expect(noCardOf({ roll: [] }, as('secretary'), { votes: true })).toBe('late');
});

test('every seat of the base is one pip: cast ones by choice, the rest empty', () => {
  const question = { options: [], verdict: { counts: { for: 4, against: 1, abstain: 0 }, base: 7 } } as unknown as Question;
  expect(partsOf(question, (id) => id, 'none').map((part) => [part.kind, part.count])).toEqual([
    ['for', 4],
    ['against', 1],
    ['abstain', 0],
    ['none', 2],
  ]);
});
