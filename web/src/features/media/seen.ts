import type { Participant, Track } from 'livekit-client';

type Tracks = typeof Track;

/** What a call has of one person. */
export interface Seen {
  readonly video: Track | null;
  readonly audio: Track | null;
  /** The sound of a shared screen. */
  readonly screenAudio: Track | null;
  /** On, whether or not its picture is received. */
  readonly hasCamera: boolean;
  /** My line does not carry the picture at present: the last one stands still. */
  readonly isHeld: boolean;
  readonly isHeard: boolean;
  readonly isMicrophoneOn: boolean;
}

/** A screen that somebody shows to all. */
export interface Shared {
  readonly person: string;
  readonly video: Track;
}

export function seenOf(one: Participant, { Source, StreamState }: Tracks): Seen {
  const camera = one.getTrackPublication(Source.Camera);
  const microphone = one.getTrackPublication(Source.Microphone);
  return {
    video: camera?.track && !camera.isMuted ? camera.track : null,
    audio: !one.isLocal && microphone?.track ? microphone.track : null,
    screenAudio: (!one.isLocal && one.getTrackPublication(Source.ScreenShareAudio)?.track) || null,
    hasCamera: camera !== undefined && !camera.isMuted,
    isHeld: camera?.track?.streamState === StreamState.Paused,
    isHeard: one.isSpeaking,
    isMicrophoneOn: one.isMicrophoneEnabled,
  };
}

export function screenOf(one: Participant, { Source }: Tracks): Shared | null {
  const screen = one.getTrackPublication(Source.ScreenShare);
  return screen?.track && !screen.isMuted ? { person: one.identity, video: screen.track } : null;
}

/** What was seen, where nothing has changed since: the page is then not drawn again. */
export function kept(before: ReadonlyMap<string, Seen>, now: ReadonlyMap<string, Seen>): ReadonlyMap<string, Seen> {
  return [...before.keys()].join() === [...now.keys()].join() && [...now].every(([person, seen]) => isSame(seen, before.get(person))) ? before : now;
}

function isSame(one: Seen, other: Seen | undefined): boolean {
  return (Object.keys(one) as (keyof Seen)[]).every((name) => one[name] === other?.[name]);
}
