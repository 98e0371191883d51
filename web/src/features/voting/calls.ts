import { get, path, send } from '../../protocol/api';
import type { Id, Method, Receipt } from '../../protocol/types';

export interface NewQuestion {
  readonly item: Id;
  readonly text: string;
  readonly method: Method;
  readonly options?: readonly string[];
}
export interface MyBallot {
  readonly choice: string;
  readonly n: number;
  readonly receipt: Receipt;
}

export const putQuestion = (meeting: Id, question: NewQuestion): Promise<{ id: Id }> => send('POST', path`/api/meetings/${meeting}/questions`, question);
export const castBallot = (meeting: Id, question: Id, choice: string, n: number): Promise<Receipt> =>
  send('POST', path`/api/meetings/${meeting}/questions/${question}/ballots`, { choice, n });
export const getMyBallot = (meeting: Id, question: Id): Promise<MyBallot> => get(path`/api/meetings/${meeting}/questions/${question}/ballots/mine`);
export const closeQuestion = (meeting: Id, question: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/questions/${question}/close`);
export const cancelQuestion = (meeting: Id, question: Id, reason: string): Promise<void> =>
  send('POST', path`/api/meetings/${meeting}/questions/${question}/cancel`, { reason });
