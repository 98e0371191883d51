import { SvelteMap } from 'svelte/reactivity';
import { type ApiRefusal, refusalOf } from '../../protocol/api';
import { reportIncident } from './calls';

const AGAIN_MS = 4000;

/** A report on its way: it waits for a line, is being sent, or was refused. */
export type Report = { readonly phase: 'waiting' | 'sending' } | { readonly phase: 'refused'; readonly refusal: ApiRefusal };

/**
 * "I lost my line during the vote", by question. Whoever says it has no line as a rule, and the vote may be over when it
 * is back: so it is kept here, not on a card that goes with the vote.
 */
export class Reports {
  #reports = new SvelteMap<string, Report>();
  #meeting: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(meeting: string) {
    this.#meeting = meeting;
  }

  of(question: string): Report | null {
    return this.#reports.get(question) ?? null;
  }

  say(question: string): void {
    if (this.of(question)?.phase !== 'sending') void this.#send(question);
  }

  /** The line is back. */
  hurry(): void {
    for (const [question, report] of this.#reports) if (report.phase === 'waiting') void this.#send(question);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #send(question: string): Promise<void> {
    this.#reports.set(question, { phase: 'sending' });
    try {
      await reportIncident(this.#meeting, question);
      this.#reports.delete(question);
    } catch (error) {
      const refusal = refusalOf(error);
      const isPassing = refusal.status === 0 || refusal.status >= 500;
      this.#reports.set(question, isPassing ? { phase: 'waiting' } : { phase: 'refused', refusal });
      clearTimeout(this.#timer);
      if (isPassing) this.#timer = setTimeout(() => this.hurry(), AGAIN_MS);
    }
  }
}
