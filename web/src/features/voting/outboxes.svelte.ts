import { SvelteMap } from 'svelte/reactivity';
import { Outbox, type Way } from '../../protocol/outbox.svelte';
import { all, type Stand } from '../../protocol/view';
import { castBallot, getMyBallot } from './calls';
import { mandatesOf } from './card';

/** My ballots in a meeting: one outbox a question and mandate, made when the question is first seen. */
export class Outboxes {
  #boxes = new SvelteMap<string, Outbox>();

  /** giver  the absent member answered for; null for my own ballot */
  of(question: string, giver: string | null = null): Outbox | null {
    return this.#boxes.get(keyOf(question, giver)) ?? null;
  }

  /** Take note of a stand: new questions, and what the server says is recorded. */
  see(stand: Stand): void {
    for (const question of all(stand.view, 'questions')) {
      for (const giver of mandatesOf(question, stand.me.person)) {
        const kept = giver === null ? stand.me.ballots[question.id] : stand.me.mandates?.[question.id]?.[giver];
        const known = kept?.receipt ?? null;
        const key = keyOf(question.id, giver);
        const box = this.#boxes.get(key);
        if (!box) this.#boxes.set(key, new Outbox(wayOf(stand, question.id, giver), known));
        else if (known) box.learn(known);
      }
    }
  }

  hurry(): void {
    for (const box of this.#boxes.values()) box.hurry();
  }

  stop(): void {
    for (const box of this.#boxes.values()) box.stop();
  }
}

const keyOf = (question: string, giver: string | null): string => (giver ? `${question}:${giver}` : question);

/** giver  as above; his ballot is read back as his */
function wayOf(stand: Stand, question: string, giver: string | null): Way {
  const { meeting } = stand;
  return {
    key: ['ecabinet.ballot', stand.me.person, question, giver].filter(Boolean).join('.'),
    cast: (version) => castBallot(meeting, question, { ...version, ...(giver ? { for: giver } : {}) }),
    mine: async () => (await getMyBallot(meeting, question, giver)).receipt,
  };
}
