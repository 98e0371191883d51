import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/slips/new',
  title: 'slips.new',
  section: 'slips',
  chrome: 'page',
  screen: () => import('./NewSlip.svelte'),
};
