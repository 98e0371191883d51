import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/slips',
  title: 'slips.title',
  section: 'slips',
  chrome: 'page',
  screen: () => import('../../features/opinions/Slips.svelte'),
};
