import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings/:meeting/papers/:paper',
  title: 'papers.title',
  section: 'meetings',
  chrome: 'page',
  screen: () => import('./Paper.svelte'),
};
