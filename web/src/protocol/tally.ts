import type { Question } from './types';

export type Kind = 'for' | 'against' | 'abstain' | 'none';
export interface Part {
  readonly kind: Kind;
  readonly label: string;
  readonly count: number;
}

/** The parts of an approval vote over its base, in the order they are always shown. */
export function partsOf(question: Question, words: Readonly<Record<Kind, string>>): Part[] {
  const { verdict } = question;
  if (!verdict) return [];
  const cast = (['for', 'against', 'abstain'] as const).map((kind) => ({
    kind,
    label: words[kind],
    count: verdict.counts[kind] ?? 0,
  }));
  const sum = cast.reduce((total, part) => total + part.count, 0);
  return [...cast, { kind: 'none', label: words.none, count: Math.max(0, verdict.base - sum) }];
}
