import type { Id, MyPart, Participant, Question, View } from '../../protocol/types';
import { all } from '../../protocol/view';

/** Why a person has no card for a question; null when there is one. */
export type NoCard = 'stand_in' | 'guest' | 'secretary' | 'late' | 'not_voting';

export function noCardOf(question: Pick<Question, 'roll'>, me: MyPart, participant: Pick<Participant, 'votes'> | undefined): NoCard | null {
  if (question.roll.includes(me.person)) return null;
  if (me.role === 'stand_in' || me.role === 'guest') return me.role;
  if (participant?.votes) return 'late';
  return me.role === 'secretary' ? 'secretary' : 'not_voting';
}

/** The ballots I have on a question: my own first (null), then those of absent members who asked me to answer. */
export function mandatesOf(question: Pick<Question, 'roll' | 'way'>, view: View, person: Id): (Id | null)[] {
  if (question.way === 'hands' || question.way === 'paper') return [];
  const own = question.roll.includes(person) ? [null] : [];
  const given = all(view, 'proxies')
    .filter((proxy) => proxy.holder === person && question.roll.includes(proxy.giver))
    .map((proxy) => proxy.giver);
  return [...own, ...given];
}
