import type { Item, ItemType } from '../../protocol/types';
import type { IconName } from '../../ui/icons';

/** Arithmetic of an agenda: when each item comes, and what moving one does. */

export const typeIcons: Readonly<Record<ItemType, IconName>> = {
  information: 'info',
  discussion: 'message-square-text',
  decision: 'gavel',
  choice: 'list',
};

/** When each item begins if everything before it takes its minutes; one more entry tells when the last one ends. */
export function timesOf(items: readonly Pick<Item, 'minutes'>[], startsAt: string): string[] {
  let at = Date.parse(startsAt);
  const times = [new Date(at).toISOString()];
  for (const item of items) {
    at += item.minutes * 60_000;
    times.push(new Date(at).toISOString());
  }
  return times;
}

/** Minutes left (positive) or lacking (negative) between the agenda's end and the meeting's. */
export function spare(items: readonly Pick<Item, 'minutes'>[], startsAt: string, endsAt: string): number {
  const end = timesOf(items, startsAt).at(-1) ?? startsAt;
  return Math.round((Date.parse(endsAt) - Date.parse(end)) / 60_000);
}
