/** The window's title and what a screen reader hears on arriving: the screen's own words before the product's name. */
let words = $state('');

export function title(): string {
  return words;
}

/** A screen says more exactly where the reader is, once it knows: "Biên bản: Phiên họp giao ban". */
export function retitle(next: string): void {
  words = next;
}
