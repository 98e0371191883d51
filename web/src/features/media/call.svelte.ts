import type { LocalParticipant, RemoteTrackPublication, Room } from 'livekit-client';
import { refusalOf } from '../../protocol/api';
import { getTicket } from './calls';
import { chosenDevices } from './devices';
import { heal, Hearing, listen } from './hearing';
import { kept, screenOf, seenOf, type Seen, type Shared } from './seen';

/**
 * joining    the first connection is under way
 * live       pictures and sound come
 * away       they are gone for a while; we try again by ourselves
 * outside    what is before the meeting is not mine: a guest's other item, or one I have withdrawn from; asked again when it changes
 * removed    put out by the chair; a button leads back in
 * elsewhere  the same person has joined from another window
 * none       there is no call in this phase
 */
export type CallState = 'joining' | 'live' | 'away' | 'outside' | 'removed' | 'elsewhere' | 'none';

/** Why my microphone is off though I had it on. */
export type Quieted = 'floor_over' | 'muted' | null;

type Kit = typeof import('livekit-client');

/** A change of permission comes right after the mute it caused. */
const PERMISSION_FOLLOWS_MS = 700;
/** What was closed so short a time ago was closed for the reason that is told now. */
const JUST_MS = 3000;
/** Two quick attempts to go on with the same connection; after that a new one, with a new ticket. */
const RESUME_MS = [0, 400];
/** How often the call is looked at without having said anything. */
const LISTEN_MS = 2000;
const PAUSES_MS = [200, 500, 500, 1000, 1000, 2000, 4000, 8000];

/**
 * The call, and nothing but the call: everything else in the room goes on without it. It holds the connection for as
 * long as the page wants one, with a fresh ticket each time, and opens a microphone only by `setMicrophone(true)` or
 * because the person chose so at the door.
 */
export class Call {
  state = $state<CallState>('none');
  seen = $state.raw<ReadonlyMap<string, Seen>>(new Map());
  /** Who was heard, the latest first. */
  heard = $state.raw<readonly string[]>([]);
  shared = $state.raw<Shared | null>(null);
  mayMicrophone = $state(false);
  mayCamera = $state(false);
  mayShare = $state(false);
  isSharing = $state(false);
  isMicrophoneOn = $state(false);
  isCameraOn = $state(false);
  quieted = $state<Quieted>(null);
  /** The session is recorded and I have not said yet that I know: camera and microphone stay closed. */
  isHeldBack = $state(false);
  /** A device that could not be had: its name, for a sentence. */
  failed = $state<'camera' | 'microphone' | null>(null);
  /** My line carries less than a call needs. */
  isPoor = $state(false);
  /** The browser wants a click before it plays sound. */
  isSilenced = $state(false);

  #meeting: string;
  #kit: Kit | null = null;
  #room: Room | null = null;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listener: ReturnType<typeof setInterval>;
  readonly #hearing = new Hearing();
  #isOver = false;
  #isJoining = false;
  /** Whose cameras are received; everybody's until the page has said. */
  #shown: ReadonlySet<string> | null = null;
  #wantsCamera: boolean;
  #wantsMicrophone: boolean;
  /** What was open, or meant to be, when it was closed for want of my word, or of the application's. */
  #resumes: { camera: boolean; microphone: boolean } | null = null;
  #closedAt = 0;

  constructor(meeting: string) {
    this.#meeting = meeting;
    const { isCameraOn, isMicrophoneOn } = chosenDevices();
    this.#wantsCamera = isCameraOn;
    this.#wantsMicrophone = isMicrophoneOn;
    kitOnce().catch(() => undefined); // fetched while the room is being entered
    this.#listener = setInterval(() => void this.#listen().catch(() => undefined), LISTEN_MS);
  }

