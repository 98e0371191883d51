/** Whether the machine has a network at all. The browser knows only "no" for sure. */
let up = $state(navigator.onLine);
addEventListener('online', () => (up = true));
addEventListener('offline', () => (up = false));

export function isOnline(): boolean {
  return up;
}
