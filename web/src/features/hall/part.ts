import { may } from '../../protocol/live';
import type { HallSheet, Id, MyPart, Question, View } from '../../protocol/types';
import { all, participantsOf } from '../../protocol/view';

/**
 * What is mine to do with a vote taken in the hall: write the first sheet, write the second without having seen the
 * first, wait for the other, or only look on.
 */
export type Part = 'first' | 'second' | 'wait' | 'look';

/** The sheets of the question, if I may know how they stand. */
export function sheetOf(view: View, question: Question): HallSheet | null {
  return (question.way === 'hands' ? view.hands : view.counts)?.[question.id] ?? null;
}

export function partOf(view: View, question: Question, me: MyPart): Part {
  const sheet = sheetOf(view, question);
  if (!(question.way === 'hands' ? writesHands(view, me, sheet) : counts(view, question, me))) return 'look';
  if (!sheet) return 'first';
  return sheet.entered_by === me.person ? 'wait' : 'second';
}

/** Secretaries write; the chair holds the second sheet where one secretary is there. */
function writesHands(view: View, me: MyPart, sheet: HallSheet | null): boolean {
  if (may(me, 'hall.enter')) return true;
  if (!may(me, 'hall.confirm') || !sheet) return false;
  const here = participantsOf(view).filter((one) => one.role === 'secretary' && view.presences?.[one.id]?.is_present);
  return here.length <= 1;
}

/** Any of the board that was elected last before the question, unless the ballots are about that very person. */
function counts(view: View, question: Question, me: MyPart): boolean {
  return boardFor(view, question)?.members.includes(me.person) === true && !(question.candidates ?? []).some((one) => one.person === me.person);
}

export function boardFor(view: View, question: Question): { readonly head: Id; readonly members: readonly Id[] } | null {
  const before = all(view, 'boards').filter((board) => board.seated_at <= question.opened_at);
  return before.sort((a, b) => b.seated_at.localeCompare(a.seated_at))[0] ?? null;
}
