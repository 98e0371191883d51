/**
 * One device of the person: asked for, there, or why not.
 *
 * asking   the browser asks the person, or the device is being opened
 * on       it works; `stream` has it
 * off      the person has turned it off
 * denied   the browser may not; `missing` there is none; `busy` something else has it
 */
export type DeviceState = 'asking' | 'on' | 'off' | 'denied' | 'missing' | 'busy';

export class Device {
  state = $state<DeviceState>('off');
  stream = $state.raw<MediaStream | null>(null);
  chosen = $state<string>('');

  #kind: 'audio' | 'video';
  #asked = 0;

  constructor(kind: 'audio' | 'video', chosen: string | null) {
    this.#kind = kind;
    this.chosen = chosen ?? '';
  }

  async open(): Promise<void> {
    const turn = ++this.#asked;
    this.#release();
    this.state = 'asking';
    try {
      const stream = await this.#get();
      if (turn !== this.#asked) return stream.getTracks().forEach((track) => track.stop());
      this.stream = stream;
      this.state = 'on';
    } catch (error) {
      if (turn === this.#asked) this.state = reasonOf(error);
    }
  }

  close(): void {
    this.#asked += 1;
    this.#release();
    this.state = 'off';
  }

  async #get(): Promise<MediaStream> {
    const wanted = this.chosen ? { deviceId: { ideal: this.chosen } } : {};
    const size = this.#kind === 'video' ? { width: { ideal: 640 }, height: { ideal: 400 } } : {};
    return navigator.mediaDevices.getUserMedia({ [this.#kind]: { ...wanted, ...size } });
  }

  #release(): void {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }
}

function reasonOf(error: unknown): DeviceState {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy';
}

/** The loudness of a stream, 0 to 10, told a dozen times a second until stopped. */
export function listen(stream: MediaStream, hear: (level: number) => void): () => void {
  const context = new AudioContext();
  const ear = context.createAnalyser();
  ear.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(ear);
  const samples = new Float32Array(ear.fftSize);
  const timer = setInterval(() => {
    ear.getFloatTimeDomainData(samples);
    const power = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
    const decibel = 20 * Math.log10(Math.max(power, 1e-6));
    hear(Math.round(Math.min(10, Math.max(0, (decibel + 60) / 5))));
  }, 80);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
