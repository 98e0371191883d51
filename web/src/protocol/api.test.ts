import { afterEach, expect, test, vi } from 'vitest';
import { refusalAt } from './api';

afterEach(() => vi.unstubAllGlobals());

function answers(answer: Response): void {
  vi.stubGlobal('document', { documentElement: { lang: 'vi' } });
  vi.stubGlobal('fetch', () => Promise.resolve(answer));
}

test('why an element of the page did not get its file is told by its code', async () => {
  answers(Response.json({ error: { code: 'recording_altered', detail: {} } }, { status: 409 }));
  expect(await refusalAt('/film')).toMatchObject({ code: 'recording_altered', status: 409 });
});

test('of a file that is to be had nothing is read', async () => {
  const cancel = vi.fn();
  answers(new Response(new ReadableStream({ cancel })));
  expect(await refusalAt('/film')).toBeNull();
  expect(cancel).toHaveBeenCalledOnce();
});
