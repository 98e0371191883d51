import { type ApiRefusal, refusalOf } from './api';

/** One act at a time, and what the server said against it. */
export class Doing {
  isBusy = $state(false);
  refusal = $state.raw<ApiRefusal>();

  /** Whether the act was done. A second call while one is under way does nothing. */
  async run(act: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.refusal = undefined;
    try {
      await act();
      return true;
    } catch (error) {
      this.refusal = refusalOf(error);
      return false;
    } finally {
      this.isBusy = false;
    }
  }
}
