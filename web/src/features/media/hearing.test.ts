import { expect, test } from 'vitest';
import { type Come, type Cure, Hearing } from './hearing';

/** One voice, looked at each second: of each second whether packets came and whether they were played. */
function cures(seconds: readonly { comes: boolean; plays: boolean }[]): (Cure | null)[] {
  const hearing = new Hearing();
  let come: Come = { packets: 0, samples: 0, isPlaying: true };
  hearing.judge(new Map([['an', come]]), 0);
  return seconds.map(({ comes, plays }, second) => {
    come = { packets: come.packets + (comes ? 50 : 0), samples: come.samples + (plays ? 48_000 : 0), isPlaying: true };
    return hearing.judge(new Map([['an', come]]), (second + 1) * 1000).get('an') ?? null;
  });
}

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
const well = { comes: true, plays: true };
const mute = { comes: true, plays: false };
const lost = { comes: false, plays: true };

test('a voice that comes and is played needs nothing', () => {
  expect(cures(times(60, well))).toEqual(times(60, null));
});

test('what comes and is not played is attached anew, after four seconds and then ever more rarely', () => {
  const found = cures(times(130, mute));
  expect(found.flatMap((cure, at) => (cure ? [[at + 1, cure]] : []))).toEqual([
    [4, 'attach'],
    [12, 'attach'],
    [28, 'attach'],
    [60, 'attach'],
    [120, 'attach'],
  ]);
});

test('what does not come is asked for anew', () => {
  expect(cures(times(4, lost))).toEqual([null, null, null, 'subscribe']);
});

test('who stumbles for three seconds is left alone', () => {
  expect(cures([...times(3, lost), well, ...times(3, mute), well, ...times(3, lost)])).toEqual(times(11, null));
});

test('after a cure that helped, the next fault is cured as soon as the first', () => {
  const found = cures([...times(4, mute), well, ...times(4, mute)]);
  expect(found).toEqual([...times(3, null), 'attach', null, ...times(3, null), 'attach']);
});

test('an element that was stopped plays nothing, whatever the browser counts', () => {
  const hearing = new Hearing();
  const found = [0, 1, 2, 3, 4].map((second) => {
    const come = { packets: second * 50, samples: second * 48_000, isPlaying: false };
    return hearing.judge(new Map([['an', come]]), second * 1000).get('an') ?? null;
  });
  expect(found).toEqual([null, null, null, null, 'attach']);
});

test('who was not to be heard for a while begins anew', () => {
  const hearing = new Hearing();
  const silent = new Map([['an', { packets: 0, samples: 0, isPlaying: true }]]);
  hearing.judge(silent, 0);
  hearing.judge(new Map(), 3000);
  hearing.judge(silent, 5000);
  expect(hearing.judge(silent, 8000)).toEqual(new Map());
});
