import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Who may import whom. Features meet only in `app`; `protocol` has neither pages nor features; `ui` knows no meetings. */
const root = new URL('../', import.meta.url);
const files = globSync('**/*.{ts,svelte}', { cwd: root.pathname }).filter((file) => !file.endsWith('.test.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(new URL(file, root), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((hit) => new URL(hit[1] ?? '', new URL(file, root)).pathname.slice(root.pathname.length));
}

const areaOf = (path: string): string => path.split('/').slice(0, path.startsWith('features/') ? 2 : 1).join('/');

function allowed(from: string, to: string): boolean {
  const [area, target] = [areaOf(from), areaOf(to)];
  if (area === target || area === 'app' || area === 'main.ts') return true;
  if (area.startsWith('features/')) return ['ui', 'protocol', 'messages'].includes(target);
  if (area === 'ui') return ['messages', 'protocol'].includes(target);
  return area === 'messages' && target === 'protocol';
}

test('every import keeps to the borders', () => {
  const crossed = files.flatMap((file) => importsOf(file).filter((to) => !allowed(file, to)).map((to) => `${file} -> ${to}`));
  expect(files.length).toBeGreaterThan(50);
  expect(crossed).toEqual([]);
});

test('the protocol touches no page', () => {
  const touching = files
    .filter((file) => file.startsWith('protocol/'))
    .filter((file) => /\bdocument\.(?!documentElement\.lang)|querySelector|innerHTML/.test(readFileSync(new URL(file, root), 'utf8')));
  expect(touching).toEqual([]);
});

test('no markup carries a style attribute: the page’s policy would drop it', () => {
  const carrying = files.filter((file) => file.endsWith('.svelte') && /\sstyle="/.test(readFileSync(new URL(file, root), 'utf8')));
  expect(carrying).toEqual([]);
});
