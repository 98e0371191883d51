import { fill, type Params } from './catalogue';
import { en } from './en';
import { vi, type Key } from './vi';

export type Locale = 'vi' | 'en';
export type { Key };

const KEPT = 'ecabinet.locale';
const catalogues: Readonly<Record<Locale, Readonly<Record<Key, string>>>> = { vi, en };
/** BCP 47 tags with the calendar habits we want: day before month in English too, as everywhere in Viet Nam. */
const tags: Readonly<Record<Locale, string>> = { vi: 'vi-VN', en: 'en-GB' };

function kept(): Locale {
  try {
    return localStorage.getItem(KEPT) === 'en' ? 'en' : 'vi';
  } catch {
    return 'vi'; // storage may be forbidden; the page still speaks
  }
}

let current = $state<Locale>(kept());

export function locale(): Locale {
  return current;
}

export function localeTag(): string {
  return tags[current];
}

export function speak(next: Locale): void {
  current = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // The choice then holds for this visit only.
  }
}

/** The sentence for `key` in the language in use. Read inside a template or an effect, it follows the language. */
export function t(key: Key, params: Params = {}): string {
  return fill(catalogues[current][key], params, tags[current]);
}

/** A key built at run time, from a code of the server: `fallback` when there is no such sentence. */
export function tCode(prefix: string, code: string, fallback: Key, params: Params = {}): string {
  const key = `${prefix}.${code}`;
  return key in vi ? t(key as Key, params) : t(fallback, params);
}
