import { SvelteMap } from 'svelte/reactivity';
import { type ApiRefusal, refusalOf } from '../../protocol/api';
import { reportIncident } from './calls';

/** A report on its way: it waits for a line, is being sent, or was refused. */
export type Report = { readonly phase: 'waiting' | 'sending' } | { readonly phase: 'refused'; readonly refusal: ApiRefusal };

/**
 * "I lost my line during the vote", by question. Whoever says it has no line as a rule, and the vote may be over when it
 * is back: so it is kept here, not on a card that goes with the vote.
 */
export class Reports {
  #reports = new SvelteMap<string, Report>();
  #meeting: string;

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

  async #send(question: string): Promise<void> {
    this.#reports.set(question, { phase: 'sending' });
    try {
      await reportIncident(this.#meeting, question);
      this.#reports.delete(question);
    } catch (error) {
      const refusal = refusalOf(error);
      this.#reports.set(question, refusal.status === 0 || refusal.status >= 500 ? { phase: 'waiting' } : { phase: 'refused', refusal });
    }
  }
}
