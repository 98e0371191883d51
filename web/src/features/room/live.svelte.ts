import type { ApiRefusal } from '../../protocol/api';
import { follow, type LineState, type LiveMeeting } from '../../protocol/socket';
import type { Event } from '../../protocol/types';
import type { Stand } from '../../protocol/view';

/** A meeting as this page sees it, kept up to date until the page leaves. */
export class LiveRoom {
  stand = $state.raw<Stand | null>(null);
  line = $state<LineState>('opening');
  refusal = $state.raw<ApiRefusal>();
  /** The server's time in milliseconds, moved on every second: a laptop's own clock may be wrong. */
  now = $state(Date.now());

  #skew = 0;
  #live: LiveMeeting;
  #tick: ReturnType<typeof setInterval>;

  constructor(meeting: string, onEvent: (event: Event, before: Stand | null) => void) {
    this.#live = follow(meeting, {
      onStand: (stand) => (this.stand = stand),
      onEvent: (event) => {
        if (this.line === 'live') this.#skew = Date.parse(event.at) - Date.now();
        onEvent(event, this.stand);
      },
      onLine: (line, refusal) => {
        this.line = line;
        this.refusal = refusal;
      },
    });
    this.#tick = setInterval(() => (this.now = Date.now() + this.#skew), 1000);
  }

  leave(): void {
    clearInterval(this.#tick);
    this.#live.leave();
  }
}
