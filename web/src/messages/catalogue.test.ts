import { expect, test } from 'vitest';
import { fill, placesOf } from './catalogue';
import { en } from './en';
import { vi } from './vi';

test('both languages have the same keys', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
});

test('no sentence is empty', () => {
  for (const [key, sentence] of [...Object.entries(vi), ...Object.entries(en)]) expect(sentence.trim(), key).not.toBe('');
});

test('a sentence has the same places in both languages', () => {
  for (const key of Object.keys(vi) as (keyof typeof vi)[]) expect(placesOf(en[key]), key).toEqual(placesOf(vi[key]));
});

test('English sentences are not Vietnamese ones left behind', () => {
  const left = (Object.keys(vi) as (keyof typeof vi)[]).filter((key) => /[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i.test(en[key]));
  expect(left.filter((key) => key !== 'shell.switchLanguage')).toEqual([]);
});

test('a number chooses its word and is written as the language writes it', () => {
  expect(fill('{n} {n:paper|papers}', { n: 1 }, 'en-GB')).toBe('1 paper');
  expect(fill('{n} {n:paper|papers}', { n: 1284 }, 'en-GB')).toBe('1,284 papers');
  expect(fill('{n} tài liệu', { n: 1284 }, 'vi-VN')).toBe('1.284 tài liệu');
});

test('a place without a value stays visible, so that it is found', () => {
  expect(fill('Còn {days} ngày', {}, 'vi-VN')).toBe('Còn {days} ngày');
});
