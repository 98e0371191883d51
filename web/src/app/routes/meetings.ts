import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings',
  title: 'meetings.title',
  section: 'meetings',
  chrome: 'page',
  screen: () => import('../../features/meetings/Meetings.svelte'),
};
