import type { Same } from '../vi';
import type { meetings as words } from '../vi/meetings';

export const meetings: Same<typeof words> = { 'meetings.title': 'Sessions' };
