import { expect, test } from 'vitest';
import { partOf, partsOf, percent, resultRows } from './tally';
import type { Question } from './types';

const options = ['for', 'against', 'abstain', 'other'].map((id) => ({ id, label: id }));
const question = (verdict: object, more: object = {}): Question => ({ options, papers: null, verdict, ...more }) as unknown as Question;
const words = { for: 'for', against: 'against', abstain: 'abstain', other: 'other', none: 'none' };

test('every seat of the base is one pip: cast ones by choice, the rest empty', () => {
  expect(partsOf(question({ counts: { for: 4, against: 1, abstain: 0 }, base: 7 }), words).map((part) => [part.kind, part.count])).toEqual([
    ['for', 4],
    ['against', 1],
    ['abstain', 0],
    ['none', 2],
  ]);
});

test('other opinions have their own pips where there are any', () => {
  expect(partsOf(question({ counts: { for: 4, against: 0, abstain: 0, other: 2 }, base: 7 }), words).map((part) => part.count)).toEqual([4, 0, 0, 2, 1]);
});

test('the table tells who took part, each answer, silence and absence, with shares of all', () => {
  const verdict = { counts: { for: 5, against: 0, abstain: 0, other: 1 }, not_voted: 0, absent: 1, shares: {}, shares_of_all: { took_part: '85.71', for: '71.43', absent: '14.29' } };
  expect(resultRows(question(verdict)).map((row) => [row.key, row.count, row.share])).toEqual([
    ['took_part', 6, '85.71'],
    ['for', 5, '71.43'],
    ['against', 0, null],
    ['abstain', 0, null],
    ['other', 1, null],
    ['not_voted', 0, null],
    ['absent', 1, '14.29'],
  ]);
});

test('papers have a line for invalid ones, whose voters took part', () => {
  const rows = resultRows(question({ counts: { for: 5, invalid: 2 }, not_voted: 0, absent: 0, shares: {} }, { papers: {} }));
  expect(rows.find((row) => row.key === 'took_part')?.count).toBe(7);
  expect(rows.find((row) => row.key === 'invalid')?.count).toBe(2);
});

test('a share is written as the language writes it', () => {
  expect(percent('85.71', 'vi-VN')).toBe('85,71 %');
  expect(percent('85.71', 'en-GB')).toBe('85.71%');
});

test('shares are rounded half up to two decimals', () => {
  expect([partOf(1, 3), partOf(2, 3), partOf(1, 8), partOf(7, 7), partOf(0, 5), partOf(1, 0)]).toEqual(['33.33', '66.67', '12.50', '100.00', '0.00', '0.00']);
});
