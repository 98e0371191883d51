/** Whether the window is too narrow for two columns. */
const wide = matchMedia('(min-width: 64rem)');
let narrow = $state(!wide.matches);
wide.addEventListener('change', () => (narrow = !wide.matches));

export function isNarrow(): boolean {
  return narrow;
}
