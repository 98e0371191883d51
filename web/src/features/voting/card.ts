import type { Id, MyPart, Participant, Question } from '../../protocol/types';

/** Why a person has no card for a question; null when there is one. */
export type NoCard = 'stand_in' | 'guest' | 'secretary' | 'late' | 'not_voting';

export function noCardOf(question: Pick<Question, 'roll'>, me: MyPart, participant: Pick<Participant, 'votes'> | undefined): NoCard | null {
  if (question.roll.includes(me.person)) return null;
  if (me.role === 'stand_in' || me.role === 'guest') return me.role;
  if (participant?.votes) return 'late';
  return me.role === 'secretary' ? 'secretary' : 'not_voting';
}

/** The ballots I have on a question: my own first (null), then those of absent members who asked me to answer. */
export function mandatesOf(question: Pick<Question, 'roll' | 'way' | 'proxies'>, person: Id): (Id | null)[] {
  if (question.way === 'hands' || question.way === 'paper') return [];
  const own = question.roll.includes(person) && !question.proxies?.[person] ? [null] : [];
  const given = Object.entries(question.proxies ?? {})
    .filter(([, holder]) => holder === person)
    .map(([giver]) => giver);
  return [...own, ...given];
}
