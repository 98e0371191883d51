import { currentItem, endedOf, openQuestion, speakingTurn } from '../../protocol/live';
import type { Item, Question, Turn, View } from '../../protocol/types';

/** What the hall looks at: the vote under way, a result until somebody speaks after it, or who has the floor. */
export type Showing =
  | { readonly kind: 'vote'; readonly question: Question }
  | { readonly kind: 'result'; readonly question: Question }
  | { readonly kind: 'floor'; readonly turn: Turn }
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'nothing' };

export function showing(view: View): Showing {
  const open = openQuestion(view);
  if (open) return { kind: 'vote', question: open };
  const item = currentItem(view);
  const turn = speakingTurn(view);
  const ended = endedOf(view, item?.id ?? null).find((one) => one.status === 'closed');
  /* Items adopted together are shown until the first of the others begins. */
  const closed = item === null && ended && hasBegunSince(view, ended) ? undefined : ended;
  const isFresh = closed && !(turn?.started_at && closed.closed_at && turn.started_at > closed.closed_at);
  if (closed && isFresh) return { kind: 'result', question: closed };
  if (turn) return { kind: 'floor', turn };
  return item ? { kind: 'item', item } : { kind: 'nothing' };
}

function hasBegunSince(view: View, question: Question): boolean {
  return Object.values(view.items ?? {}).some((item) => item.started_at !== null && question.closed_at !== null && item.started_at > question.closed_at);
}
