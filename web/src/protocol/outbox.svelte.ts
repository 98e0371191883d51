import { refusalOf } from '../../protocol/api';
import type { Receipt } from '../../protocol/types';
import { type Ballot, isPassing, keptOf, NONE, type Opinion, pauseAfter, step } from './ballot';
import { castBallot, getMyBallot } from './calls';

/** What survives a reload or a crash: the ballot on its way. */
interface Kept {
  readonly choice: string;
  readonly said?: Opinion;
  readonly n: number;
  readonly tries: number;
}

/** Whose ballot on what: the mandate is my own, or an absent member's who asked me to answer for him. */
export interface Mandate {
  readonly meeting: string;
  readonly question: string;
  readonly person: string;
  readonly giver: string | null;
}

/**
 * One ballot on one question, sent until the server has answered. What is on its way is written to this device before
 * it is sent, so that a page that comes back goes on with the same number.
 */
export class Outbox {
  ballot = $state.raw<Ballot>(NONE);
  /** Whether a request is on the line at this moment. */
  isSending = $state(false);

  #key: string;
  #mandate: Mandate;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(mandate: Mandate, known: Receipt | null) {
    this.#mandate = mandate;
    this.#key = ['ecabinet.ballot', mandate.person, mandate.question, mandate.giver].filter(Boolean).join('.');
    if (known) this.ballot = step(NONE, { kind: 'known', receipt: known });
    const kept = this.#read();
    if (kept && kept.n > (known?.n ?? 0)) {
      this.ballot = { phase: 'waiting', ...kept, kept: known };
      void this.#send();
    } else if (kept) {
      this.#forget();
    }
  }

  cast(choice: string, said?: Opinion): void {
    if (this.ballot.phase === 'waiting') return;
    this.ballot = step(this.ballot, { kind: 'sent', choice, ...(said ? { said } : {}) });
    this.#write();
    void this.#send();
  }

  /** The line is back: do not wait out the pause. */
  hurry(): void {
    if (this.ballot.phase !== 'waiting' || this.isSending) return;
    clearTimeout(this.#timer);
    void this.#send();
  }

  /** The server's word on re-entering. */
  learn(receipt: Receipt): void {
    this.ballot = step(this.ballot, { kind: 'known', receipt });
    if (this.ballot.phase !== 'waiting') this.#forget();
  }

  /** The page goes; what is on its way stays written down. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    const { ballot } = this;
    if (ballot.phase !== 'waiting' || this.#isOver || this.isSending) return;
    const { meeting, question, giver } = this.#mandate;
    this.isSending = true;
    try {
      const receipt = await castBallot(meeting, question, { choice: ballot.choice, n: ballot.n, ...ballot.said, ...(giver ? { for: giver } : {}) });
      this.ballot = step(this.ballot, { kind: 'receipt', receipt });
      if (this.ballot.phase === 'waiting') await this.#ask();
    } catch (error) {
      const refusal = refusalOf(error);
      if (isPassing(refusal.code, refusal.status)) {
        this.ballot = step(this.ballot, { kind: 'unanswered', n: ballot.n });
      } else {
        this.ballot = step(this.ballot, { kind: 'refusal', n: ballot.n, code: refusal.code });
        await this.#ask();
      }
    } finally {
      this.isSending = false;
    }
    this.#settle();
  }

  #settle(): void {
    if (this.ballot.phase !== 'waiting') {
      this.#forget();
    } else if (!this.#isOver) {
      this.#write();
      this.#timer = setTimeout(() => void this.#send(), pauseAfter(this.ballot.tries));
    }
  }

  /** What counts now, when it is not what was sent. Nothing there, or no line: what is known stays. */
  async #ask(): Promise<void> {
    try {
      const { meeting, question, giver } = this.#mandate;
      const mine = await getMyBallot(meeting, question, giver);
      this.ballot = step(this.ballot, { kind: 'known', receipt: mine.receipt });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.status !== 404 && keptOf(this.ballot) === null) console.warn('ballot not read back', refusal.code);
    }
  }

  #read(): Kept | null {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? 'null') as Kept | null;
      return kept && typeof kept.choice === 'string' && Number.isInteger(kept.n) ? { ...kept, tries: kept.tries || 0 } : null;
    } catch {
      return null;
    }
  }

  #write(): void {
    const { ballot } = this;
    if (ballot.phase !== 'waiting') return;
    try {
      localStorage.setItem(this.#key, JSON.stringify({ choice: ballot.choice, said: ballot.said, n: ballot.n, tries: ballot.tries }));
    } catch {
      // Storage may be forbidden: the ballot is then sent from memory alone.
    }
  }

  #forget(): void {
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // Nothing was written either.
    }
  }
}
