import { isOn, verdictsOf } from './live';
import type { Id, Item, Plan, Position, Question, View } from './types';
import { all, itemsOf } from './view';

/** What the chair means to put, and what of it is already decided. */

export function plansOf(view: View, item: Id): Plan[] {
  return all(view, 'plans')
    .filter((plan) => plan.item === item)
    .sort((a, b) => a.position - b.position);
}

/** The question a plan became, or the latest repeat of it; null while it waits. */
export function questionOf(view: View, plan: Plan): Question | null {
  let question = plan.question ? (view.questions?.[plan.question] ?? null) : null;
  while (question?.repeated_by) question = view.questions?.[question.repeated_by] ?? null;
  return question && question.status !== 'cancelled' && question.status !== 'annulled' ? question : null;
}

/** The plan that comes next: parts and amendments in their order, the whole when none of them is left. */
export function nextPlan(view: View, item: Id): Plan | null {
  const waiting = plansOf(view, item).filter((plan) => !questionOf(view, plan));
  return waiting.find((plan) => plan.kind !== 'whole') ?? waiting[0] ?? null;
}

/** "2/3" of a part among the parts of its item; the whole is one alone. */
export function placeOf(view: View, plan: Plan): { readonly n: number; readonly of: number } {
  const alike = plansOf(view, plan.item).filter((one) => one.kind === plan.kind);
  return { n: alike.findIndex((one) => one.id === plan.id) + 1, of: alike.length };
}

/** Whether the item as a whole has been voted on with a result that stands; to elect tellers is not yet to decide. */
export function isDecided(view: View, item: Id): boolean {
  return verdictsOf(view, item).some((question) => question.kind !== 'part' && question.kind !== 'amendment' && !question.board);
}

/** Amendments and parts of an item that passed, in the order in which they were put. */
export function adopted(view: View, item: Id): Question[] {
  return verdictsOf(view, item)
    .filter((question) => (question.kind === 'amendment' || question.kind === 'part') && question.verdict?.outcome === 'passed')
    .reverse();
}

/**
 * The items nobody objects to, which may be adopted together by one vote: for decision, not begun, somebody has
 * declared himself on them and nobody has an opinion or asks for the floor.
 */
export function unopposed(view: View): Item[] {
  const positions = all(view, 'positions');
  const of = (item: Item): Position[] => positions.filter((position) => position.item === item.id);
  return itemsOf(view).filter(
    (item) =>
      item.phase === 'pending' &&
      item.type === 'decision' &&
      of(item).length > 0 &&
      of(item).every((position) => position.stance === 'no_objection') &&
      !all(view, 'questions').some((question) => isOn(question, item.id) && question.status !== 'cancelled' && question.status !== 'annulled'),
  );
}
