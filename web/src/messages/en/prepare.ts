import type { Same } from '../vi';
import type { prepare as words } from '../vi/prepare';

export const prepare: Same<typeof words> = {};
