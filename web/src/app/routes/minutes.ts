import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings/:meeting/minutes',
  title: 'minutes.title',
  section: 'meetings',
  chrome: 'page',
  screen: () => import('./Minutes.svelte'),
};
