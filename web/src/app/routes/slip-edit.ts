import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/bodies/:body/slips/:slip/edit',
  title: 'slips.edit',
  section: 'slips',
  chrome: 'page',
  screen: () => import('./SlipEdit.svelte'),
};
