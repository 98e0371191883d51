import { get, path, send } from '../../protocol/api';
import type { Id } from '../../protocol/types';

export interface Progress {
  readonly phase: string;
  /** The media server says so at this moment. */
  readonly is_recorded: boolean;
  readonly percent: number | null;
}

export const startRecording = (meeting: Id): Promise<{ id: Id }> => send('POST', path`/api/meetings/${meeting}/recordings`, { no_secrets: true });
export const stopRecording = (meeting: Id, recording: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/recordings/${recording}/stop`);
export const acknowledge = (meeting: Id, recording: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/recordings/${recording}/acknowledge`);
export const retryRecording = (meeting: Id, recording: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/recordings/${recording}/retry`);
export const howFar = (meeting: Id, recording: Id, signal?: AbortSignal): Promise<Progress> => get(path`/api/meetings/${meeting}/recordings/${recording}`, signal);
export const filmPath = (meeting: Id, recording: Id, part: number): string => path`/api/meetings/${meeting}/recordings/${recording}/parts/${String(part)}/film`;
export const manifestPath = (meeting: Id, recording: Id, part: number): string => path`/api/meetings/${meeting}/recordings/${recording}/parts/${String(part)}/manifest`;
