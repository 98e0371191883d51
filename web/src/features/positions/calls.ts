import { path, send } from '../../protocol/api';
import type { Id, Stance } from '../../protocol/types';

/** My own position on an item, before the session comes to it. */
export const declarePosition = (meeting: Id, item: Id, stance: Stance, text: string): Promise<void> =>
  send('PUT', path`/api/meetings/${meeting}/items/${item}/position`, text ? { stance, text } : { stance });
export const withdrawPosition = (meeting: Id, item: Id): Promise<void> => send('DELETE', path`/api/meetings/${meeting}/items/${item}/position`);
