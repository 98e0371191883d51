/** The window's title and what a screen reader hears on arriving: the screen's own words before the product's name. */
let words = $state.raw<() => string>(() => '');

export function title(): string {
  return words();
}

/** A screen says more exactly where the reader is, once it knows; as a function the words follow the language. */
export function retitle(next: string | (() => string)): void {
  words = typeof next === 'string' ? () => next : next;
}
