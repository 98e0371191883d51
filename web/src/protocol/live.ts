import type { Id, Item, MyPart, Participant, Presence, Question, Quorum, Turn, View } from './types';
import { all, itemsOf, participantsOf } from './view';

/** Looks into the view of a meeting under way. */

export function currentItem(view: View): Item | null {
  return itemsOf(view).find((item) => item.phase === 'current') ?? null;
}

export function nextItem(view: View): Item | null {
  return itemsOf(view).find((item) => item.phase === 'pending') ?? null;
}

/** 1 for the first item of the agenda. */
export function numberOf(view: View, item: Id): number {
  return itemsOf(view).findIndex((one) => one.id === item) + 1;
}

/** The vote under way, also while it is paused. */
export function openQuestion(view: View): Question | null {
  return all(view, 'questions').find((question) => question.status === 'open' || question.status === 'paused') ?? null;
}

/** How many have answered a question. */
export function receivedFor(view: View, question: Id): number {
  return view.turnouts?.[question]?.received ?? 0;
}

/** The questions of an item that were not called off, the newest first. */
export function questionsOf(view: View, item: Id): Question[] {
  return all(view, 'questions')
    .filter((question) => isOn(question, item) && question.status !== 'cancelled')
    .sort((a, b) => b.opened_at.localeCompare(a.opened_at));
}

/** Whether a question is on an item; one question may be on several. */
export function isOn(question: Question, item: Id): boolean {
  return question.items?.includes(item) || question.item === item;
}

/** The votes that ended, annulled ones too: of an item, or of the block adopted before the first one. */
export function endedOf(view: View, item: Id | null): Question[] {
  const of = item === null ? all(view, 'questions').filter((question) => question.kind === 'block') : questionsOf(view, item);
  return of.filter((question) => question.status === 'closed' || question.status === 'annulled');
}

/** The votes of an item that ended with a verdict and still stand, the newest first. */
export function verdictsOf(view: View, item: Id): Question[] {
  return questionsOf(view, item).filter((question) => question.status === 'closed');
}

/** Those in line for the floor, the first to be called first. */
export function waitingTurns(view: View): Turn[] {
  return all(view, 'turns')
    .filter((turn) => turn.status === 'waiting')
    .sort((a, b) => a.asked_at.localeCompare(b.asked_at));
}

/** The turn that has the floor. */
export function speakingTurn(view: View): Turn | null {
  return all(view, 'turns').find((turn) => turn.status === 'speaking') ?? null;
}

export function nameOf(view: View, person: Id): string {
  return view.participants?.[person]?.name ?? '';
}

export function chairOf(view: View): Participant | null {
  return participantsOf(view).find((one) => one.role === 'chair') ?? null;
}

export function presenceOf(view: View, person: Id): Presence | null {
  return view.presences?.[person] ?? null;
}

export function quorumOf(view: View): Quorum | null {
  return all(view, 'quorums')[0] ?? null;
}

export function may(me: MyPart, action: string): boolean {
  return me.actions.includes(action);
}
