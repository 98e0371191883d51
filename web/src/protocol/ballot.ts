import type { Receipt } from './types';

/** What goes with an answer that is neither for nor against: its words, and a PDF kept on the server before. */
export interface Opinion {
  readonly opinion?: string;
  readonly attachment?: string;
}

/**
 * Where my ballot on one question stands. `n` numbers my versions: 1, 2, 3 …; it is fixed before the first sending and
 * never used for another choice, so that any number of resendings is still one vote.
 *
 * waiting   not confirmed; `tries` counts the sendings that brought no answer
 * recorded  the receipt is there
 * refused   the server will not have it; `code` says why
 * `kept` is the ballot that counts meanwhile, if there is one.
 */
export type Ballot =
  | { readonly phase: 'none' }
  | { readonly phase: 'waiting'; readonly choice: string; readonly said?: Opinion; readonly n: number; readonly tries: number; readonly kept: Receipt | null }
  | { readonly phase: 'recorded'; readonly n: number; readonly kept: Receipt }
  | { readonly phase: 'refused'; readonly choice: string; readonly n: number; readonly code: string; readonly kept: Receipt | null };

export const NONE: Ballot = { phase: 'none' };

export type Happening =
  | { readonly kind: 'sent'; readonly choice: string; readonly said?: Opinion }
  | { readonly kind: 'unanswered'; readonly n: number }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'refusal'; readonly n: number; readonly code: string }
  /** What the server says counts now. */
  | { readonly kind: 'known'; readonly receipt: Receipt };

export function step(ballot: Ballot, happening: Happening): Ballot {
  switch (happening.kind) {
    case 'sent':
      if (ballot.phase === 'waiting') return ballot; // the one under way is settled first
      return { phase: 'waiting', choice: happening.choice, ...(happening.said ? { said: happening.said } : {}), n: lastN(ballot) + 1, tries: 0, kept: keptOf(ballot) };
    case 'unanswered':
      return ballot.phase === 'waiting' && ballot.n === happening.n ? { ...ballot, tries: ballot.tries + 1 } : ballot;
    case 'receipt':
      return recorded(ballot, happening.receipt);
    case 'refusal':
      if (ballot.phase !== 'waiting' || ballot.n !== happening.n) return ballot;
      return { phase: 'refused', choice: ballot.choice, n: ballot.n, code: happening.code, kept: ballot.kept };
    case 'known':
      return known(ballot, happening.receipt);
  }
}

function recorded(ballot: Ballot, receipt: Receipt): Ballot {
  const isMine = ballot.phase === 'waiting' && ballot.n === receipt.n && ballot.choice === receipt.choice;
  return isMine && receipt.is_current ? { phase: 'recorded', n: receipt.n, kept: receipt } : ballot;
}

/** The server's word moves what counts; it settles a waiting ballot only when it is that very one, or a newer one. */
function known(ballot: Ballot, receipt: Receipt): Ballot {
  if (receipt.n < lastN(ballot) && ballot.phase !== 'none') {
    return ballot.phase === 'recorded' ? ballot : { ...ballot, kept: receipt };
  }
  if (ballot.phase === 'waiting' && receipt.n === ballot.n && receipt.choice !== ballot.choice) return { ...ballot, kept: receipt };
  if (ballot.phase === 'refused') return { ...ballot, n: Math.max(ballot.n, receipt.n), kept: receipt };
  return { phase: 'recorded', n: receipt.n, kept: receipt };
}

export function keptOf(ballot: Ballot): Receipt | null {
  return ballot.phase === 'none' ? null : ballot.kept;
}

function lastN(ballot: Ballot): number {
  return ballot.phase === 'none' ? 0 : ballot.n;
}

/** How long to wait before sending again, in milliseconds. */
export function pauseAfter(tries: number): number {
  return Math.min(8000, 500 * 2 ** Math.max(0, tries - 1));
}

/** Refusals that say nothing about the ballot itself: it is sent again. A pause ends, and the ballot then arrives. */
export function isPassing(code: string, status: number): boolean {
  return status === 0 || status >= 500 || status === 429 || code === 'not_signed_in' || code === 'question_paused';
}
