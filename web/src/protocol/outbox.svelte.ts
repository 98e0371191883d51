import { ApiRefusal, refusalOf } from './api';
import { type Ballot, isPassing, keptOf, NONE, type Opinion, pauseAfter, step } from './ballot';
import type { Receipt } from './types';

/** A line may swallow a request without a word; after this long it is sent again, which is still one vote. */
const PATIENCE_MS = 20_000;

function soon<Value>(answer: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ApiRefusal('offline', 0)), PATIENCE_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** What survives a reload or a crash: the ballot on its way. */
interface Kept {
  readonly choice: string;
  readonly said?: Opinion;
  readonly n: number;
  readonly tries: number;
}

/** What goes over the line: a version of an answer. */
export type Version = Readonly<{ choice: string; n: number } & Opinion>;

/** How one answer travels: under which name it is kept on this device, how it is sent, and how it is read back. */
export interface Way {
  readonly key: string;
  readonly cast: (version: Version) => Promise<Receipt>;
  /** What counts now; refused with 404 when there is nothing. */
  readonly mine: () => Promise<Receipt>;
}

/**
 * One answer that must arrive once and be acknowledged: a ballot, or a sheet of written opinions. It is sent until the
 * server has answered. What is on its way is written to this device before
 * it is sent, so that a page that comes back goes on with the same number.
 */
export class Outbox {
  ballot = $state.raw<Ballot>(NONE);
  /** Whether a request is on the line at this moment. */
  isSending = $state(false);

  #key: string;
  #way: Way;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(way: Way, known: Receipt | null) {
    this.#way = way;
    this.#key = way.key;
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

  /** What was refused is given up: what counts stands, and its number is never used again. */
  giveUp(): void {
    const { ballot } = this;
    if (ballot.phase === 'refused' && ballot.kept) this.ballot = { phase: 'recorded', n: ballot.n, kept: ballot.kept };
  }

  /** The page goes; what is on its way stays written down. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    const { ballot } = this;
    if (ballot.phase !== 'waiting' || this.#isOver || this.isSending) return;
    this.isSending = true;
    try {
      const receipt = await soon(this.#way.cast({ choice: ballot.choice, n: ballot.n, ...ballot.said }));
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
      this.ballot = step(this.ballot, { kind: 'known', receipt: await this.#way.mine() });
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
