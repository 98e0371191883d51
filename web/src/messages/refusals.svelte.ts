import { ApiRefusal } from '../protocol/api';
import type { Params } from './catalogue';
import { t, tCode } from './index.svelte';

/** What went wrong, for a person: what it is and, where there is one, what to do. Never the code itself. */
export function say(refusal: ApiRefusal): string {
  const seconds = Number(refusal.detail['retry_after_s'] ?? 0);
  const megabytes = Math.round(Number(refusal.detail['limit_bytes'] ?? 0) / 1_048_576);
  return tCode('refusal', refusal.code, 'refusal.unexpected', { ...plain(refusal.detail), seconds, megabytes });
}

/** Whether asking again may help. */
export function mayRetry(refusal: ApiRefusal): boolean {
  return ['offline', 'unavailable', 'internal', 'unexpected', 'too_many'].includes(refusal.code);
}

/** The number support asks for, or nothing when the server was not reached. */
export function reference(refusal: ApiRefusal): string | null {
  return refusal.request ? t('refusal.reference', { request: refusal.request }) : null;
}

/** What of a refusal's detail can stand in a sentence. */
function plain(detail: ApiRefusal['detail']): Params {
  return Object.fromEntries(Object.entries(detail).filter((entry): entry is [string, string | number] => ['string', 'number'].includes(typeof entry[1])));
}
