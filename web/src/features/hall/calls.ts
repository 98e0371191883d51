import { get, path, send } from '../../protocol/api';
import type { Id, Question } from '../../protocol/types';
import type { Answers } from './hands';
import type { Counted } from './count';

const of = (meeting: Id, question: Id): string => path`/api/meetings/${meeting}/questions/${question}`;

export const enterHands = (meeting: Id, question: Id, answers: Answers, replaces?: Id): Promise<void> =>
  send('PUT', `${of(meeting, question)}/hands`, { answers, ...(replaces ? { replaces } : {}) });
export const confirmHands = (meeting: Id, question: Id, answers: Answers): Promise<void> => send('POST', `${of(meeting, question)}/hands/confirm`, { answers });
export const myHands = (meeting: Id, question: Id): Promise<{ answers: Answers }> => get(`${of(meeting, question)}/hands`);

export const enterCount = (meeting: Id, question: Id, counted: Counted, replaces?: Id): Promise<void> =>
  send('PUT', `${of(meeting, question)}/count`, { ...counted, ...(replaces ? { replaces } : {}) });
export const confirmCount = (meeting: Id, question: Id, counted: Counted): Promise<void> => send('POST', `${of(meeting, question)}/count/confirm`, counted);
export const myCount = (meeting: Id, question: Id): Promise<Counted> => get(`${of(meeting, question)}/count`);

export const tellersMinutesPath = (meeting: Id, question: Id): string => `${of(meeting, question)}/tellers-minutes.pdf`;

/** The next round of an election: those who stand again, for the seats that are left. */
export function putRunOff(meeting: Id, ended: Question, text: string): Promise<{ id: Id }> {
  const election = ended.election;
  const again = new Set(election?.run_off ?? []);
  const candidates = (ended.candidates ?? [])
    .filter((one) => again.has(one.id))
    .map(({ name, person }) => ({ name, ...(person ? { person } : {}) }));
  return send('POST', path`/api/meetings/${meeting}/questions`, {
    item: ended.item,
    text,
    method: 'election',
    matter: ended.matter,
    way: ended.way,
    candidates,
    seats: election?.seats_left ?? 1,
  });
}
