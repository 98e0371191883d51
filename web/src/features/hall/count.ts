import type { Id, Question } from '../../protocol/types';

export const PAPERS = ['issued', 'returned', 'valid', 'invalid'] as const;
export const LEVELS = ['high', 'mid', 'low'] as const;
export type Level = (typeof LEVELS)[number];
export type Levels = Readonly<Record<Level, number>>;

/** A count as it is sent: votes by option or candidate, or levels by candidate. */
export interface Counted {
  readonly issued: number;
  readonly returned: number;
  readonly valid: number;
  readonly invalid: number;
  readonly votes: Readonly<Record<string, number>>;
  readonly ratings: Readonly<Record<string, Levels>>;
}

/** What is typed, by line: "issued", "votes.for", "ratings.candidate-1.low". A field left empty is "". */
export type Draft = Readonly<Record<string, string>>;

export interface Line {
  readonly id: Id;
  readonly label: string;
}

/** What is counted besides the papers themselves: the candidates, or the answers on the ballot. */
export function linesOf(question: Question, label: (option: string) => string): Line[] {
  if (question.method === 'election' || question.method === 'rating') return (question.candidates ?? []).map(({ id, name }) => ({ id, label: name }));
  return question.options.map(({ id }) => ({ id, label: label(id) }));
}

/** Every field of the form, in its order. */
export function fieldsOf(question: Question): string[] {
  const lines = linesOf(question, String).map((line) => line.id);
  const votes = question.method === 'rating' ? lines.flatMap((line) => LEVELS.map((level) => `ratings.${line}.${level}`)) : lines.map((line) => `votes.${line}`);
  return [...PAPERS, ...votes];
}

/** A whole number that is not negative; null for anything else. */
export function numberOf(typed: string | undefined): number | null {
  const plain = (typed ?? '').trim();
  return /^\d{1,4}$/.test(plain) ? Number(plain) : null;
}

export type Reason =
  | 'issued_more_than_roll'
  | 'returned_more_than_issued'
  | 'valid_and_invalid'
  | 'votes_more_than_valid'
  | 'votes_are_not_valid'
  | 'votes_more_than_seats'
  | 'levels_more_than_valid';

export interface Fault {
  readonly reason: Reason;
  readonly fields: readonly string[];
  readonly sum: number;
  /** What the sum may be, or must be. */
  readonly limit: number;
}

/** What cannot be true of the numbers typed so far; a field that is still empty accuses nobody. */
export function faultsOf(draft: Draft, question: Question): Fault[] {
  const [issued, returned, valid, invalid] = PAPERS.map((name) => numberOf(draft[name]));
  const faults: Fault[] = [];
  const blame = (reason: Reason, fields: readonly string[], sum: number, limit: number): void => void faults.push({ reason, fields, sum, limit });
  const voters = question.roll.length;
  if (is(issued) && issued > voters) blame('issued_more_than_roll', ['issued'], issued, voters);
  if (is(issued) && is(returned) && returned > issued) blame('returned_more_than_issued', ['returned'], returned, issued);
  if (is(returned) && is(valid) && is(invalid) && valid + invalid !== returned) blame('valid_and_invalid', ['valid', 'invalid'], valid + invalid, returned);
  if (is(valid)) faults.push(...(question.method === 'rating' ? levelFaults(draft, question, valid) : voteFaults(draft, question, valid)));
  return faults;
}

function voteFaults(draft: Draft, question: Question, valid: number): Fault[] {
  const fields = fieldsOf(question).filter((field) => field.startsWith('votes.'));
  const numbers = fields.map((field) => numberOf(draft[field]));
  const over = fields.filter((_, place) => (numbers[place] ?? 0) > valid);
  if (over.length) return [{ reason: 'votes_more_than_valid', fields: over, sum: Math.max(...numbers.map((one) => one ?? 0)), limit: valid }];
  const sum = numbers.reduce<number>((total, one) => total + (one ?? 0), 0);
  if (question.method === 'election') {
    const most = valid * (question.seats ?? 1);
    return sum > most ? [{ reason: 'votes_more_than_seats', fields, sum, limit: most }] : [];
  }
  const isFull = numbers.every(is);
  return (isFull && sum !== valid) || sum > valid ? [{ reason: 'votes_are_not_valid', fields, sum, limit: valid }] : [];
}

function levelFaults(draft: Draft, question: Question, valid: number): Fault[] {
  return (question.candidates ?? []).flatMap(({ id }) => {
    const fields = LEVELS.map((level) => `ratings.${id}.${level}`);
    const sum = fields.reduce((total, field) => total + (numberOf(draft[field]) ?? 0), 0);
    return sum > valid ? [{ reason: 'levels_more_than_valid' as const, fields, sum, limit: valid }] : [];
  });
}

const is = (value: number | null | undefined): value is number => value !== null && value !== undefined;

/** Fields still empty, or holding no number. */
export function missingOf(draft: Draft, question: Question): string[] {
  return fieldsOf(question).filter((field) => numberOf(draft[field]) === null);
}

/** What is sent once nothing is missing. */
export function countedOf(draft: Draft, question: Question): Counted {
  const at = (field: string): number => numberOf(draft[field]) ?? 0;
  const lines = linesOf(question, String).map((line) => line.id);
  const isRating = question.method === 'rating';
  return {
    issued: at('issued'),
    returned: at('returned'),
    valid: at('valid'),
    invalid: at('invalid'),
    votes: isRating ? {} : Object.fromEntries(lines.map((line) => [line, at(`votes.${line}`)])),
    ratings: isRating
      ? Object.fromEntries(lines.map((line) => [line, { high: at(`ratings.${line}.high`), mid: at(`ratings.${line}.mid`), low: at(`ratings.${line}.low`) }]))
      : {},
  };
}

/** A count back in the form. */
export function draftOf(counted: Counted): Draft {
  const votes = Object.entries(counted.votes).map(([line, number]) => [`votes.${line}`, String(number)]);
  const ratings = Object.entries(counted.ratings).flatMap(([line, levels]) => LEVELS.map((level) => [`ratings.${line}.${level}`, String(levels[level])]));
  return Object.fromEntries([...PAPERS.map((name) => [name, String(counted[name])]), ...votes, ...ratings]);
}
