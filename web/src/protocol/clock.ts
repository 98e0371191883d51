/** 2:14, and -0:30 when over. */
export function minuteClock(seconds: number): string {
  const whole = Math.abs(seconds);
  return `${seconds < 0 ? '-' : ''}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Seconds left until a moment, never less than none; null when there is no such moment. */
export function secondsLeft(until: string | null, now: number): number | null {
  if (!until) return null;
  return Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
}
