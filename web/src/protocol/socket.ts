import { io, type Socket } from 'socket.io-client';
import { ApiRefusal } from './api';
import { getMe } from './calls';
import type { Entry, Event } from './types';
import { advance, enter, type Stand, touchesMe } from './view';

/**
 * `opening`   the first connection is under way
 * `live`      events arrive
 * `waiting`   the line is down; it comes back by itself and what was missed is caught up
 * `refused`   the server will not let us in; `refusal` says why
 */
export type LineState = 'opening' | 'live' | 'waiting' | 'refused';

export interface Watcher {
  onStand(stand: Stand): void;
  onEvent?(event: Event): void;
  onLine(state: LineState, refusal?: ApiRefusal): void;
}

export interface LiveMeeting {
  leave(): void;
}

/** How long an answer to `enter` may take before we ask again. */
const ENTER_TIMEOUT_MS = 8000;

/**
 * Follow one meeting: enter, apply events in order, enter again from the last `seq` after a gap or a lost line, and
 * when my own part changed. The watcher gets whole stands and never a half-applied one.
 */
export function follow(meeting: string, watcher: Watcher, since: Stand | null = null): LiveMeeting {
  const socket: Socket = io({ transports: ['websocket'], reconnectionDelay: 500, reconnectionDelayMax: 5000 });
  let stand = since;
  let entering = false;
  let again = false;

  const ask = async (): Promise<void> => {
    if (entering) {
      again = true;
      return;
    }
    entering = true;
    try {
      const answer = (await socket
        .timeout(ENTER_TIMEOUT_MS)
        .emitWithAck('enter', stand ? { meeting, since: stand.seq } : { meeting })) as Entry | Refused;
      if ('error' in answer) {
        // First the line, then its word: a disconnected line says that it waits, and here it does not.
        socket.disconnect();
        watcher.onLine('refused', new ApiRefusal(answer.error.code, 0, answer.error.detail ?? {}));
        return;
      }
      if ('events' in answer) for (const event of answer.events) watcher.onEvent?.(event);
      stand = enter(stand, answer);
      watcher.onStand(stand);
      watcher.onLine('live');
    } catch {
      if (socket.connected) again = true; // no answer in time: ask once more
    } finally {
      entering = false;
    }
    if (again && socket.connected) {
      again = false;
      await ask();
    }
  };

  socket.on('connect', () => void ask());
  socket.on('disconnect', () => watcher.onLine('waiting'));
  socket.on('connect_error', () => {
    watcher.onLine(stand ? 'waiting' : 'opening');
    // A refused upgrade does not say why. If it is because the sign-in has ended, this leads back to it.
    getMe().catch(() => undefined);
  });
  socket.on('event', (event: Event) => {
    if (event.meeting !== meeting || !stand) return;
    const next = advance(stand, event);
    if (next === stand) return;
    if (!next || touchesMe(event, stand.me.person)) void ask();
    if (!next) return;
    stand = next;
    watcher.onEvent?.(event);
    watcher.onStand(stand);
  });

  socket.on('left', ({ meeting: which, code }: { meeting: string; code: string }) => {
    if (which !== meeting) return;
    socket.disconnect();
    watcher.onLine('refused', new ApiRefusal(code, 0));
  });

  watcher.onLine('opening');
  return {
    leave(): void {
      if (socket.connected) socket.emit('leave', { meeting });
      socket.disconnect();
    },
  };
}

interface Refused {
  readonly error: { readonly code: string; readonly detail?: Record<string, unknown> };
}
