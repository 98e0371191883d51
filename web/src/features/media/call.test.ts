import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Call } from './call.svelte';

/** As much of livekit-client as a call asks for: people with cameras, and events. */
const client = vi.hoisted(() => {
  class Room {
    static last: Room;
    readonly #heard = new Map<string, ((...told: unknown[]) => void)[]>();
    static permissions: { canPublish: boolean; canPublishSources: number[] } | undefined;
    readonly opened: string[] = [];
    readonly localParticipant = {
      identity: 'me',
      isLocal: true,
      permissions: Room.permissions,
      getTrackPublication: (): undefined => undefined,
      setCameraEnabled: (is: boolean): void => void this.opened.push(`camera ${String(is)}`),
      setMicrophoneEnabled: (is: boolean): void => void this.opened.push(`microphone ${String(is)}`),
    };
    readonly remoteParticipants = new Map<string, unknown>();
    constructor() {
      Room.last = this;
    }
    on(event: string, hear: (...told: unknown[]) => void): void {
      this.#heard.set(event, [...(this.#heard.get(event) ?? []), hear]);
    }
    connect(): Promise<void> {
      return Promise.resolve();
    }
    disconnect(): Promise<void> {
      return Promise.resolve();
    }
    emit(event: string, ...told: unknown[]): void {
      for (const hear of this.#heard.get(event) ?? []) hear(...told);
    }
  }
  const RoomEvent = new Proxy({}, { get: (_target, name) => name });
  const Track = { Source: { Camera: 'camera', Microphone: 'microphone', ScreenShare: 'screen_share', ScreenShareAudio: 'screen_share_audio' }, StreamState: { Paused: 'paused' } };
  const VideoPresets = { h360: { resolution: {} }, h180: {} };
  return { Room, RoomEvent, Track, VideoPresets, DefaultReconnectPolicy: class {}, ConnectionQuality: {}, setLogLevel: (): void => undefined };
});
vi.mock('livekit-client', () => client);

class Camera {
  isMuted = false;
  isDesired = true;
  readonly asked: boolean[] = [];
  setSubscribed(is: boolean): void {
    this.isDesired = is;
    this.asked.push(is);
  }
}

function comes(person: string, camera: Camera): void {
  const getTrackPublication = (source: string): Camera | undefined => (source === 'camera' ? camera : undefined);
  client.Room.last.remoteParticipants.set(person, { identity: person, isLocal: false, getTrackPublication });
  client.Room.last.emit('TrackPublished');
}

let call: Call;

beforeEach(async () => {
  client.Room.permissions = undefined;
  vi.stubGlobal('document', { documentElement: { lang: 'vi' } });
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ url: 'ws://relay', token: 't', room: 'r', sources: [] })));
  call = new Call('m');
  await call.join();
});

afterEach(() => {
  call.leave();
});

test('who is not shown is not received, and who is again is', () => {
  const camera = new Camera();
  comes('an', camera);
  call.show(new Set());
  call.show(new Set(['an']));
  call.show(new Set(['an']));
  expect(camera.asked).toEqual([false, true]);
});

test('a camera that opens is not refused before the page has said whether it is shown', () => {
  call.show(new Set());
  const camera = new Camera();
  comes('an', camera);
  call.show(new Set(['an']));
  expect(camera.asked).toEqual([]);
});

test('a camera that pauses is not given back, and goes on without being asked for again', () => {
  const camera = new Camera();
  comes('an', camera);
  call.show(new Set(['an']));
  camera.isMuted = true;
  client.Room.last.emit('TrackMuted', { source: 'camera' }, { identity: 'an' });
  call.show(new Set());
  camera.isMuted = false;
  client.Room.last.emit('TrackUnmuted');
  call.show(new Set(['an']));
  expect(camera.asked).toEqual([]);
});

test('in a recorded session what is mine opens when the relay has been told that I know, and not before', async () => {
  client.Room.permissions = { canPublish: false, canPublishSources: [] };
  vi.stubGlobal('localStorage', { getItem: () => JSON.stringify({ isCameraOn: true, isMicrophoneOn: true }) });
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ url: 'ws://relay', token: 't', room: 'r', sources: ['camera', 'microphone'] })));
  call = new Call('m');
  await call.join();
  const room = client.Room.last;
  expect([call.mayCamera, call.mayMicrophone, room.opened]).toEqual([false, false, []]);
  room.localParticipant.permissions = { canPublish: true, canPublishSources: [] };
  room.emit('ParticipantPermissionsChanged', undefined, room.localParticipant);
  await vi.waitFor(() => expect(room.opened).toEqual(['camera true', 'microphone true']));
  expect(call.failed).toBeNull();
});

class Voice {
  readonly source = 'microphone';
  readonly trackSid = 'TR_voice';
  isMuted = false;
  packets = 0;
  samples = 0;
  readonly asked: boolean[] = [];
  readonly done: string[] = [];
  readonly track = {
    attachedElements: [{ paused: false }],
    getRTCStatsReport: (): Promise<Map<string, unknown>> =>
      Promise.resolve(new Map([['in', { type: 'inbound-rtp', packetsReceived: this.packets, totalSamplesReceived: this.samples }]])),
    detach: (): number => this.done.push('detach'),
    attach: (): number => this.done.push('attach'),
  };
  setSubscribed(is: boolean): void {
    this.asked.push(is);
  }
}

/** Ten seconds of a call with one voice; `second` says what comes. */
async function tenSeconds(voice: Voice, second: () => void): Promise<void> {
  vi.useFakeTimers();
  call.leave();
  call = new Call('m');
  await call.join();
  const getTrackPublication = (source: string): Voice | undefined => (source === 'microphone' ? voice : undefined);
  client.Room.last.remoteParticipants.set('an', { identity: 'an', isLocal: false, getTrackPublication });
  for (let at = 0; at < 10; at += 1) {
    second();
    await vi.advanceTimersByTimeAsync(1000);
  }
  call.leave();
  vi.useRealTimers();
}

test('a voice that arrives without a word from the client is heard all the same, and left alone', async () => {
  const voice = new Voice();
  await tenSeconds(voice, () => {
    voice.packets += 50;
    voice.samples += 48_000;
  });
  expect(call.seen.get('an')?.audio).toBe(voice.track);
  expect([voice.asked, voice.done]).toEqual([[], []]);
});

test('a voice that arrives and is not played is attached anew', async () => {
  const voice = new Voice();
  await tenSeconds(voice, () => (voice.packets += 50));
  expect([voice.asked, voice.done]).toEqual([[], ['detach', 'attach']]);
});

test('a voice of which nothing comes is asked for anew, a muted one is not', async () => {
  const [open, muted] = [new Voice(), new Voice()];
  muted.isMuted = true;
  await tenSeconds(open, () => undefined);
  await tenSeconds(muted, () => undefined);
  expect([open.asked, muted.asked]).toEqual([[false, true], []]);
});

test('as long as nothing changes the page is not drawn again', async () => {
  comes('an', new Camera());
  const before = call.seen;
  client.Room.last.emit('TrackPublished');
  expect(call.seen).toBe(before);
});
