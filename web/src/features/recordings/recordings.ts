import type { Id, Recording, View } from '../../protocol/types';
import { all } from '../../protocol/view';

/** The recording under way: while there is one, everybody sees that there is. */
export function runningOf(view: View): Recording | null {
  return all(view, 'recordings').find((one) => one.phase === 'running') ?? null;
}

/** The recording under way that `person` has not yet said to know of; null when there is nothing to be said. */
export function unknownTo(view: View, person: Id): Recording | null {
  const running = runningOf(view);
  return running && !view.acknowledgements?.[`${running.id}:${person}`] ? running : null;
}

/** Oldest first. */
export function recordingsOf(view: View): Recording[] {
  return all(view, 'recordings').sort((a, b) => a.number - b.number);
}

/** How many have said that they know of it, as far as the viewer may know. */
export function knownBy(view: View, recording: Id): number {
  return all(view, 'acknowledgements').filter((one) => one.recording === recording).length;
}

/** Whether something of it could not be made or kept, and may be tried again. */
export function mayRetry(recording: Recording): boolean {
  return ['finished', 'failed'].includes(recording.phase) && (recording.parts ?? []).some((part) => part.fault !== null);
}

/** 1,4 MB, 12 kB, in the reader's language. */
export function sizeOf(bytes: number, locale: string): string {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, 'gigabyte'] : bytes >= 1e6 ? [bytes / 1e6, 'megabyte'] : [bytes / 1e3, 'kilobyte'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}
