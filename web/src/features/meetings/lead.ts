/**
 * The days between today and a session, and the deadline for papers among them. The server decides the deadline; this
 * only draws the days. A working day is Monday to Friday: public holidays are the server's knowledge and are already
 * in its deadline.
 */
export interface LeadDay {
  /** 2026-11-20, in the body's zone. */
  readonly day: string;
  readonly kind: 'past' | 'work' | 'rest' | 'due' | 'goal';
  readonly isToday: boolean;
  /** Days left out before this one because the line would be too long. */
  readonly skipped: number;
}

export interface Lead {
  /** Working days left until the deadline; 0 on the day itself, negative when it has passed. */
  readonly left: number;
  readonly isPast: boolean;
  readonly days: readonly LeadDay[];
}

const MOST = 9;

/**
 * due      the moment itself
 * dueOn    a moment on the last day: the day before, when the deadline is midnight
 */
export function leadOf(now: Date, due: Date, dueOn: Date, goal: Date, keyOf: (moment: Date) => string): Lead {
  const today = keyOf(now);
  const dueDay = keyOf(dueOn);
  const goalDay = keyOf(goal);
  const isPast = now >= due;
  const first = today < goalDay ? today : goalDay;
  const every = span(first < dueDay || isPast ? first : dueDay, goalDay);
  const kept = every.length > MOST ? [every[0] as string, ...every.slice(-(MOST - 1))] : every;
  const days = kept.map((day, index) => ({
    day,
    kind: day === goalDay ? ('goal' as const) : day === dueDay ? ('due' as const) : isRest(day) ? ('rest' as const) : day <= today ? ('past' as const) : ('work' as const),
    isToday: day === today,
    skipped: index === 1 ? every.length - kept.length : 0,
  }));
  const left = isPast ? 0 - workingDays(dueDay, today) : workingDays(today, dueDay);
  return { left, isPast, days };
}

/** `day` itself, or the Monday after it. */
export function workingDayFrom(day: string): string {
  return isRest(day) ? workingDayFrom(new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)) : day;
}

/** Working days after `from` up to and including `to`. */
export function workingDays(from: string, to: string): number {
  return span(from, to).slice(1).filter((day) => !isRest(day)).length;
}

function span(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

function isRest(day: string): boolean {
  return [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
}
