import { expect, test } from 'vitest';
import type { MyPart, View } from '../../protocol/types';
import { nextStep } from './step';

const chair = { person: 'c', actions: ['meeting.lead'], recused: [] } as unknown as MyPart;
const member = { person: 'm', actions: ['ballot.cast'], recused: [] } as unknown as MyPart;

interface Given {
  readonly phase?: string;
  readonly present?: number;
  readonly items?: readonly object[];
  readonly questions?: readonly object[];
  readonly turns?: readonly object[];
  readonly plans?: readonly object[];
  readonly positions?: readonly object[];
}

function table(rows: readonly object[]): Record<string, object> {
  return Object.fromEntries(rows.map((row, index) => [String(index + 1), { id: String(index + 1), position: index + 1, ...row }]));
}

function view({ phase = 'open', present = 6, items = [], questions = [], turns = [], plans = [], positions = [] }: Given): View {
  return {
    meetings: { a: { id: 'a', phase } },
    quorums: { a: { id: 'a', members: 7, present, needed: 5, is_quorate: present >= 5 } },
    items: table(items),
    questions: table(questions),
    turns: table(turns),
    plans: table(plans),
    positions: table(positions),
  } as unknown as View;
}

const decided = { item: '1', status: 'closed', opened_at: '1' };

test('the chair opens the session first', () => {
  expect(nextStep(view({ phase: 'convened' }), chair)).toEqual({ kind: 'open', short: null });
});

test('opening is locked while too few are there', () => {
  expect(nextStep(view({ phase: 'convened', present: 4 }), chair)).toMatchObject({ kind: 'open', short: { present: 4, needed: 5 } });
});

test('who has withdrawn from the item has no step until another one is before the meeting', () => {
  const given = { items: [{ id: '1', phase: 'current', type: 'decision' }] };
  expect(nextStep(view(given), { ...chair, recused: ['1'] })).toBeNull();
  expect(nextStep(view(given), { ...chair, recused: ['2'] })).toMatchObject({ kind: 'put_question' });
});

test('only who leads has a step', () => {
  expect(nextStep(view({ phase: 'convened' }), member)).toBeNull();
});

test('an open session without an item begins its first pending one', () => {
  expect(nextStep(view({ items: [{ phase: 'done' }, { phase: 'pending' }] }), chair)).toMatchObject({ kind: 'start', item: { id: '2' } });
});

test('who waits longest is called first', () => {
  const turns = [
    { status: 'waiting', asked_at: '2' },
    { status: 'waiting', asked_at: '1' },
  ];
  expect(nextStep(view({ items: [{ phase: 'current', type: 'decision' }], turns }), chair)).toMatchObject({ kind: 'give', turn: { id: '2' } });
});

test('an item for decision is put to the vote before it is concluded', () => {
  expect(nextStep(view({ items: [{ phase: 'current', type: 'decision' }] }), chair)).toMatchObject({ kind: 'put_question', short: null });
});

test('a question called off does not count as a vote', () => {
  const questions = [{ ...decided, status: 'cancelled' }];
  expect(nextStep(view({ items: [{ phase: 'current', type: 'decision' }], questions }), chair)?.kind).toBe('put_question');
});

test('an open vote comes before everything else', () => {
  const given = { items: [{ phase: 'current', type: 'decision' }], questions: [{ ...decided, status: 'open' }], turns: [{ status: 'waiting', asked_at: '1' }] };
  expect(nextStep(view(given), chair)?.kind).toBe('close_vote');
});

test('after the vote comes the conclusion', () => {
  expect(nextStep(view({ items: [{ phase: 'current', type: 'decision' }], questions: [decided] }), chair)?.kind).toBe('conclude');
});

test('an item for information needs no vote', () => {
  expect(nextStep(view({ items: [{ phase: 'current', type: 'information' }] }), chair)?.kind).toBe('conclude');
});

test('a concluded item gives way to the next, and the last one to the close', () => {
  const done = { phase: 'current', type: 'decision', conclusion: 'Thống nhất.' };
  expect(nextStep(view({ items: [done, { phase: 'pending' }] }), chair)).toMatchObject({ kind: 'start', item: { id: '2' } });
  expect(nextStep(view({ items: [done] }), chair)).toEqual({ kind: 'close' });
});

