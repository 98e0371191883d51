import type { Component } from 'svelte';
import type { Key } from '../messages/index.svelte';

/**
 * A screen and where it lives. Every file in `routes/` exports one as `route`; adding a screen is adding a file.
 *
 * path      segments, `:name` for a parameter: `/meetings/:meeting/minutes`
 * title     the sentence for the window's title; the screen may say it more exactly with `retitle`
 * section   which entry of the top bar is current
 * chrome    'page' stands under the top bar; 'bare' has the whole window (the room, the hall, sign-in)
 * open      may be seen without having signed in
 */
export interface Route {
  readonly path: string;
  readonly title: Key;
  readonly section?: 'desk' | 'meetings' | 'slips';
  readonly chrome: 'page' | 'bare';
  readonly open?: boolean;
  /** A screen gets `params`; one that needs none may leave them alone, hence the loose type. */
  readonly screen: () => Promise<{ default: Component<any> }>;
}

export type Params = Readonly<Record<string, string>>;

export interface Found {
  readonly route: Route;
  readonly params: Params;
}

/** The first route whose path fits, fixed words before parameters; null when none does. */
export function match(routes: readonly Route[], pathname: string): Found | null {
  const given = pathname.split('/').filter(Boolean);
  for (const route of [...routes].sort(byFixedWordsFirst)) {
    const params = fit(route.path.split('/').filter(Boolean), given);
    if (params) return { route, params };
  }
  return null;
}

function byFixedWordsFirst(a: Route, b: Route): number {
  return a.path.split(':').length - b.path.split(':').length;
}

function fit(pattern: readonly string[], given: readonly string[]): Params | null {
  if (pattern.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, word] of pattern.entries()) {
    const value = given[index] ?? '';
    if (word.startsWith(':')) params[word.slice(1)] = decodeURIComponent(value);
    else if (word !== value) return null;
  }
  return params;
}

const place = $state({ pathname: '/', search: '' });
let guard: (() => boolean) | null = null;

/** Where the reader is. */
export function here(): { readonly pathname: string; readonly search: string } {
  return place;
}

export function navigate(to: string, { replace = false } = {}): void {
  if (guard && !guard()) return;
  guard = null;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  read();
  if (!replace) scrollTo(0, 0);
}

/** Ask `mayLeave` before the next in-page navigation; the screen takes it back with `null`. */
export function beforeLeaving(mayLeave: (() => boolean) | null): void {
  guard = mayLeave;
}

/** Follow the address bar and in-page links from now on; returns the way to stop. */
export function follow(): () => void {
  read();
  const onPop = (): void => read();
  addEventListener('popstate', onPop);
  document.addEventListener('click', onClick);
  return () => {
    removeEventListener('popstate', onPop);
    document.removeEventListener('click', onClick);
  };
}

function read(): void {
  place.pathname = location.pathname;
  place.search = location.search;
}

/** A plain click on a link of ours turns the page in place; everything else is the browser's. */
function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname.startsWith('/api/')) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}
