import { type Part, partsOf as counted } from '../../protocol/tally';
import type { Question } from '../../protocol/types';

/** The seats of an approval vote, each part under its name in the reader's language. */
export function partsOf(question: Question, labelOf: (option: string) => string, none: string): Part[] {
  return counted(question, { for: labelOf('for'), against: labelOf('against'), abstain: labelOf('abstain'), none });
}
