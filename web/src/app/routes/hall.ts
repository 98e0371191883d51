import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings/:meeting/hall',
  title: 'hall.screen',
  section: 'meetings',
  chrome: 'bare',
  screen: () => import('./Hall.svelte'),
};
