import { path, send } from '../../protocol/api';
import type { Id, Ticket } from '../../protocol/types';

export const getTicket = (meeting: Id): Promise<Ticket> => send('POST', path`/api/meetings/${meeting}/media/ticket`);
export const mutePerson = (meeting: Id, person: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/media/mute`, { person });
export const removePerson = (meeting: Id, person: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/media/remove`, { person });
