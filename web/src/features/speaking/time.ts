import type { Turn } from '../../protocol/types';

/** The speeches a chair can choose between; the middle one is the usual. */
export const MINUTES = [3, 5, 10] as const;
export const USUAL_MINUTES = 5;

/** Seconds a speaker has left; negative when over; null when no time was set. */
export function leftOf(turn: Pick<Turn, 'started_at' | 'allotted_s'>, now: number): number | null {
  if (!turn.started_at || turn.allotted_s === null) return null;
  return Math.round(turn.allotted_s - (now - Date.parse(turn.started_at)) / 1000);
}
