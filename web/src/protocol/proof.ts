import type { Receipt } from './types';

/**
 * A ballot and its way into the record, as the server gives it to its voter. The arithmetic is done here, in the
 * voter's own browser: canonical JSON (RFC 8785), SHA-256, and the inclusion proof of RFC 9162. Bytes are hex.
 */
export interface BallotProof {
  readonly payload: { readonly ballot: Readonly<Record<string, Json>> };
  readonly salt: string;
  readonly entry: Readonly<Record<string, Json>>;
  readonly proof: readonly string[];
  readonly checkpoint: { readonly size: number; readonly root: string; readonly note: string };
  readonly key: string;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * `receipt`     the ballot is not the one the receipt was given for
 * `commitment`  the record's entry keeps another ballot
 * `root`        the entry does not lead to the root of the record
 * `note`        the root is not the one in the signed note
 */
export type Flaw = 'receipt' | 'commitment' | 'root' | 'note';

export interface Checked {
  /** Null: everything fits. */
  readonly flaw: Flaw | null;
  /** The ballot's entry, and how many the signed record has. */
  readonly number: number;
  readonly size: number;
}

/** The one spelling of a JSON value: keys by UTF-16 code units, no spaces. Records hold no fractions. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Follow a ballot from its own words to the root that the record's keeper has signed. */
export async function check(proof: BallotProof, receipt: Pick<Receipt, 'hash' | 'number'>): Promise<Checked> {
  const number = Number(proof.entry['number']);
  const found = { number, size: proof.checkpoint.size };
  if (number !== receipt.number || (await digest(bytes(canonical(proof.payload.ballot)))) !== receipt.hash) return { flaw: 'receipt', ...found };
  const commitment = await digest(unhex(proof.salt), bytes(canonical(proof.payload)));
  if (commitment !== proof.entry['commitment']) return { flaw: 'commitment', ...found };
  const leaf = await digest(LEAF, bytes(canonical(proof.entry)));
  const root = await rootOf(leaf, number - 1, proof.checkpoint.size, proof.proof);
  if (root !== proof.checkpoint.root) return { flaw: 'root', ...found };
  return { flaw: isInNote(proof) ? null : 'note', ...found };
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The root that a leaf leads to, or null when the proof has another length than the tree. RFC 9162 §2.1.3.2. */
export async function rootOf(leaf: string, index: number, size: number, proof: readonly string[]): Promise<string | null> {
  if (index < 0 || index >= size) return null;
  let [first, last, reached] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return null;
    if (first % 2 === 1 || first === last) {
      reached = await digest(NODE, unhex(sibling), unhex(reached));
      while (first % 2 === 0 && first !== 0) [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
    } else {
      reached = await digest(NODE, unhex(reached), unhex(sibling));
    }
    [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  }
  return last === 0 ? reached : null;
}

/** Whether the note says this size and this root. Who signed it is compared by the published key, elsewhere. */
function isInNote({ checkpoint }: BallotProof): boolean {
  const [, size, root] = checkpoint.note.split('\n');
  return size === String(checkpoint.size) && root === btoa(String.fromCharCode(...unhex(checkpoint.root)));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

async function digest(...parts: readonly Uint8Array[]): Promise<string> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
