import { expect, test } from 'vitest';
import { titleOf } from './title';

test.each([
  ['to_trinh_du_thao.pdf', 'To trinh du thao'],
  ['Tờ trình.PDF', 'Tờ trình'],
  ['đề án  họp   không giấy.pdf', 'Đề án họp không giấy'],
  ['.pdf', '.pdf'],
])('a file called %s', (name, title) => expect(titleOf(name)).toBe(title));
