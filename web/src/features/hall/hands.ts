import type { Id } from '../../protocol/types';

/** Whose answer was which; whoever gave none is left out. */
export type Answers = Readonly<Record<Id, string>>;

/** The person's answer, or none again when it was that already. */
export function answered(answers: Answers, person: Id, option: string | null): Answers {
  const { [person]: _, ...others } = answers;
  return option === null ? others : { ...others, [person]: option };
}

/** Everybody the same: the exceptions follow one by one. */
export function allAnswered(roll: readonly Id[], option: string): Answers {
  return Object.fromEntries(roll.map((person) => [person, option]));
}

export interface Sums {
  readonly of: Readonly<Record<string, number>>;
  /** Those without an answer, in the order of the roll. */
  readonly missing: readonly Id[];
}

/** How many hands for each answer, and who is missing. */
export function sumsOf(answers: Answers, roll: readonly Id[], options: readonly string[]): Sums {
  const of = Object.fromEntries(options.map((option) => [option, roll.filter((person) => answers[person] === option).length]));
  return { of, missing: roll.filter((person) => answers[person] === undefined) };
}
