/** Which devices to use and whether to begin with them: what was chosen in the green room, kept on this machine. */
export interface Devices {
  readonly camera: string | null;
  readonly microphone: string | null;
  readonly speaker: string | null;
  readonly isCameraOn: boolean;
  readonly isMicrophoneOn: boolean;
}

const KEPT = 'ecabinet.devices';
const USUAL: Devices = { camera: null, microphone: null, speaker: null, isCameraOn: true, isMicrophoneOn: false };

export function chosenDevices(): Devices {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Devices>) };
  } catch {
    return USUAL;
  }
}

export function keepDevices(devices: Devices): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(devices));
  } catch {
    // The choice then holds for this visit only.
  }
}
