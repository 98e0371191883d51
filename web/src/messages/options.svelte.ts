import type { Question } from '../protocol/types';
import { locale, t } from './index.svelte';

const FIXED = ['for', 'against', 'abstain', 'other'] as const;
type Fixed = (typeof FIXED)[number];
const isFixed = (option: string): option is Fixed => (FIXED as readonly string[]).includes(option);

/**
 * An option in the reader's language. What everybody can choose has fixed ids; alternatives are named by the chair and
 * stay as they were put. In Vietnamese the body's own word holds.
 */
export function labelOf(question: Pick<Question, 'options' | 'method' | 'candidates'>, option: string): string {
  const given = question.options.find((one) => one.id === option)?.label ?? question.candidates?.find((one) => one.id === option)?.name ?? option;
  if (locale() === 'vi' || !isFixed(option)) return given;
  return option === 'other' && question.method === 'choice' ? t('vote.option.otherOption') : t(`vote.option.${option}`);
}

/** The verdict in a word: passed, not passed, which alternative was chosen, or why there is none. */
export function verdictWord(question: Question): string {
  const { verdict } = question;
  if (question.status === 'annulled') return t('result.annulled');
  if (question.election) return t('result.elected', { n: question.election.elected.length, of: question.seats ?? 0 });
  if (question.ratings) return t('result.rated');
  if (!verdict) return '';
  if (question.settled && verdict.outcome === 'undecided') return t(question.settled.side === 'for' ? 'meetings.outcome.passed' : 'meetings.outcome.not_passed');
  if (verdict.outcome === 'passed' && verdict.option && question.method === 'choice') return t('vote.chosen', { option: labelOf(question, verdict.option) });
  return t(`meetings.outcome.${verdict.outcome}`);
}

/** Which of an item's questions this is: "Phần 2/3", "Sửa đổi 1/2", nothing for the whole. */
export function kindWord(kind: Question['kind'], place: { readonly n: number; readonly of: number } | null): string {
  if (kind === 'whole') return t('plan.kind.whole');
  if (kind === 'block') return t('plan.kind.block');
  return place ? t(`plan.nth.${kind}`, { n: place.n, of: place.of }) : t(`plan.kind.${kind}`);
}
