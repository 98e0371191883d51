import { locale, t } from '../../messages/index.svelte';
import type { Question } from '../../protocol/types';

/**
 * An option in the reader's language. What everybody can choose has fixed ids; alternatives are named by the chair and
 * stay as they were put. In Vietnamese the body's own word holds.
 */
export function labelOf(question: Pick<Question, 'options'>, option: string): string {
  const given = question.options.find((one) => one.id === option)?.label ?? option;
  if (locale() === 'vi') return given;
  if (option === 'for' || option === 'against' || option === 'abstain' || option === 'other') return t(`vote.option.${option}`);
  return given;
}
