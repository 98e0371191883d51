import { expect, test } from 'vitest';
import type { MyPart, View } from '../../protocol/types';
import { mandatesOf, noCardOf } from './card';

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

const view = (proxies: object): View => ({ proxies }) as unknown as View;

test('my own ballot comes first, then those of members on the roll who gave me their vote', () => {
  const proxies = { a: { id: 'a', giver: 'a', holder: 'p' }, b: { id: 'b', giver: 'b', holder: 'q' }, c: { id: 'c', giver: 'c', holder: 'p' } };
  expect(mandatesOf({ roll: ['p', 'a', 'b'], way: 'electronic' }, view(proxies), 'p')).toEqual([null, 'a']);
  expect(mandatesOf({ roll: ['a'], way: 'electronic' }, view(proxies), 'p')).toEqual(['a']);
});

test('hands and papers have no card to send', () => {
  expect(mandatesOf({ roll: ['p'], way: 'hands' }, view({}), 'p')).toEqual([]);
  expect(mandatesOf({ roll: ['p'], way: 'paper' }, view({}), 'p')).toEqual([]);
});
