import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/',
  title: 'desk.title',
  section: 'desk',
  chrome: 'page',
  screen: () => import('../../features/desk/Desk.svelte'),
};
