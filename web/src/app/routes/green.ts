import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings/:meeting/green',
  title: 'green.title',
  section: 'meetings',
  chrome: 'page',
  screen: () => import('./Green.svelte'),
};
