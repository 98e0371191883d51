import { locale, localeTag } from './index.svelte';

/**
 * Moments in words. Bodies meet in Viet Nam and their deadlines are set there, so clocks show that zone whatever the
 * traveller's laptop says.
 */
export const ZONE = 'Asia/Ho_Chi_Minh';

type Moment = string | Date;

function format(moment: Moment, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(localeTag(), { timeZone: ZONE, ...options }).format(new Date(moment));
}

/** 08:00 */
export function clock(moment: Moment): string {
  return format(moment, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** 08:00:12 */
export function clockSeconds(moment: Moment): string {
  return format(moment, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
}

/** 25/11/2026 */
export function day(moment: Moment): string {
  return format(moment, { day: '2-digit', month: '2-digit', year: 'numeric' });
}

/** 25/11 */
export function dayShort(moment: Moment): string {
  const [, month, date] = dayKey(moment).split('-');
  return `${date}/${month}`;
}

/** Thứ Tư, 25 tháng 11 năm 2026; Wednesday, 25 November 2026 */
export function dayLong(moment: Moment): string {
  if (locale() === 'vi') {
    const [year, month, date] = dayKey(moment).split('-').map(Number);
    return `${weekday(moment)}, ${date} tháng ${month} năm ${year}`;
  }
  return capital(format(moment, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }));
}

/** Thứ Tư */
export function weekday(moment: Moment): string {
  return capital(format(moment, { weekday: 'long' }));
}

/** T4, Wed */
export function weekdayShort(moment: Moment): string {
  return format(moment, { weekday: 'short' }).replace('Thứ ', 'T');
}

/** Tháng 11 năm 2026, November 2026 */
export function month(moment: Moment): string {
  return capital(format(moment, { month: 'long', year: 'numeric' }));
}

/** The day in the body's zone as 2026-11-25: a key for calendars, and what a date field takes. */
export function dayKey(moment: Moment): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE }).format(new Date(moment));
}

/** 24-hour time for a time field. */
export function timeKey(moment: Moment): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' }).format(new Date(moment));
}

/** What a person typed into a date and a time field, in the body's zone. Viet Nam keeps +07:00 all year. */
export function momentOf(dateKey: string, time: string): string {
  return new Date(`${dateKey}T${time}:00+07:00`).toISOString();
}

/**
 * Until when in words people use: a deadline at midnight is the end of the day before. `time` is null then.
 */
export function deadline(moment: Moment): { readonly time: string | null; readonly day: Date } {
  const time = clock(moment);
  const at = new Date(moment);
  return time === '00:00' ? { time: null, day: new Date(at.getTime() - 1) } : { time, day: at };
}

export function addMinutes(moment: Moment, minutes: number): string {
  return new Date(new Date(moment).getTime() + minutes * 60_000).toISOString();
}

function capital(words: string): string {
  return words.charAt(0).toLocaleUpperCase(localeTag()) + words.slice(1);
}
