import { expect, test } from 'vitest';
import type { MinutesText } from '../../protocol/types';
import { prove } from './proofs';

const text = (line: string, entries: number[], figures: MinutesText['figures'] = []): MinutesText => ({
  id: 'x',
  version: 1,
  drafted_at: '2026-11-25T05:00:00.000Z',
  digest: '',
  figures,
  sections: [{ heading: 'Nội dung 2', lines: [{ text: line, entries }] }],
});
const marked = (minutes: MinutesText): (string | undefined)[] =>
  prove(minutes).parts[0]?.lines[0]?.filter((piece) => piece.proof).map((piece) => piece.text) ?? [];

test('a figure the minutes name is the proof, with its own entries', () => {
  const minutes = text('Kết quả: Tán thành 6/7 (85,71%).', [8, 9, 10], [{ name: 'Nội dung 2: Tán thành', value: '6/7', entries: [10, 8] }]);
  expect(prove(minutes).proofs).toEqual([{ number: 1, words: '6/7', about: 'Nội dung 2: Tán thành', entries: [8, 10] }]);
});

test('of two figures with one value the line means the one it names', () => {
  const figures = ['tham gia biểu quyết', 'tán thành', 'không tán thành'].map((name, index) => ({ name: `Nội dung 2: ${name}`, value: '6/7', entries: [index, 9] }));
  const about = (line: string): string | undefined => prove(text(line, [9], figures)).proofs[0]?.about;
  expect(about('Tham gia biểu quyết: 6/7 (85,71%)')).toBe('Nội dung 2: tham gia biểu quyết');
  expect(about('Tán thành: 6/7 (85,71%)')).toBe('Nội dung 2: tán thành');
  expect(about('Không tán thành: 6/7 (85,71%)')).toBe('Nội dung 2: không tán thành');
});

test('the same value proven elsewhere is not mistaken for this one', () => {
  const minutes = text('Có mặt 6/7.', [3], [{ name: 'Khác', value: '6/7', entries: [99] }]);
  expect(prove(minutes).proofs[0]?.about).toBe('Nội dung 2');
});

test.each([
  ['Bắt đầu lúc 08 giờ 25 phút.', '08 giờ 25 phút'],
  ['1. Thứ trưởng TV03: Tán thành', 'Tán thành'],
  ['Số phiếu thu về: 7 (100,00%)', '7 (100,00%)'],
  ['2. Thứ trưởng TV04: Phương án 2: thuê dịch vụ', 'Phương án 2: thuê dịch vụ'],
  ['Bộ trưởng điều hành.', 'Bộ trưởng điều hành'],
])('without a named figure, %s is proven by what it says', (line, words) => expect(marked(text(line, [5]))).toEqual([words]));

test('nothing of the text is lost or said twice', () => {
  const line = 'Phát biểu (2 lượt): A (lúc 08 giờ 30 phút, trong 04 phút); B (lúc 08 giờ 36 phút).';
  const minutes = text(line, [1, 2], [{ name: 'phát biểu', value: '2 lượt', entries: [1, 2] }, { name: 'x', value: '08 giờ 36 phút', entries: [2] }]);
  expect(prove(minutes).parts[0]?.lines[0]?.map((piece) => piece.text).join('')).toBe(line);
  expect(marked(minutes)).toEqual(['2 lượt', '08 giờ 36 phút']);
});

test('a line nobody recorded has no proof', () => expect(marked(text('Địa điểm: Phòng họp A.', []))).toEqual([]));
