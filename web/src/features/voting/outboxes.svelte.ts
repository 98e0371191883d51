import { SvelteMap } from 'svelte/reactivity';
import { all, type Stand } from '../../protocol/view';
import { mandatesOf } from './card';
import { Outbox } from './outbox.svelte';

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
        const known = giver === null ? (stand.me.ballots[question.id]?.receipt ?? null) : null;
        const key = keyOf(question.id, giver);
        const box = this.#boxes.get(key);
        if (!box) this.#boxes.set(key, new Outbox({ meeting: stand.meeting, question: question.id, person: stand.me.person, giver }, known));
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
