import type { MyPart, Participant, Question } from '../../protocol/types';

/** Why a person has no card for a question; null when there is one. */
export type NoCard = 'stand_in' | 'guest' | 'secretary' | 'late' | 'not_voting';

export function noCardOf(question: Pick<Question, 'roll'>, me: MyPart, participant: Pick<Participant, 'votes'> | undefined): NoCard | null {
  if (question.roll.includes(me.person)) return null;
  if (me.role === 'stand_in' || me.role === 'guest') return me.role;
  if (participant?.votes) return 'late';
  return me.role === 'secretary' ? 'secretary' : 'not_voting';
}