  /** Connect now, unless that is under way or done. */
  async join(): Promise<void> {
    if (this.#isOver || this.#isJoining || this.state === 'live') return;
    this.#isJoining = true;
    if (this.state !== 'away') this.state = 'joining';
    clearTimeout(this.#timer);
    try {
      this.#kit ??= await kitOnce();
      const ticket = await getTicket(this.#meeting);
      const room = this.#newRoom(this.#kit);
      this.#room = room;
      await room.connect(ticket.url, ticket.token, { autoSubscribe: true, maxRetries: 0 });
      if (this.#isOver) {
        await room.disconnect();
        return;
      }
      this.#tries = 0;
      this.state = 'live';
      // Where the session is recorded the relay lets nobody begin before the application has told it that they know.
      const isGranted = room.localParticipant.permissions?.canPublish ?? true;
      this.#permit((source) => isGranted && ticket.sources.includes(source));
      if (!isGranted) this.#resumes = { camera: this.#wantsCamera, microphone: this.#wantsMicrophone };
      this.#look();
      void this.#begin();
    } catch (error) {
      this.#missed(error);
    } finally {
      this.#isJoining = false;
    }
  }

  /** Turn mine on or off. Turning on may ask the person for leave to use the device. */
  async setMicrophone(on: boolean): Promise<void> {
    this.#wantsMicrophone = on;
    this.quieted = null;
    if (on && !this.mayMicrophone) return;
    await this.#use('microphone', on);
  }

  async setCamera(on: boolean): Promise<void> {
    this.#wantsCamera = on;
    await this.#use('camera', on);
  }

  /** Show my screen to all, or stop. The browser asks which; who changes their mind there has refused nothing. */
  async setSharing(on: boolean): Promise<void> {
    const me = this.#room?.localParticipant;
    if (!me || this.state !== 'live' || (on && !this.mayShare)) return;
    try {
      await me.setScreenShareEnabled(on, { audio: true, selfBrowserSurface: 'exclude', surfaceSwitching: 'include' });
    } catch {
      this.isSharing = me.isScreenShareEnabled;
    }
    this.#look();
  }

  /** Receive these people's cameras and no others: the media server sends nothing of the rest. */
  show(people: ReadonlySet<string>): void {
    this.#shown = people;
    this.#choose();
  }

  /** The session is recorded: the relay closes what is mine until I have said that I know. */
  holdBack(): void {
    if (this.isHeldBack) return;
    this.isHeldBack = true;
    // The relay's hand may have come before the news of why.
    const isJustClosed = Date.now() - this.#closedAt < JUST_MS;
    this.#resumes = { camera: this.#wantsCamera, microphone: this.#wantsMicrophone || isJustClosed };
    if (isJustClosed) this.quieted = null;
  }

  /** I have said so, and all is as it was; or the recording is over and I never did: then nothing opens by itself. */
  release(asItWas: boolean): void {
    if (!this.isHeldBack) return;
    this.isHeldBack = false;
    if (this.state !== 'live') this.#resumes = null; // what I want is done when I join
    else if (asItWas) this.#resume();
    else {
      this.#resumes = null;
      this.#wantsCamera = this.#wantsMicrophone = false;
    }
  }

  /** After a click: the browser lets sound through. */
  async hear(): Promise<void> {
    await this.#room?.startAudio();
  }

  /** The page goes. */
  leave(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearInterval(this.#listener);
    void this.#room?.disconnect();
  }

  /* What the person wants at the door; what the device or the relay refuses is told and not tried again. */
  async #begin(): Promise<void> {
    if (this.#wantsCamera && this.mayCamera) await this.#use('camera', true);
    if (this.#wantsMicrophone && this.mayMicrophone) await this.#use('microphone', true);
  }

  async #use(device: 'camera' | 'microphone', on: boolean): Promise<void> {
    const me = this.#room?.localParticipant;
    if (!me || this.state !== 'live') return;
    try {
      if (device === 'camera') await me.setCameraEnabled(on);
      else await me.setMicrophoneEnabled(on);
      if (this.failed === device) this.failed = null;
    } catch {
      if (on && this.state === 'live') this.failed = device;
    }
    this.#look();
  }

  #newRoom(kit: Kit): Room {
    const { camera, microphone, speaker } = chosenDevices();
    const room = new kit.Room({
      adaptiveStream: true,
      dynacast: true,
      disconnectOnPageLeave: true,
      reconnectPolicy: new kit.DefaultReconnectPolicy(RESUME_MS),
      videoCaptureDefaults: { resolution: kit.VideoPresets.h360.resolution, ...(camera ? { deviceId: camera } : {}) },
      audioCaptureDefaults: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(microphone ? { deviceId: microphone } : {}) },
      ...(speaker ? { audioOutput: { deviceId: speaker } } : {}),
      publishDefaults: { videoCodec: 'vp8', simulcast: true, videoSimulcastLayers: [kit.VideoPresets.h180], red: true, dtx: true },
    });
    const { RoomEvent: on } = kit;
    const look = (): void => this.#look();
    for (const event of [
      on.ParticipantConnected,
      on.ParticipantDisconnected,
      on.TrackPublished,
      on.TrackSubscribed,
      on.TrackUnsubscribed,
      on.TrackUnpublished,
      on.LocalTrackPublished,
      on.LocalTrackUnpublished,
      on.TrackUnmuted,
      on.TrackStreamStateChanged,
    ] as const) {
      room.on(event, look);
    }
    room.on(on.TrackMuted, (publication, participant) => {
      const isMine = participant.identity === room.localParticipant.identity;
      // The relay closed it: our own button leaves `#wantsMicrophone` false first.
      if (isMine && publication.source === kit.Track.Source.Microphone && this.#wantsMicrophone) this.#closed();
      this.#look();
    });
    room.on(on.ActiveSpeakersChanged, (speakers) => {
      const [loudest] = speakers;
      if (loudest) this.heard = [loudest.identity, ...this.heard.filter((one) => one !== loudest.identity)];
      this.#look();
    });
    room.on(on.ParticipantPermissionsChanged, (_before, participant) => {
      if (participant.identity === room.localParticipant.identity) this.#repermit(room.localParticipant);
    });
    room.on(on.ConnectionQualityChanged, (quality, participant) => {
      if (participant.identity === room.localParticipant.identity) this.isPoor = quality === kit.ConnectionQuality.Poor;
    });
    room.on(on.AudioPlaybackStatusChanged, () => (this.isSilenced = !room.canPlaybackAudio));
    room.on(on.SignalReconnecting, () => (this.state = 'away'));
    room.on(on.Reconnecting, () => (this.state = 'away'));
    room.on(on.Reconnected, () => {
      this.state = 'live';
      this.#look();
    });
    room.on(on.Disconnected, (reason) => this.#lost(room, reason));
    return room;
  }

  /**
   * Look without having been told, and cure voices that are not heard. livekit-client (2.23) keeps to itself what
   * happens in the two seconds after it has come back, tracks that arrive among it, until it comes back another time.
   */
  async #listen(): Promise<void> {
    const room = this.#room;
    if (this.state !== 'live' || !room || !this.#kit) return;
    this.#look();
    const ill = await listen(room, this.#kit.Track, this.#hearing);
    if (room !== this.#room || this.isSilenced) return;
    for (const [voice, cure] of ill) heal(voice, cure);
  }

  #resume(): void {
    if (this.isHeldBack || !this.#resumes || !this.mayCamera) return;
    const { camera, microphone } = this.#resumes;
    this.#resumes = null;
    if (camera) void this.#use('camera', true);
    if (microphone && this.mayMicrophone) void this.setMicrophone(true);
  }

  #repermit(me: LocalParticipant): void {
    const { Track: tracks } = this.#kit as Kit;
    const allowed = me.permissions;
    if (!allowed) return;
    const sources: readonly string[] = allowed.canPublishSources.map((source) => tracks.sourceFromProto(source));
    const every = sources.length === 0;
    const had = this.mayMicrophone;
    this.#permit((source) => allowed.canPublish && (every || sources.includes(source)));
    if (this.isSharing && !this.mayShare) void this.setSharing(false);
    if (had && !this.mayMicrophone && (this.isMicrophoneOn || this.#wantsMicrophone)) {
      this.#quiet('floor_over');
    }
    this.#resume();
  }

  #permit(allows: (source: string) => boolean): void {
    this.mayMicrophone = allows('microphone');
    this.mayCamera = allows('camera');
    this.mayShare = allows('screen_share');
    if (this.mayMicrophone && this.quieted === 'floor_over') this.quieted = null;
  }

  /** The relay closed my microphone: by the chair's hand, or because the floor moved; which one follows in a moment. */
  #closed(): void {
    this.#wantsMicrophone = false;
    this.#closedAt = Date.now();
    setTimeout(() => this.#quiet(this.mayMicrophone ? 'muted' : 'floor_over'), PERMISSION_FOLLOWS_MS);
  }

  /** Off, and it stays off until the person turns it on again. */
  #quiet(why: Quieted): void {
    if (this.#isOver || (this.isMicrophoneOn && this.#wantsMicrophone && this.mayMicrophone)) return; // turned on again meanwhile
    this.#wantsMicrophone = false;
    if (!this.isHeldBack) this.quieted = why;
    void this.#use('microphone', false);
  }

  #lost(room: Room, reason: number | undefined): void {
    if (room !== this.#room) return;
    this.#room = null;
    this.seen = new Map();
    this.shared = null;
    this.isPoor = false;
    this.isCameraOn = this.isMicrophoneOn = this.isSharing = false;
    if (this.#isOver) return;
    const { DisconnectReason: why } = this.#kit as Kit;
    this.quieted = null;
    if (reason === why.PARTICIPANT_REMOVED) this.state = 'removed';
    else if (reason === why.DUPLICATE_IDENTITY) this.state = 'elsewhere';
    else {
      // A room ends with its meeting, and also when it has moved to another relay: a new ticket tells which.
      this.state = reason === why.ROOM_DELETED ? 'none' : 'away';
      this.#later();
    }
  }

  #missed(error: unknown): void {
    if (this.#isOver) return;
    const { code } = refusalOf(error);
    if (code === 'not_your_item' || code === 'recused_here') this.state = 'outside';
    else if (code === 'wrong_phase') this.state = 'none';
    else {
      if (this.#tries > 0) this.state = 'away'; // one miss is not worth a word
      this.#later();
    }
  }

  #later(): void {
    clearTimeout(this.#timer);
    const pause = PAUSES_MS[Math.min(this.#tries, PAUSES_MS.length - 1)] ?? 8000;
    this.#tries += 1;
    this.#timer = setTimeout(() => void this.join(), pause);
  }

  #look(): void {
    const room = this.#room;
    if (!room || !this.#kit) return;
    const me = room.localParticipant;
    this.isCameraOn = me.isCameraEnabled;
    this.isMicrophoneOn = me.isMicrophoneEnabled;
    this.isSharing = me.isScreenShareEnabled;
    const people = [me, ...room.remoteParticipants.values()];
    const tracks = this.#kit.Track;
    this.seen = kept(this.seen, new Map(people.map((one) => [one.identity, seenOf(one, tracks)])));
    const screens = people.flatMap((one) => screenOf(one, tracks) ?? []);
    // Who shows something goes on showing it until they stop, whoever begins meanwhile.
    const shared = screens.find((one) => one.person === this.shared?.person) ?? screens[0] ?? null;
    if (shared?.video !== this.shared?.video) this.shared = shared;
  }

  /**
   * Tell the media server whose cameras are wanted, when the page has said so: it hears of a camera that opens, and
   * answers at once. What pauses costs nothing, and is kept for when it goes on.
   */
  #choose(): void {
    if (!this.#room || !this.#kit || !this.#shown) return;
    for (const one of this.#room.remoteParticipants.values()) {
      const camera = one.getTrackPublication(this.#kit.Track.Source.Camera) as RemoteTrackPublication | undefined;
      const isWanted = this.#shown.has(one.identity);
      if (camera && !camera.isMuted && camera.isDesired !== isWanted) camera.setSubscribed(isWanted);
    }
  }
}

/** The chunk with the client. Its own console stays quiet: the page says what there is to say. */
async function kitOnce(): Promise<Kit> {
  const kit = await import('livekit-client');
  kit.setLogLevel('silent');
  return kit;
}
