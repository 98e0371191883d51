import { path, send } from '../../protocol/api';
import type { Id, Mark } from '../../protocol/types';

export const markRoll = (meeting: Id, person: Id, mark: Mark | null, reason?: string): Promise<void> =>
  send('PUT', path`/api/meetings/${meeting}/roll/${person}`, reason ? { mark, reason } : { mark });
