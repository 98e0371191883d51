import { refusalOf } from './api';
import { getMe } from './calls';
import type { Me } from './types';

/** Who is signed in: undefined while nobody has asked yet, null for nobody. */
let current = $state.raw<Me | null | undefined>(undefined);

export function me(): Me | null | undefined {
  return current;
}

export function setMe(next: Me | null): void {
  current = next;
}

/** Ask the server who I am. Throws only when the server cannot be reached. */
export async function recogniseMe(): Promise<void> {
  try {
    current = await getMe();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.status !== 401) throw refusal;
    current = null;
  }
}
