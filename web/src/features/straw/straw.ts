import type { Id, StrawPoll, View } from '../../protocol/types';

/** With fewer answers the server counts nothing. */
export const FEWEST = 5;

/** The straw poll to show on an item: the open one, else the one that ended last with a word to say. */
export function strawOf(view: View, item: Id | null): StrawPoll | null {
  const polls = Object.values(view.straw_polls ?? {}).filter((one) => one.item === item && one.status !== 'cancelled');
  return polls.find((one) => one.status === 'open') ?? polls.sort((one, other) => (other.closed_at ?? '').localeCompare(one.closed_at ?? ''))[0] ?? null;
}
