import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { iconNames } from './icons';

test('every named icon is in the sprite and every icon there has a name', () => {
  const sprite = readFileSync(new URL('./icons.svg', import.meta.url), 'utf8');
  const found = [...sprite.matchAll(/id="i-([a-z0-9-]+)"/g)].map((hit) => hit[1]);
  expect([...iconNames]).toEqual(found);
});
