import { expect, test } from 'vitest';
import type { Acknowledgement, Recording, View } from '../../protocol/types';
import { knownBy, mayRetry, recordingsOf, runningOf, sizeOf, unknownTo } from './recordings';

const recording = (number: number, phase: Recording['phase'], parts: Recording['parts'] = null): Recording => ({
  id: `r${number}`,
  number,
  phase,
  started_at: '2026-11-25T01:00:00.000Z',
  started_by: 'chair',
  stopped_at: null,
  cause: null,
  fault: null,
  parts,
});
const word = (of: string, person: string): Acknowledgement => ({ id: `${of}:${person}`, recording: of, person, at: '2026-11-25T01:00:01.000Z' });
const view = (recordings: Recording[], words: Acknowledgement[] = []): View => ({
  recordings: Object.fromEntries(recordings.map((one) => [one.id, one])),
  acknowledgements: Object.fromEntries(words.map((one) => [one.id, one])),
});
const part = (fault: 'lost' | null) => ({ n: 1, begun_at: '2026-11-25T01:00:00.000Z', size_bytes: null, digest: null, manifest_digest: null, fault });

test('the sign is there while something runs, and only then', () => {
  expect(runningOf(view([recording(1, 'finished'), recording(2, 'running')]))?.id).toBe('r2');
  expect(runningOf(view([recording(1, 'composing')]))).toBeNull();
  expect(runningOf({})).toBeNull();
});

test('who has said so for this recording is not asked again, and who said so for another is', () => {
  const running = [recording(1, 'finished'), recording(2, 'running')];
  expect(unknownTo(view(running, [word('r2', 'an')]), 'an')).toBeNull();
  expect(unknownTo(view(running, [word('r1', 'an'), word('r2', 'binh')]), 'an')?.id).toBe('r2');
  expect(unknownTo(view([recording(1, 'finished')]), 'an')).toBeNull();
});

test('recordings stand in their order', () => {
  expect(recordingsOf(view([recording(2, 'running'), recording(1, 'failed')])).map((one) => one.number)).toEqual([1, 2]);
});

test('those who know of one recording are counted', () => {
  expect(knownBy(view([recording(1, 'running')], [word('r1', 'an'), word('r1', 'binh'), word('r2', 'an')]), 'r1')).toBe(2);
});

test('what failed may be tried again, what is whole or under way may not', () => {
  expect(mayRetry(recording(1, 'failed', [part('lost')]))).toBe(true);
  expect(mayRetry(recording(1, 'failed', []))).toBe(false);
  expect(mayRetry(recording(1, 'finished', [part(null)]))).toBe(false);
  expect(mayRetry(recording(1, 'composing', [part('lost')]))).toBe(false);
  expect(mayRetry(recording(1, 'failed'))).toBe(false);
});

test('sizes are written as the reader writes them', () => {
  expect(sizeOf(1_440_000, 'vi-VN').replace(/\s/g, ' ')).toBe('1,4 MB');
  expect(sizeOf(26_000_000, 'en-GB').replace(/\s/g, ' ')).toBe('26 MB');
  expect(sizeOf(12_300, 'en-GB').replace(/\s/g, ' ')).toBe('12 kB');
  expect(sizeOf(2_500_000_000, 'en-GB').replace(/\s/g, ' ')).toBe('2.5 GB');
});
