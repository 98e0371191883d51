import { getBody } from '../../protocol/calls';
import type { VoteKind } from '../../protocol/types';

const AGAIN_MS = 4000;

/** The kinds of vote the body knows, in the reader's language; asked again until they are there. */
export class Kinds {
  list = $state.raw<readonly VoteKind[]>([]);

  #asked = '';

  of(body: string, language: string): void {
    const wanted = `${body} ${language}`;
    if (this.#asked === wanted) return;
    this.#asked = wanted;
    void this.#ask(body, wanted);
  }

  async #ask(body: string, wanted: string): Promise<void> {
    try {
      const { profile } = await getBody(body);
      if (this.#asked === wanted) this.list = profile.votes;
    } catch {
      setTimeout(() => this.#asked === wanted && void this.#ask(body, wanted), AGAIN_MS);
    }
  }
}
