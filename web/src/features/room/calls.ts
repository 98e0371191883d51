import { path, send } from '../../protocol/api';
import type { Id } from '../../protocol/types';

/** What the chair and the secretary do to a meeting under way. */
export const openMeeting = (meeting: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/open`);
export const pauseMeeting = (meeting: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/pause`);
export const resumeMeeting = (meeting: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/resume`);
export const closeMeeting = (meeting: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/close`);
export const startItem = (meeting: Id, item: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/items/${item}/start`);
export const finishItem = (meeting: Id, item: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/items/${item}/finish`);
export const noteItem = (meeting: Id, item: Id, text: string): Promise<void> =>
  send('PUT', path`/api/meetings/${meeting}/items/${item}/notes`, { text });
export const concludeItem = (meeting: Id, item: Id, text: string): Promise<void> =>
  send('PUT', path`/api/meetings/${meeting}/items/${item}/conclusion`, { text });
