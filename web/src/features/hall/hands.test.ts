import { expect, test } from 'vitest';
import { allAnswered, answered, sumsOf } from './hands';

const roll = ['a', 'b', 'c'];

test('everybody agrees with one press, and the exceptions follow', () => {
  const answers = answered(allAnswered(roll, 'for'), 'b', 'against');
  expect(answers).toEqual({ a: 'for', b: 'against', c: 'for' });
  expect(sumsOf(answers, roll, ['for', 'against', 'abstain'])).toEqual({ of: { for: 2, against: 1, abstain: 0 }, missing: [] });
});

test('an answer taken back leaves the person missing, in the order of the roll', () => {
  const answers = answered(answered(allAnswered(roll, 'for'), 'c', null), 'a', null);
  expect(sumsOf(answers, roll, ['for']).missing).toEqual(['a', 'c']);
  expect(answers).toEqual({ b: 'for' });
});