test('a pause ends by resuming, and a closed session asks nothing', () => {
  expect(nextStep(view({ phase: 'paused' }), chair)).toEqual({ kind: 'resume' });
  expect(nextStep(view({ phase: 'closed' }), chair)).toBeNull();
});

const decision = { phase: 'current', type: 'decision' };
const part = { item: '1', kind: 'part', text: 'Chương I', question: null };

test('a paused vote is resumed before anything else', () => {
  expect(nextStep(view({ items: [decision], questions: [{ item: '1', status: 'paused' }] }), chair)).toMatchObject({ kind: 'resume_vote' });
});

test('hands and papers are waited for, not closed by a word', () => {
  for (const way of ['hands', 'paper'])
    expect(nextStep(view({ items: [decision], questions: [{ item: '1', status: 'open', way }] }), chair)).toMatchObject({ kind: 'count' });
});

test('parts come before the whole, whatever their place in the plan', () => {
  const plans = [{ ...part, kind: 'whole' }, part];
  expect(nextStep(view({ items: [decision], plans }), chair)).toMatchObject({ kind: 'put_plan', plan: { id: '2' } });
  const questions = [{ ...decided, kind: 'part' }];
  const done = [plans[0] ?? part, { ...part, question: '1' }];
  expect(nextStep(view({ items: [decision], plans: done, questions }), chair)).toMatchObject({ kind: 'put_plan', plan: { id: '1' } });
});

test('a part that was voted on does not stand for the whole', () => {
  expect(nextStep(view({ items: [decision], questions: [{ ...decided, kind: 'part' }] }), chair)).toMatchObject({ kind: 'put_question' });
});

test('an annulled vote is put again', () => {
  expect(nextStep(view({ items: [decision], questions: [{ ...decided, status: 'annulled' }] }), chair)).toMatchObject({ kind: 'put_question' });
});

test('equal votes wait for the one voice before anything goes on', () => {
  const tied = { ...decided, verdict: { outcome: 'undecided' }, settler: 'c' };
  expect(nextStep(view({ items: [decision], questions: [tied] }), chair)).toMatchObject({ kind: 'tie' });
  expect(nextStep(view({ items: [decision], questions: [{ ...tied, settled: { side: 'for' } }] }), chair)).toMatchObject({ kind: 'conclude' });
  expect(nextStep(view({ items: [decision], questions: [{ ...tied, settler: null }] }), chair)).toMatchObject({ kind: 'conclude' });
});

const ahead = { phase: 'pending', type: 'decision' };
const stance = (item: string, word: string): object => ({ item, stance: word });

test('items nobody objects to are offered together at the opening', () => {
  const given = { items: [ahead, ahead, ahead], positions: [stance('1', 'no_objection'), stance('2', 'no_objection'), stance('3', 'opinion')] };
  expect(nextStep(view(given), chair)).toMatchObject({ kind: 'put_block', items: [{ id: '1' }, { id: '2' }] });
  expect(nextStep(view({ ...given, items: [{ ...ahead, phase: 'done', conclusion: 'x' }, ahead, ahead] }), chair)).toMatchObject({ kind: 'start' });
  expect(nextStep(view({ ...given, positions: [stance('1', 'no_objection')] }), chair)).toMatchObject({ kind: 'start' });
});

test('a planned question is locked with the numbers while too few are there', () => {
  expect(nextStep(view({ items: [decision], plans: [part], present: 4 }), chair)).toMatchObject({ kind: 'put_plan', short: { present: 4, needed: 5 } });
});

test('an election with seats left goes on to its next round before anything else of the item', () => {
  const election = { seats_left: 1, run_off: ['c2', 'c3'] };
  const ended = { ...decided, method: 'election', election, candidates: [] };
  const items = [{ phase: 'current', type: 'decision' }];
  expect(nextStep(view({ items, questions: [ended], turns: [{ status: 'waiting', asked_at: '1' }] }), chair)?.kind).toBe('run_off');
  const filled = { ...ended, opened_at: '9', election: { seats_left: 0, run_off: [] } };
  expect(nextStep(view({ items, questions: [ended, filled] }), chair)?.kind).toBe('conclude');
});
