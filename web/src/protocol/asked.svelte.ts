import { ApiRefusal, refusalOf } from './api';

/**
 * Something asked of the server and where that stands: still asking, answered, or refused. Asking again keeps the old
 * answer on the screen until the new one is there.
 */
export class Asked<Value> {
  value = $state.raw<Value>();
  refusal = $state.raw<ApiRefusal>();
  isAsking = $state(true);

  #ask: (signal: AbortSignal) => Promise<Value>;
  #running: AbortController | null = null;

  constructor(ask: (signal: AbortSignal) => Promise<Value>) {
    this.#ask = ask;
    void this.again();
  }

  async again(): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.isAsking = true;
    try {
      this.value = await this.#ask(running.signal);
      this.refusal = undefined;
    } catch (error) {
      if (running.signal.aborted) return;
      this.refusal = refusalOf(error);
    } finally {
      if (this.#running === running) this.isAsking = false;
    }
  }
}
