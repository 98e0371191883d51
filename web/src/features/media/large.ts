import { chairOf, speakingTurn } from '../../protocol/live';
import type { Id, Participant, View } from '../../protocol/types';
import { participantsOf } from '../../protocol/view';

/** Who is shown large: who has the floor; else who was heard last; else the chair. */
export function largeOf(view: View, heardLast: Id | null): Participant | null {
  const holder = speakingTurn(view)?.person ?? heardLast;
  return (holder && view.participants?.[holder]) || chairOf(view);
}

/**
 * The strip beside it: those at the table always, absent ones too; secretaries and guests while they are here. In order
 * of protocol, without the one shown large.
 */
export function stripOf(view: View, large: Id | null): Participant[] {
  return participantsOf(view).filter((one) => one.id !== large && (isAtTable(one) || view.presences?.[one.id]?.is_connected === true));
}

function isAtTable(one: Participant): boolean {
  return one.role === 'chair' || one.role === 'member' || one.role === 'stand_in';
}
