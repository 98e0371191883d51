import { common } from './vi/common';
import { desk } from './vi/desk';
import { hall } from './vi/hall';
import { identity } from './vi/identity';
import { media } from './vi/media';
import { meetings } from './vi/meetings';
import { minutes } from './vi/minutes';
import { opinions } from './vi/opinions';
import { papers } from './vi/papers';
import { positions } from './vi/positions';
import { prepare } from './vi/prepare';
import { proof } from './vi/proof';
import { put } from './vi/put';
import { recordings } from './vi/recordings';
import { refusal } from './vi/refusal';
import { room } from './vi/room';
import { straw } from './vi/straw';
import { voting } from './vi/voting';

/** Every sentence of the client, by area. Vietnamese first: English follows its keys. */
export const vi = { ...common, ...identity, ...desk, ...meetings, ...prepare, ...positions, ...opinions, ...papers, ...minutes, ...room, ...voting, ...put, ...proof, ...hall, ...straw, ...media, ...recordings, ...refusal } as const;

export type Key = keyof typeof vi;
/** The same keys in another language. */
export type Same<Area> = Readonly<Record<keyof Area, string>>;
