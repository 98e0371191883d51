import { runOffOf } from '../../protocol/election';
import { currentItem, may, nextItem, openQuestion, quorumOf, verdictsOf, waitingTurns } from '../../protocol/live';
import { isDecided, nextPlan, unopposed } from '../../protocol/plan';
import type { Item, MyPart, Plan, Question, Quorum, Turn, View } from '../../protocol/types';
import { all } from '../../protocol/view';

/** The one thing the chair does next. `short` is there when it is locked because too few are present. */
export type Step =
  | { readonly kind: 'open'; readonly short: Quorum | null }
  | { readonly kind: 'resume' }
  | { readonly kind: 'close_vote'; readonly question: Question }
  | { readonly kind: 'resume_vote'; readonly question: Question }
  /** Hands are being written down, or papers counted: others act. */
  | { readonly kind: 'count'; readonly question: Question }
  /** Votes are equal and the rule waits for one voice. */
  | { readonly kind: 'tie'; readonly question: Question }
  /** Seats are left, and there is somebody to stand for them again. */
  | { readonly kind: 'run_off'; readonly question: Question; readonly short: Quorum | null }
  | { readonly kind: 'give'; readonly turn: Turn }
  | { readonly kind: 'put_block'; readonly items: readonly Item[]; readonly short: Quorum | null }
  | { readonly kind: 'put_plan'; readonly item: Item; readonly plan: Plan; readonly short: Quorum | null }
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
      // Whoever has withdrawn from what is before the meeting does not lead it on: somebody else has to preside.
      return me.recused.includes(currentItem(view)?.id ?? '') ? null : stepWithin(view);
    default:
      return null;
  }
}

function stepWithin(view: View): Step {
  const question = openQuestion(view);
  if (question) return stepOfVote(question);
  const item = currentItem(view);
  if (!item || item.conclusion) return onward(view);
  const tied = tieOf(view, item);
  if (tied) return { kind: 'tie', question: tied };
  const again = runOffOf(view, item.id);
  if (again) return { kind: 'run_off', question: again, short: shortOf(view) };
  const [turn] = waitingTurns(view);
  if (turn) return { kind: 'give', turn };
  const plan = nextPlan(view, item.id);
  if (plan) return { kind: 'put_plan', item, plan, short: shortOf(view) };
  if (isForVote(item) && !isDecided(view, item.id)) return { kind: 'put_question', item, short: shortOf(view) };
  return { kind: 'conclude', item };
}

function stepOfVote(question: Question): Step {
  if (question.status === 'paused') return { kind: 'resume_vote', question };
  return { kind: isCounted(question) ? 'count' : 'close_vote', question };
}

/** Whether the vote ends by a count of hands or papers, not by the chair's word. */
export function isCounted(question: Question): boolean {
  return question.way === 'hands' || question.way === 'paper';
}

/** The vote of an item that waits for the voice that settles a tie; where nobody may settle it, nothing waits. */
export function tieOf(view: View, item: Item): Question | null {
  return verdictsOf(view, item.id).find((question) => question.verdict?.outcome === 'undecided' && question.settler && !question.settled) ?? null;
}

/** At the opening, before any item: those nobody objects to can go together. */
export function blockOf(view: View): readonly Item[] {
  const begun = currentItem(view) !== null || all(view, 'items').some((item) => item.phase === 'done');
  const items = begun || all(view, 'questions').some((question) => question.kind === 'block') ? [] : unopposed(view);
  return items.length > 1 ? items : [];
}

function onward(view: View): Step {
  const items = blockOf(view);
  if (items.length) return { kind: 'put_block', items, short: shortOf(view) };
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
