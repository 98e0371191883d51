import type { Same } from '../vi';
import type { minutes as words } from '../vi/minutes';

export const minutes: Same<typeof words> = {};
