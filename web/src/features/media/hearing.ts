import type { RemoteTrack, RemoteTrackPublication, Room, Track } from 'livekit-client';

/** What has come of one voice until now. */
export interface Come {
  readonly packets: number;
  /** Taken to be played, silence included. */
  readonly samples: number;
  /** Whether an element of the page plays it. */
  readonly isPlaying: boolean;
}

/**
 * attach     it comes and nothing plays it: the page takes it up anew
 * subscribe  nothing comes, though a microphone that is open sends something even in silence: it is asked for anew
 */
export type Cure = 'attach' | 'subscribe';

interface Watched {
  last: Come;
  wellAt: number;
  /** Cures since it was well. */
  tries: number;
}

/** A line that stumbles, or a moment of waiting for the browser, is no fault yet. */
const PATIENCE_MS = 4000;
/** What no cure has helped is not tried without end: who speaks may have lost the line. */
const PATIENCE_AT_MOST_MS = 60_000;

/** Watches that voices which are received are heard. */
export class Hearing {
  readonly #watched = new Map<string, Watched>();

  /** `voices`: all that should be heard now, by the name of their track. `now` in milliseconds. Those that need a cure. */
  judge(voices: ReadonlyMap<string, Come>, now: number): Map<string, Cure> {
    const cures = new Map<string, Cure>();
    for (const name of this.#watched.keys()) if (!voices.has(name)) this.#watched.delete(name);
    for (const [name, voice] of voices) {
      const cure = this.#judgeOne(name, voice, now);
      if (cure) cures.set(name, cure);
    }
    return cures;
  }

  #judgeOne(name: string, voice: Come, now: number): Cure | null {
    const watched = this.#watched.get(name);
    if (!watched) {
      this.#watched.set(name, { last: voice, wellAt: now, tries: 0 });
      return null;
    }
    // A voice asked for anew counts from the beginning: what differs has moved.
    const comes = voice.packets !== watched.last.packets;
    const plays = voice.isPlaying && voice.samples !== watched.last.samples;
    watched.last = voice;
    if (comes && plays) {
      watched.wellAt = now;
      watched.tries = 0;
      return null;
    }
    const patience = Math.min(PATIENCE_MS * 2 ** watched.tries, PATIENCE_AT_MOST_MS);
    if (now - watched.wellAt < patience) return null;
    watched.wellAt = now;
    watched.tries += 1;
    return comes ? 'attach' : 'subscribe';
  }
}

/** Judge all voices of a call that are open and have arrived, as the browser tells. Those that need a cure, with it. */
export async function listen(room: Room, { Source }: typeof Track, hearing: Hearing): Promise<[RemoteTrackPublication, Cure][]> {
  const voices = new Map<string, RemoteTrackPublication>();
  const come = new Map<string, Come>();
  for (const one of room.remoteParticipants.values()) {
    for (const source of [Source.Microphone, Source.ScreenShareAudio]) {
      const voice = one.getTrackPublication(source) as RemoteTrackPublication | undefined;
      if (!voice?.track || voice.isMuted) continue;
      voices.set(voice.trackSid, voice);
      come.set(voice.trackSid, await comeOf(voice.track));
    }
  }
  return [...hearing.judge(come, Date.now())].flatMap(([name, cure]) => {
    const voice = voices.get(name);
    return voice ? [[voice, cure]] : [];
  });
}

export function heal(voice: RemoteTrackPublication, cure: Cure): void {
  if (cure === 'attach') {
    for (const element of [...(voice.track?.attachedElements ?? [])]) {
      voice.track?.detach(element);
      voice.track?.attach(element);
    }
  } else {
    voice.setSubscribed(false);
    voice.setSubscribed(true);
  }
}

async function comeOf(track: RemoteTrack): Promise<Come> {
  let packets = 0;
  let samples = 0;
  for (const stat of (await track.getRTCStatsReport())?.values() ?? []) {
    const { type, packetsReceived, totalSamplesReceived } = stat as RTCInboundRtpStreamStats;
    if (type !== 'inbound-rtp') continue;
    packets += packetsReceived ?? 0;
    // Not every browser counts what it plays; there, what comes is taken as played.
    samples += totalSamplesReceived ?? packetsReceived ?? 0;
  }
  return { packets, samples, isPlaying: track.attachedElements.some((element) => !element.paused) };
}
