import { untrack } from 'svelte';
import type { Asked } from '../protocol/asked.svelte';

/**
 * Ask again whenever the reader comes back to the page, or what `told` reads has changed (the language, say). Call it
 * while a screen is being set up; it ends with the screen.
 */
export function keepFresh<Value>(asked: Asked<Value>, told: () => unknown = () => null): Asked<Value> {
  let isFirst = true;
  $effect(() => {
    told();
    if (isFirst) isFirst = false;
    else untrack(() => void asked.again());
  });
  $effect(() => {
    const onReturn = (): void => {
      if (!document.hidden) void asked.again();
    };
    document.addEventListener('visibilitychange', onReturn);
    return () => document.removeEventListener('visibilitychange', onReturn);
  });
  return asked;
}
