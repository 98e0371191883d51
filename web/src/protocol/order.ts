/** The order with `id` moved to `to`, counted in the order without it. */
export function moved<Id>(order: readonly Id[], id: Id, to: number): Id[] {
  const rest = order.filter((one) => one !== id);
  rest.splice(Math.min(rest.length, Math.max(0, to)), 0, id);
  return rest;
}
