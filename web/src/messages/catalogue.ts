/**
 * Sentences with places in them. `{name}` puts a value in; a number is written as the language writes numbers.
 * `{n:paper|papers}` chooses a word by the number `n` (Vietnamese needs only one form and simply does not use it).
 */
export type Params = Readonly<Record<string, string | number>>;

const PLACE = /\{(\w+)(?::([^{}]*))?\}/g;

export function fill(sentence: string, params: Params, locale: string): string {
  return sentence.replace(PLACE, (whole, name: string, forms: string | undefined) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (forms === undefined) return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value;
    const [one = '', other = one] = forms.split('|');
    return new Intl.PluralRules(locale).select(Number(value)) === 'one' ? one : other;
  });
}

/** The places a sentence has, sorted; the test compares languages by them. */
export function placesOf(sentence: string): string[] {
  return [...new Set([...sentence.matchAll(PLACE)].map((found) => found[1] ?? ''))].sort();
}
