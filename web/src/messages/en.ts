import { common } from './en/common';
import { desk } from './en/desk';
import { hall } from './en/hall';
import { identity } from './en/identity';
import { media } from './en/media';
import { meetings } from './en/meetings';
import { minutes } from './en/minutes';
import { opinions } from './en/opinions';
import { papers } from './en/papers';
import { positions } from './en/positions';
import { prepare } from './en/prepare';
import { proof } from './en/proof';
import { put } from './en/put';
import { recordings } from './en/recordings';
import { refusal } from './en/refusal';
import { room } from './en/room';
import { straw } from './en/straw';
import { voting } from './en/voting';
import type { Key } from './vi';

export const en: Readonly<Record<Key, string>> = {
  ...common,
  ...identity,
  ...desk,
  ...meetings,
  ...prepare,
  ...positions,
  ...opinions,
  ...papers,
  ...minutes,
  ...room,
  ...voting,
  ...put,
  ...proof,
  ...hall,
  ...straw,
  ...media,
  ...recordings,
  ...refusal,
};
