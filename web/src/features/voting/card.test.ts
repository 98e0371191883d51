import { expect, test } from 'vitest';
import type { MyPart } from '../../protocol/types';
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

test('my own ballot comes first, then those of members who gave me their vote', () => {
  const proxies = { a: 'p', b: 'q', c: 'p' };
  expect(mandatesOf({ roll: ['p', 'a', 'b', 'c'], way: 'electronic', proxies }, 'p')).toEqual([null, 'a', 'c']);
});

test('who gave his vote away answers not himself', () => {
  expect(mandatesOf({ roll: ['p'], way: 'electronic', proxies: { p: 'q' } }, 'p')).toEqual([]);
});

test('hands and papers have no card to send', () => {
  expect(mandatesOf({ roll: ['p'], way: 'hands', proxies: {} }, 'p')).toEqual([]);
  expect(mandatesOf({ roll: ['p'], way: 'paper', proxies: {} }, 'p')).toEqual([]);
});
