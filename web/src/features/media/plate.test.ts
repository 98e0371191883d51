import { expect, test } from 'vitest';
import { plateOf } from './plate';

test('a plate leaves out the post the name begins with', () => {
  expect(plateOf('Thứ trưởng TV06', 'Thứ trưởng')).toBe('TV06');
});

test('a post alone stays as it is', () => {
  expect(plateOf('Thư ký 1', '')).toBe('Thư ký 1');
  expect(plateOf('Chánh Văn phòng', '')).toBe('Chánh Văn phòng');
  expect(plateOf('Bộ trưởng', 'Bộ trưởng')).toBe('Bộ trưởng');
});

test('of a long name the last two words stand on the plate', () => {
  expect(plateOf('Nguyễn Thị Minh Khai', '')).toBe('Minh Khai');
  expect(plateOf('Lê An', '')).toBe('Lê An');
});
