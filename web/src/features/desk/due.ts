/** How near a deadline is: what to say, and how loudly. `n` counts whole units. */
export interface Due {
  readonly key: 'desk.due.days' | 'desk.due.hours' | 'desk.due.over' | 'desk.due.now';
  readonly n: number;
  readonly tone: 'calm' | 'near' | 'over';
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export function dueIn(due: Date, now: Date): Due {
  const left = due.getTime() - now.getTime();
  if (left <= -DAY) return { key: 'desk.due.over', n: Math.floor(-left / DAY), tone: 'over' };
  if (left <= 0) return { key: 'desk.due.now', n: 0, tone: 'over' };
  if (left < 2 * DAY) return { key: 'desk.due.hours', n: Math.max(1, Math.floor(left / HOUR)), tone: 'near' };
  return { key: 'desk.due.days', n: Math.floor(left / DAY), tone: 'calm' };
}
