import { path, send } from '../../protocol/api';
import type { Id } from '../../protocol/types';

export const askFloor = (meeting: Id): Promise<{ id: Id }> => send('POST', path`/api/meetings/${meeting}/turns`);
export const withdrawTurn = (meeting: Id, turn: Id): Promise<void> => send('DELETE', path`/api/meetings/${meeting}/turns/${turn}`);
export const giveTurn = (meeting: Id, turn: Id, allotted_s: number): Promise<void> =>
  send('POST', path`/api/meetings/${meeting}/turns/${turn}/give`, { allotted_s });
export const giveFloor = (meeting: Id, person: Id, allotted_s: number): Promise<{ id: Id }> =>
  send('POST', path`/api/meetings/${meeting}/floor`, { person, allotted_s });
export const endTurn = (meeting: Id, turn: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/turns/${turn}/end`);
