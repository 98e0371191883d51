/** Days are keys like 2026-11-25, so that no time zone can move them. */

export interface Square {
  readonly day: string;
  readonly isInMonth: boolean;
}

/** The weeks of a month, Monday first, filled up with the days around it. `month` is 2026-11. */
export function weeksOf(month: string): Square[][] {
  const first = new Date(`${month}-01T00:00:00Z`);
  const before = (first.getUTCDay() + 6) % 7;
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const rows = Math.ceil((before + days) / 7);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: 7 }, (_, column) => {
      const day = key(new Date(first.getTime() + (row * 7 + column - before) * 86_400_000));
      return { day, isInMonth: day.startsWith(month) };
    }),
  );
}

/** The month `by` months after `month`. */
export function shift(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return key(new Date(Date.UTC(year, number - 1 + by, 1))).slice(0, 7);
}

function key(date: Date): string {
  return date.toISOString().slice(0, 10);
}
