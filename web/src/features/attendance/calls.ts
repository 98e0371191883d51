import { path, send } from '../../protocol/api';
import type { Id, Mark } from '../../protocol/types';

export const markRoll = (meeting: Id, person: Id, mark: Mark | null, reason?: string): Promise<void> =>
  send('PUT', path`/api/meetings/${meeting}/roll/${person}`, reason ? { mark, reason } : { mark });

/** Withdraw from an item: oneself, or, for who calls the roll, anybody. */
export const recuse = (meeting: Id, item: Id, person: Id, reason: string): Promise<void> =>
  send('PUT', path`/api/meetings/${meeting}/items/${item}/recusals/${person}`, { reason });
export const takePart = (meeting: Id, item: Id, person: Id): Promise<void> =>
  send('DELETE', path`/api/meetings/${meeting}/items/${item}/recusals/${person}`);
