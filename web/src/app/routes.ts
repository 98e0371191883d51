import type { Route } from './router.svelte';

/** Every file of the folder brings its route; the screens themselves are fetched when first opened. */
const found = import.meta.glob<{ route: Route }>('./routes/*.ts', { eager: true });

export const routes: readonly Route[] = Object.values(found).map((file) => file.route);
