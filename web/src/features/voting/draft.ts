import type { NewQuestion } from './calls';
import type { Item, Plan, VoteKind, Way } from '../../protocol/types';

/**
 * What the chair is about to put, before it is sent. It begins as the usual case of the item, so that opening the
 * dialog, one look and one press are enough.
 */
export interface Draft {
  /** The kind of vote, by its key. */
  kind: string;
  text: string;
  way: Way;
  options: string[];
  candidates: { name: string; person: string }[];
  seats: number;
  /** The tellers' board to elect: its head first; empty when none is. */
  board: string[];
  limit_s: number;
}

export const MOST_OPTIONS = 20;
export const LIMITS_S = [0, 60, 120, 300] as const;
export const ALL_WAYS = ['electronic', 'hands', 'paper'] as const;

export const keyOf = (kind: Pick<VoteKind, 'matter' | 'motion' | 'method'>): string => [kind.method, kind.matter, kind.motion].filter(Boolean).join('.');

/** The ways a kind of vote may be taken: a secret one only on paper in the hall, an open one never so. */
export function waysOf(kind: VoteKind): readonly Way[] {
  if (kind.form === 'secret') return ['paper'];
  if (kind.method === 'election' || kind.method === 'rating') return ['paper'];
  return kind.form === 'open' ? ['electronic', 'hands'] : ALL_WAYS;
}

/** What the title of an item says of its vote, in the words these bodies use. */
const TOLD: readonly { readonly by: RegExp; readonly is: (kind: VoteKind) => boolean }[] = [
  { by: /lấy phiếu tín nhiệm/i, is: (kind) => kind.method === 'rating' },
  { by: /bỏ phiếu tín nhiệm/i, is: (kind) => kind.matter === 'confidence' && kind.method === 'approval' },
  { by: /bãi nhiệm/i, is: (kind) => kind.matter === 'removal' },
  { by: /^bầu\s/i, is: (kind) => kind.method === 'election' },
];

/** The usual kind for an item or for what was planned: what its title tells, or the body's first of that method. */
export function usualKind(kinds: readonly VoteKind[], item: Pick<Item, 'type' | 'title'> | null, plan: Pick<Plan, 'matter' | 'method'> | null): VoteKind | undefined {
  if (plan) return kinds.find((kind) => kind.method === plan.method && kind.matter === plan.matter) ?? kinds.find((kind) => kind.method === plan.method);
  const told = TOLD.find(({ by }) => by.test(item?.title ?? ''));
  const kind = told && kinds.find(told.is);
  if (kind) return kind;
  const method = item?.type === 'choice' ? 'choice' : 'approval';
  return kinds.find((kind) => kind.method === method);
}

/** By which rules a question may be planned that is no choice: those a yes or no is decided by, motions apart. */
export const mattersOf = (kinds: readonly VoteKind[]): VoteKind[] => kinds.filter((kind) => kind.method === 'approval' && !kind.motion);

/** Turn a draft to another kind of vote; a way the kind does not know gives room to its first. */
export function turned(draft: Draft, kind: VoteKind): Draft {
  const ways = waysOf(kind);
  return { ...draft, kind: keyOf(kind), way: ways.includes(draft.way) ? draft.way : (ways[0] ?? 'electronic') };
}

export type Fault = 'text' | 'few' | 'same' | 'seats' | 'board';

const named = (names: readonly string[]): string[] => names.map((name) => name.trim()).filter(Boolean);
const alike = (names: readonly string[]): boolean => new Set(names.map((name) => name.normalize('NFC').toLocaleLowerCase('vi'))).size < names.length;

/** What keeps a draft from being put, the first that applies; null when it can go. */
export function faultOf(draft: Draft, kind: VoteKind): Fault | null {
  if (!draft.text.trim()) return 'text';
  if (kind.method === 'approval') return draft.board.length > 0 && named(draft.board).length < 2 ? 'board' : null;
  const names = named(kind.method === 'choice' ? draft.options : draft.candidates.map((one) => one.name));
  if (names.length < (kind.method === 'choice' ? 2 : 1)) return 'few';
  if (alike(names)) return 'same';
  return kind.method === 'election' && (!Number.isInteger(draft.seats) || draft.seats < 1 || draft.seats > names.length) ? 'seats' : null;
}

/** The draft as it goes over the wire. */
export function wireOf(draft: Draft, kind: VoteKind, on: { readonly items: readonly string[]; readonly plan: string | null }): NewQuestion {
  const members = named(draft.board);
  const [head] = members;
  return {
    ...(on.items.length > 1 ? { items: on.items } : { item: on.items[0] ?? '' }),
    text: draft.text.trim(),
    method: kind.method,
    matter: kind.matter,
    way: draft.way,
    ...(kind.motion ? { motion: kind.motion } : {}),
    ...(kind.method === 'choice' ? { options: named(draft.options) } : {}),
    ...(kind.method === 'election' || kind.method === 'rating'
      ? { candidates: draft.candidates.filter((one) => one.name.trim()).map(({ name, person }) => ({ name: name.trim(), ...(person ? { person } : {}) })) }
      : {}),
    ...(kind.method === 'election' ? { seats: draft.seats } : {}),
    ...(on.plan ? { plan: on.plan } : {}),
    ...(kind.method === 'approval' && head ? { board: { head, members } } : {}),
    ...(draft.limit_s ? { time_limit_s: draft.limit_s } : {}),
  };
}
