import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings/:meeting/prepare',
  title: 'meetings.prepare',
  section: 'meetings',
  chrome: 'page',
  screen: () => import('./Prepare.svelte'),
};
