import { nameOf } from '../../protocol/live';
import type { Question, View } from '../../protocol/types';
import { all } from '../../protocol/view';

/** Who said that the line was lost during a vote, by name, in the order in which they said so. */
export function lostOn(view: View, question: Question): string[] {
  return all(view, 'incidents')
    .filter((incident) => incident.question === question.id)
    .sort((a, b) => a.at.localeCompare(b.at))
    .map((incident) => nameOf(view, incident.person));
}
