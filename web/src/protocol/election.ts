import { verdictsOf } from './live';
import type { Id, Question, View } from './types';

/** The election of an item with seats left and somebody to stand for them again; null once the next round has ended. */
export function runOffOf(view: View, item: Id): Question | null {
  const last = verdictsOf(view, item).find((question) => question.method === 'election');
  const { seats_left = 0, run_off = [] } = last?.election ?? {};
  return last && seats_left > 0 && run_off.length > 0 ? last : null;
}

/** Who stands in it. */
export function runOffNames(question: Question): string[] {
  return (question.candidates ?? []).filter((one) => question.election?.run_off.includes(one.id)).map((one) => one.name);
}
