import type { Id, Participant, Position, Stance, View } from '../../protocol/types';
import { all, participantsOf } from '../../protocol/view';

/** What the members say of an item, in order of protocol; null for who has said nothing. Who takes no part is not asked. */
export interface Said {
  readonly member: Participant;
  readonly position: Position | null;
}

export function saidOf(view: View, item: Id): Said[] {
  const out = new Set(all(view, 'recusals').filter((one) => one.item === item).map((one) => one.person));
  return participantsOf(view)
    .filter((member) => member.votes && !out.has(member.id))
    .map((member) => ({ member, position: view.positions?.[`${item}:${member.id}`] ?? null }));
}

export interface Count extends Readonly<Record<Stance, number>> {
  readonly all: number;
  readonly silent: number;
}

export function countOf(said: readonly Said[]): Count {
  const of = (stance: Stance): number => said.filter(({ position }) => position?.stance === stance).length;
  return { all: said.length, silent: said.filter(({ position }) => !position).length, no_objection: of('no_objection'), opinion: of('opinion'), floor: of('floor') };
}

/** Whether everybody was heard and nobody objects. Who has said nothing has not agreed. */
export function isUnopposed(count: Count): boolean {
  return count.all > 0 && count.no_objection === count.all;
}
