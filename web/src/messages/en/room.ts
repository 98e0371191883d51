import type { Same } from '../vi';
import type { room as words } from '../vi/room';

/** The live room and what leads to it: green room, floor, vote, hall. */
export const room: Same<typeof words> = {};
