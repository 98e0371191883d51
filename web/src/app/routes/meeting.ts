import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings/:meeting',
  title: 'meetings.tabs',
  section: 'meetings',
  chrome: 'page',
  screen: () => import('./Meeting.svelte'),
};
