import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/bodies/:body/slips/:slip/papers/:paper',
  title: 'papers.title',
  section: 'slips',
  chrome: 'page',
  screen: () => import('./SlipPaper.svelte'),
};
