import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/sign-in',
  title: 'identity.title',
  chrome: 'bare',
  open: true,
  screen: () => import('./SignIn.svelte'),
};
