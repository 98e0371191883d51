import { nameOf } from '../../protocol/live';
import type { Id, Question, View } from '../../protocol/types';
import { all } from '../../protocol/view';

/** Who said that the line was lost during a vote, by name, in the order in which they said so. */
export function lostOn(view: View, question: Question): string[] {
  return all(view, 'incidents')
    .filter((incident) => incident.question === question.id)
    .sort((a, b) => a.at.localeCompare(b.at))
    .map((incident) => nameOf(view, incident.person));
}

/** Whether somebody on the roll has no ballot in a vote that ended; who settles its tie has been heard. */
export function missed(question: Question, person: Id): boolean {
  return question.settler !== person && question.way === 'electronic' && question.roll.includes(person) && question.ballots !== null && !question.ballots.some((ballot) => ballot.person === person);
}
