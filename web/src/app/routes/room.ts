import type { Route } from '../router.svelte';

export const route: Route = {
  path: '/meetings/:meeting/room',
  title: 'room.title',
  section: 'meetings',
  chrome: 'bare',
  screen: () => import('./Room.svelte'),
};
