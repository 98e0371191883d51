import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type BallotProof, canonical, check, type Json, rootOf } from './proof';

/** Made by the server's tests from real entries: the same bytes have to come out here. */
const vectors = JSON.parse(readFileSync(new URL('../../../tests/fixtures/ballot-proofs.json', import.meta.url), 'utf8')) as readonly {
  readonly hash: string;
  readonly proof: BallotProof;
}[];
const receiptOf = (vector: (typeof vectors)[number]): { hash: string; number: number } => ({ hash: vector.hash, number: Number(vector.proof.entry['number']) });

test('every ballot of the server is found in the record', async () => {
  expect(vectors.length).toBeGreaterThan(4);
  for (const vector of vectors) {
    const { number } = receiptOf(vector);
    expect(await check(vector.proof, receiptOf(vector))).toEqual({ flaw: null, number, size: vector.proof.checkpoint.size });
  }
});

test('JSON has one spelling', () => {
  const value: Json = { b: [1, null, true], a: 'ý "kiến"\n\u2028', '😀': '', é: {} };
  expect(canonical(value)).toBe('{"a":"ý \\"kiến\\"\\n\u2028","b":[1,null,true],"é":{},"😀":""}');
});

const changes: Readonly<Record<string, readonly [string, (proof: BallotProof) => BallotProof]>> = {
  'another choice': ['receipt', (proof) => ({ ...proof, payload: { ballot: { ...proof.payload.ballot, choice: 'against' } } })],
  'another entry': ['receipt', (proof) => ({ ...proof, entry: { ...proof.entry, number: 99 } })],
  'another salt': ['commitment', (proof) => ({ ...proof, salt: '00'.repeat(16) })],
  'more beside the ballot': ['commitment', (proof) => ({ ...proof, payload: { ...proof.payload, more: 1 } as BallotProof['payload'] })],
  'another time': ['root', (proof) => ({ ...proof, entry: { ...proof.entry, at: '2026-11-25T01:00:00.000Z' } })],
  'a shorter way': ['root', (proof) => ({ ...proof, proof: proof.proof.slice(1) })],
  'a longer way': ['root', (proof) => ({ ...proof, proof: [...proof.proof, '00'.repeat(32)] })],
  'a longer record': ['root', (proof) => ({ ...proof, checkpoint: { ...proof.checkpoint, size: proof.checkpoint.size * 4 } })],
  'another root': ['root', (proof) => ({ ...proof, checkpoint: { ...proof.checkpoint, root: '00'.repeat(32) } })],
  'another note': ['note', (proof) => ({ ...proof, checkpoint: { ...proof.checkpoint, note: proof.checkpoint.note.replace(/\n\d+\n/, '\n1\n') } })],
};

test.each(Object.entries(changes))('%s is noticed', async (_name, [flaw, change]) => {
  for (const vector of vectors) {
    expect((await check(change(vector.proof), receiptOf(vector))).flaw).toBe(flaw);
  }
});

test('a receipt for another ballot is noticed', async () => {
  const [first, second] = vectors;
  if (!first || !second) throw new Error('no vectors');
  expect((await check(first.proof, receiptOf(second))).flaw).toBe('receipt');
});

test('a record of one entry is its own root, and an index outside has none', async () => {
  expect(await rootOf('ab'.repeat(32), 0, 1, [])).toBe('ab'.repeat(32));
  expect(await rootOf('ab'.repeat(32), 1, 1, [])).toBeNull();
  expect(await rootOf('ab'.repeat(32), -1, 1, [])).toBeNull();
});
