import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings/new',
  title: 'meetings.new',
  section: 'meetings',
  chrome: 'page',
  screen: () => import('./NewMeeting.svelte'),
};
