import { beforeEach, expect, test, vi } from 'vitest';
import { ApiRefusal } from '../../protocol/api';
import type { Way } from '../../protocol/outbox.svelte';
import type { Slip, SlipAnswer } from '../../protocol/slips';
import type { Receipt } from '../../protocol/types';
import { MySheet } from './my-sheet.svelte';
import { packed, unpacked } from './sheet';
import { knownSheet } from './way';

/* Storage of this device, and a server that numbers, remembers and can be out of reach. */
const stored = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => stored.set(key, value),
  removeItem: (key: string) => stored.delete(key),
});
beforeEach(() => stored.clear());

const label = { vi: '', en: '' };
const questions = ['q1', 'q2'].map((id, index) => ({
  id,
  number: index + 1,
  text: id,
  method: 'approval' as const,
  options: [
    { id: 'for', label, needs_text: false },
    { id: 'other', label, needs_text: true },
  ],
  rule: { sentence: label, article: label },
  result: null,
}));

class Server {
  readonly sheets = new Map<number, { word: string; receipt: Receipt }>();
  /** Every sheet that arrived, with its number, also the ones repeated. */
  readonly arrived: { n: number; word: string }[] = [];
  draft: SlipAnswer[] | null = null;
  line: 'up' | 'down' | 'answers lost' = 'up';
  phase: Slip['phase'] = 'sent';
  version = 1;

  way(): Way {
    return {
      key: 'sheet',
      cast: async ({ choice, n }) => {
        if (this.line === 'down') throw new ApiRefusal('offline', 0);
        const receipt = this.take(n, choice);
        if (this.line === 'answers lost') throw new ApiRefusal('offline', 0);
        return receipt;
      },
      mine: async () => {
        const known = knownSheet(this.slip(), this.slip().mine!);
        if (!known) throw new ApiRefusal('not_found', 404);
        return known;
      },
    };
  }

  take(n: number, word: string): Receipt {
    this.arrived.push({ n, word });
    const before = this.sheets.get(n);
    if (before && before.word !== word) throw new ApiRefusal('equivocation', 409);
    if (this.phase !== 'sent' && !before) throw new ApiRefusal('slip_ended', 409);
    const receipt = before?.receipt ?? { question: 's', choice: word, n, number: 100 + this.arrived.length, hash: '', at: '', is_current: true };
    if (!before) this.version += 1;
    this.draft = before ? this.draft : null;
    this.sheets.set(n, { word, receipt });
    return receipt;
  }

  slip(): Slip {
    const last = [...this.sheets.keys()].sort((a, b) => a - b).at(-1);
    const kept = last === undefined ? undefined : this.sheets.get(last);
    const sheet = kept ? { n: last!, answers: unpacked(kept.word), receipt: { ...kept.receipt, slip: 's' } } : null;
    return { id: 's', body: 'b', phase: this.phase, version: this.version, questions, mine: { draft: this.draft, sheet, comment: '' } } as unknown as Slip;
  }

  open(): MySheet {
    const slip = this.slip();
    return new MySheet(slip, slip.mine!, this.way());
  }
}

const write = (sheet: MySheet, first: string, text = ''): void => {
  sheet.answers['q1'] = { choice: first, text };
  sheet.answers['q2'] = { choice: 'for', text: '' };
};
const answered = (choice: string, text = ''): SlipAnswer[] => [
  { question: 'q1', choice, text },
  { question: 'q2', choice: 'for', text: '' },
];
/** Until what was sent has been answered, or not. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test('a sheet is sent once it is whole, and stands with its receipt', async () => {
  const server = new Server();
  const sheet = server.open();
  write(sheet, 'other');
  expect(sheet.read()).toBe(false);
  sheet.send();
  expect(server.arrived).toEqual([]);
  write(sheet, 'other', 'Nêu rõ kinh phí');
  expect(sheet.read()).toBe(true);
  sheet.send();
  expect(sheet.isOpen).toBe(false);
  await settled();
  expect(sheet.outbox.ballot).toMatchObject({ phase: 'recorded', n: 1 });
  expect(sheet.sent).toEqual(answered('other', 'Nêu rõ kinh phí'));
  expect(stored.size).toBe(0);
});

test('a sheet on its way survives a reload with its number, and arriving twice it counts once', async () => {
  const server = new Server();
  server.line = 'answers lost';
  const before = server.open();
  write(before, 'for');
  before.send();
  await settled();
  expect(before.outbox.ballot).toMatchObject({ phase: 'waiting', n: 1, tries: 1 });
  before.outbox.stop();
  expect(JSON.parse(stored.get('sheet')!)).toMatchObject({ n: 1, choice: packed(questions, answered('for')) });

  /* The page comes back before the server's word about my sheet does. */
  const stale = { ...server.slip(), mine: { draft: null, sheet: null, comment: '' } };
  server.line = 'up';
  const after = new MySheet(stale, stale.mine, server.way());
  expect(after.sent).toEqual(answered('for'));
  await settled();
  expect(server.arrived.map(({ n }) => n)).toEqual([1, 1]);
  expect(server.sheets.size).toBe(1);
  expect(after.outbox.ballot).toMatchObject({ phase: 'recorded', n: 1 });
});

