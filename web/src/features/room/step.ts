import { currentItem, may, nextItem, openQuestion, questionsOf, quorumOf, waitingTurns } from '../../protocol/live';
import type { Item, MyPart, Question, Quorum, Turn, View } from '../../protocol/types';
import { all } from '../../protocol/view';

/** The one thing the chair does next. `short` is there when it is locked because too few are present. */
export type Step =
  | { readonly kind: 'open'; readonly short: Quorum | null }
  | { readonly kind: 'resume' }
  | { readonly kind: 'close_vote'; readonly question: Question }
  | { readonly kind: 'give'; readonly turn: Turn }
  | { readonly kind: 'put_question'; readonly item: Item; readonly short: Quorum | null }
  | { readonly kind: 'conclude'; readonly item: Item }
  | { readonly kind: 'start'; readonly item: Item }
  | { readonly kind: 'close' };

/** Null for who does not lead, and when there is nothing left to lead. */
export function nextStep(view: View, me: MyPart): Step | null {
  if (!may(me, 'meeting.lead')) return null;
  const meeting = all(view, 'meetings')[0];
  switch (meeting?.phase) {
    case 'convened':
      return { kind: 'open', short: shortOf(view) };
    case 'paused':
      return { kind: 'resume' };
    case 'open':
      return stepWithin(view);
    default:
      return null;
  }
}

function stepWithin(view: View): Step {
  const question = openQuestion(view);
  if (question) return { kind: 'close_vote', question };
  const item = currentItem(view);
  if (!item || item.conclusion) return onward(view);
  const [turn] = waitingTurns(view);
  if (turn) return { kind: 'give', turn };
  if (isForVote(item) && questionsOf(view, item.id).length === 0) return { kind: 'put_question', item, short: shortOf(view) };
  return { kind: 'conclude', item };
}

function onward(view: View): Step {
  const item = nextItem(view);
  return item ? { kind: 'start', item } : { kind: 'close' };
}

function isForVote(item: Item): boolean {
  return item.type === 'decision' || item.type === 'choice';
}

/** The quorum when it is not met. */
export function shortOf(view: View): Quorum | null {
  const quorum = quorumOf(view);
  return quorum && !quorum.is_quorate ? quorum : null;
}
