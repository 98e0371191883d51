import { Asked } from '../../protocol/asked.svelte';
import type { Slip } from '../../protocol/slips';
import { getSlip, newsOfSlip } from './calls';

const EVERY_MS = 4000;

/** A slip on the screen: read once, then asked for news while anybody looks. Call it while the screen is being set up. */
export function watchSlip(body: string, slip: string): Asked<Slip> {
  const asked = new Asked((signal) => getSlip(body, slip, signal));
  let isAsking = false;

  async function news(): Promise<void> {
    const known = asked.value;
    if (!known || document.hidden || isAsking) return;
    isAsking = true;
    try {
      const found = await newsOfSlip(body, slip, known.version);
      // An act of mine may have been answered meanwhile, with something newer still.
      if (found && found.version > (asked.value?.version ?? 0)) asked.value = found;
      if (asked.refusal?.code === 'offline') asked.refusal = undefined;
    } catch {
      // The page already shows what it knows, and the top bar says that the line is down.
    } finally {
      isAsking = false;
    }
  }

  $effect(() => {
    const timer = setInterval(() => void news(), EVERY_MS);
    const onReturn = (): void => void news();
    document.addEventListener('visibilitychange', onReturn);
    addEventListener('online', onReturn);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onReturn);
      removeEventListener('online', onReturn);
    };
  });
  return asked;
}
