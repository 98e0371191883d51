import { SvelteMap } from 'svelte/reactivity';
import type { Stand } from '../../protocol/view';
import { all } from '../../protocol/view';
import { Outbox } from './outbox.svelte';

/** My ballots in a meeting: one outbox a question, made when the question is first seen. */
export class Outboxes {
  #boxes = new SvelteMap<string, Outbox>();

  of(question: string): Outbox | null {
    return this.#boxes.get(question) ?? null;
  }

  /** Take note of a stand: new questions, and what the server says is recorded. */
  see(stand: Stand): void {
    for (const question of all(stand.view, 'questions')) {
      if (!question.roll.includes(stand.me.person)) continue;
      const known = stand.me.ballots[question.id]?.receipt ?? null;
      const box = this.#boxes.get(question.id);
      if (!box) this.#boxes.set(question.id, new Outbox(stand.meeting, question.id, stand.me.person, known));
      else if (known) box.learn(known);
    }
  }

  hurry(): void {
    for (const box of this.#boxes.values()) box.hurry();
  }

  stop(): void {
    for (const box of this.#boxes.values()) box.stop();
  }
}
