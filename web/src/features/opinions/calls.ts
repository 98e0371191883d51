import { get, getNews, path, send } from '../../protocol/api';
import type { NewSlip, SheetReceipt, Slip, SlipAnswer, Slips } from '../../protocol/slips';
import type { Id, Moment } from '../../protocol/types';

export const getSlips = (body: Id, signal?: AbortSignal): Promise<Slips> => get(path`/api/bodies/${body}/slips`, signal);
export const getSlip = (body: Id, slip: Id, signal?: AbortSignal): Promise<Slip> => get(path`/api/bodies/${body}/slips/${slip}`, signal);
export const newsOfSlip = (body: Id, slip: Id, since: number, signal?: AbortSignal): Promise<Slip | null> =>
  getNews(`${path`/api/bodies/${body}/slips/${slip}`}?since=${since}`, signal);
export const addSlip = (body: Id, slip: NewSlip): Promise<{ id: Id }> => send('POST', path`/api/bodies/${body}/slips`, slip);
export const changeSlip = (body: Id, slip: Id, changes: Partial<NewSlip>): Promise<void> => send('PATCH', path`/api/bodies/${body}/slips/${slip}`, changes);
export const dropSlipPaper = (body: Id, slip: Id, paper: Id): Promise<void> => send('DELETE', path`/api/bodies/${body}/slips/${slip}/papers/${paper}`);

export const submitSlip = (body: Id, slip: Id): Promise<void> => send('POST', path`/api/bodies/${body}/slips/${slip}/submit`);
export const returnSlip = (body: Id, slip: Id, reason: string): Promise<void> => send('POST', path`/api/bodies/${body}/slips/${slip}/return`, { reason });
export const approveSlip = (body: Id, slip: Id, deadline?: Moment): Promise<void> =>
  send('POST', path`/api/bodies/${body}/slips/${slip}/approve`, deadline ? { deadline } : {});
export const extendSlip = (body: Id, slip: Id, deadline: Moment, reason: string): Promise<void> =>
  send('POST', path`/api/bodies/${body}/slips/${slip}/extend`, { deadline, reason });
export const recallSlip = (body: Id, slip: Id, reason: string): Promise<void> => send('POST', path`/api/bodies/${body}/slips/${slip}/recall`, { reason });
export const endSlip = (body: Id, slip: Id): Promise<void> => send('POST', path`/api/bodies/${body}/slips/${slip}/end`);

export const keepDraft = (body: Id, slip: Id, answers: readonly SlipAnswer[]): Promise<void> => send('PUT', path`/api/bodies/${body}/slips/${slip}/draft`, { answers });
export const sendSheet = (body: Id, slip: Id, n: number, answers: readonly SlipAnswer[]): Promise<SheetReceipt> =>
  send('POST', path`/api/bodies/${body}/slips/${slip}/sheets`, { n, answers });
export const commentSheet = (body: Id, slip: Id, person: Id, text: string): Promise<void> => send('PUT', path`/api/bodies/${body}/slips/${slip}/comments/${person}`, { text });

export const replyTo = (body: Id, slip: Id, opinion: Id, text: string): Promise<void> => send('PUT', path`/api/bodies/${body}/slips/${slip}/replies/${opinion}`, { text });
export const reportSlip = (body: Id, slip: Id, meeting: Id): Promise<{ item: Id }> => send('POST', path`/api/bodies/${body}/slips/${slip}/report`, { meeting });
export const slipToAgenda = (body: Id, slip: Id, meeting: Id): Promise<{ item: Id }> => send('POST', path`/api/bodies/${body}/slips/${slip}/to-agenda`, { meeting });

export const slipPaperPath = (body: Id, slip: Id, paper: Id): string => path`/api/bodies/${body}/slips/${slip}/papers/${paper}/content`;
export const slipResultPath = (body: Id, slip: Id): string => path`/api/bodies/${body}/slips/${slip}/result/pdf`;
export const slipOpinionsPath = (body: Id, slip: Id): string => path`/api/bodies/${body}/slips/${slip}/opinions/pdf`;