test('what is on its way is written to this device before it is sent', () => {
  const server = new Server();
  let seen: string | undefined;
  const way = { ...server.way(), cast: () => ((seen = stored.get('sheet')), new Promise<Receipt>(() => undefined)) };
  const sheet = new MySheet(server.slip(), server.slip().mine!, way);
  write(sheet, 'for');
  sheet.send();
  expect(JSON.parse(seen ?? '{}')).toMatchObject({ n: 1 });
});

test('a changed sheet takes the next number, and what was sent stands until it is confirmed', async () => {
  const server = new Server();
  const sheet = server.open();
  write(sheet, 'for');
  sheet.send();
  await settled();
  server.line = 'down';
  sheet.learn(server.slip());
  sheet.change();
  expect(sheet.given).toEqual(answered('for'));
  write(sheet, 'other', 'Lùi một tuần');
  sheet.send();
  await settled();
  expect(sheet.outbox.ballot).toMatchObject({ phase: 'waiting', n: 2, kept: { n: 1 } });
  server.line = 'up';
  sheet.outbox.hurry();
  await settled();
  expect(sheet.outbox.ballot).toMatchObject({ phase: 'recorded', n: 2 });
});

test('a newer sheet from another device is learned, and never written over by what is typed here', async () => {
  const server = new Server();
  const sheet = server.open();
  write(sheet, 'for', 'đang viết');
  server.take(1, packed(questions, answered('other', 'Gửi từ điện thoại')));
  sheet.learn(server.slip());
  expect(sheet.outbox.ballot).toMatchObject({ phase: 'recorded', n: 1 });
  expect(sheet.isOvertaken).toBe(true);
  expect(sheet.isOpen).toBe(true);
  expect(sheet.answers['q1']).toEqual({ choice: 'for', text: 'đang viết' });
  sheet.keepSent();
  expect(sheet.sent).toEqual(answered('other', 'Gửi từ điện thoại'));
  sheet.change();
  expect(sheet.given).toEqual(answered('other', 'Gửi từ điện thoại'));
  write(sheet, 'for');
  sheet.send();
  await settled();
  expect(server.arrived.at(-1)?.n).toBe(2);
});

test('two devices that used one number: the one that came first counts, and the other may go on', async () => {
  const server = new Server();
  const sheet = server.open();
  server.take(1, packed(questions, answered('other', 'Gửi từ điện thoại')));
  write(sheet, 'for');
  sheet.send();
  await settled();
  expect(sheet.outbox.ballot).toMatchObject({ phase: 'refused', code: 'equivocation', kept: { n: 1 } });
  expect(sheet.answers['q1']?.choice).toBe('for');
  sheet.send();
  await settled();
  expect(sheet.outbox.ballot).toMatchObject({ phase: 'recorded', n: 2 });
});

test('a draft is begun from, never over what was sent', async () => {
  const server = new Server();
  server.draft = [{ question: 'q1', choice: 'other', text: 'nháp' }];
  const sheet = server.open();
  expect(sheet.answers['q1']).toEqual({ choice: 'other', text: 'nháp' });
  expect(sheet.isUnkept).toBe(false);
  write(sheet, 'for');
  expect(sheet.isUnkept).toBe(true);
  sheet.keptAside(sheet.unfinished);
  expect(sheet.isUnkept).toBe(false);
  sheet.send();
  /* The draft's own answer comes back after the sheet went. */
  sheet.keptAside([{ question: 'q1', choice: 'other', text: 'nháp' }]);
  await settled();
  expect(sheet.sent).toEqual(answered('for'));
  expect(sheet.hasDraft).toBe(false);
  sheet.change();
  expect(sheet.given).toEqual(answered('for'));
});

test('news of the slip leaves what is being written alone, and brings what was put aside elsewhere', () => {
  const server = new Server();
  const sheet = server.open();
  server.draft = [{ question: 'q1', choice: 'for', text: 'từ máy khác' }];
  server.version += 1;
  sheet.learn(server.slip());
  expect(sheet.answers['q1']).toEqual({ choice: 'for', text: 'từ máy khác' });
  write(sheet, 'other', 'đang viết');
  server.version += 1;
  sheet.learn(server.slip());
  expect(sheet.answers['q1']).toEqual({ choice: 'other', text: 'đang viết' });
});

test('a sheet that comes after the end is told of, and what counted stands', async () => {
  const server = new Server();
  const sheet = server.open();
  write(sheet, 'for');
  sheet.send();
  await settled();
  sheet.learn(server.slip());
  sheet.change();
  write(sheet, 'other', 'Quá muộn');
  server.phase = 'ended';
  sheet.send();
  await settled();
  server.version += 1;
  sheet.learn(server.slip());
  expect(sheet.outbox.ballot).toMatchObject({ phase: 'refused', code: 'slip_ended', kept: { n: 1 } });
  expect(sheet.isOpen).toBe(false);
  expect(sheet.sent).toEqual(answered('for'));
});
