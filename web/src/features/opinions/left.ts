/** How long there is to answer: what to say, and how loudly. `n` counts whole units. */
export interface Left {
  readonly key: 'slips.left.days' | 'slips.left.hours' | 'slips.left.minutes' | 'slips.left.over';
  readonly n: number;
  readonly tone: 'calm' | 'near' | 'over';
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function leftOf(deadline: Date, now: Date): Left {
  const left = deadline.getTime() - now.getTime();
  if (left <= 0) return { key: 'slips.left.over', n: 0, tone: 'over' };
  if (left < HOUR) return { key: 'slips.left.minutes', n: Math.max(1, Math.floor(left / MINUTE)), tone: 'near' };
  if (left < 2 * DAY) return { key: 'slips.left.hours', n: Math.floor(left / HOUR), tone: left < DAY ? 'near' : 'calm' };
  return { key: 'slips.left.days', n: Math.floor(left / DAY), tone: 'calm' };
}

/** A deadline that still lies ahead; where it has passed, the same hour of a day that comes, three days on. */
export function laterDay(deadline: Date, now: Date): Date {
  if (deadline > now) return deadline;
  const days = Math.ceil((now.getTime() - deadline.getTime()) / DAY) + 2;
  return new Date(deadline.getTime() + days * DAY);
}
