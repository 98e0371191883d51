import type { Id, StrawPoll, View } from '../../protocol/types';

/** With fewer answers the server counts nothing. */
export const FEWEST = 5;

/** The straw poll to show on an item: the open one, else the one that ended last with a word to say. */
export function strawOf(view: View, item: Id | null): StrawPoll | null {
  const polls = Object.values(view.straw_polls ?? {}).filter((one) => one.item === item && one.status !== 'cancelled');
  return polls.find((one) => one.status === 'open') ?? polls.sort((one, other) => (other.closed_at ?? '').localeCompare(one.closed_at ?? ''))[0] ?? null;
}

/** A share of those who answered, two decimals, rounded half up in integers: shareOf(1, 3) is "33.33". */
export function shareOf(count: number, answered: number): string {
  const hundredths = Math.floor((2 * count * 10_000 + answered) / (2 * answered));
  return `${String(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, '0')}`;
}
