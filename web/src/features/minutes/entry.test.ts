import { expect, test } from 'vitest';
import type { RecordEntry, View } from '../../protocol/types';
import { toldBy } from './entry';

const view = {
  participants: { p3: { id: 'p3', name: 'Thứ trưởng TV03' }, p1: { id: 'p1', name: 'Bộ trưởng' } },
  items: { i2: { id: 'i2', position: 2, title: 'Dự thảo Nghị định' } },
  questions: { q1: { id: 'q1', item: 'i2', options: [{ id: 'for', label: 'Tán thành' }] } },
} as unknown as View;
const entry = (payload: RecordEntry['payload'], actor = 'p1'): RecordEntry => ({ number: 7, type: 'x', at: '', actor, actor_name: 'Bộ trưởng', payload });

test('a ballot is told by its item and its choice in words', () => {
  expect(toldBy(entry({ ballot: { question: 'q1', voter: 'p3', choice: 'for', n: 1 } }, 'p3'), view)).toEqual({
    person: null,
    item: '2. Dự thảo Nghị định',
    choice: 'Tán thành',
    text: null,
  });
});

test('somebody acted upon is named, whoever acted is not named twice', () => {
  expect(toldBy(entry({ person: 'p3' }), view).person).toBe('Thứ trưởng TV03');
  expect(toldBy(entry({ person: 'p1' }), view).person).toBeNull();
});

test('a payload that is held back tells nothing', () => {
  expect(toldBy(entry(null), view)).toEqual({ person: null, item: null, choice: null, text: null });
});
