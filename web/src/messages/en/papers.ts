import type { Same } from '../vi';
import type { papers as words } from '../vi/papers';

export const papers: Same<typeof words> = {};
