import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/bodies/:body/slips/:slip',
  title: 'slips.title',
  section: 'slips',
  chrome: 'page',
  screen: () => import('./Slip.svelte'),
};
