import type { Question } from './types';

export type Kind = 'for' | 'against' | 'abstain' | 'other' | 'none';
export interface Part {
  readonly kind: Kind;
  readonly label: string;
  readonly count: number;
}

/** The parts of an approval vote over its base, in the order they are always shown. */
export function partsOf(question: Question, words: Readonly<Record<Kind, string>>): Part[] {
  const { verdict } = question;
  if (!verdict) return [];
  const kinds = (['for', 'against', 'abstain', 'other'] as const).filter((kind) => kind !== 'other' || (verdict.counts['other'] ?? 0) > 0);
  const cast = kinds.map((kind) => ({ kind, label: words[kind], count: verdict.counts[kind] ?? 0 }));
  const sum = cast.reduce((total, part) => total + part.count, 0);
  return [...cast, { kind: 'none', label: words.none, count: Math.max(0, verdict.base - sum) }];
}

/** Whether a vote ended with something to show: a verdict, an election, ratings. */
export function hasResult(question: Question): boolean {
  return Boolean(question.verdict || question.election || question.ratings);
}

/** What a line of the result table counts; options carry their own id. */
export type RowName = 'took_part' | 'not_voted' | 'absent' | 'invalid' | { readonly option: string };
export interface ResultRow {
  readonly key: string;
  readonly name: RowName;
  readonly count: number;
  /** Percent of all members with two decimals, as the wire says it: "85.71"; null when it was not told. */
  readonly share: string | null;
}

/**
 * The result as these bodies print it: who took part, each answer, who was there and cast nothing, who was away; each
 * with its share of all members.
 */
export function resultRows(question: Question): ResultRow[] {
  const { verdict } = question;
  if (!verdict) return [];
  const options = question.options.map((option) => option.id);
  const invalid = verdict.counts['invalid'] ?? 0;
  const tookPart = options.reduce((total, option) => total + (verdict.counts[option] ?? 0), invalid);
  const row = (key: string, name: RowName, count: number): ResultRow => ({ key, name, count, share: verdict.shares_of_all?.[key] ?? verdict.shares[key] ?? null });
  return [
    row('took_part', 'took_part', tookPart),
    ...options.map((option) => row(option, { option }, verdict.counts[option] ?? 0)),
    ...(question.papers ? [row('invalid', 'invalid', invalid)] : []),
    row('not_voted', 'not_voted', verdict.not_voted),
    row('absent', 'absent', verdict.absent),
  ];
}

/** "85.71" as the reader's language writes it: "85,71 %". */
export function percent(share: string, tag: string): string {
  const [whole = '0', part = '00'] = share.split('.');
  return tag.startsWith('vi') ? `${whole},${part} %` : `${whole}.${part}%`;
}

/** A share of all members as the wire would say it: "85.71", rounded half up. */
export function shareOf(count: number, members: number): string {
  if (members <= 0) return '0.00';
  const hundredths = Math.floor((count * 20_000 + members) / (2 * members));
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
}

/** A share with two decimals, rounded half up in integers: partOf(1, 3) is "33.33"; "0.00" of nothing. */
export function partOf(count: number, whole: number): string {
  if (whole === 0) return '0.00';
  const hundredths = Math.floor((2 * count * 10_000 + whole) / (2 * whole));
  return `${String(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, '0')}`;
}
