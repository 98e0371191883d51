import { ApiRefusal, get, path, refused, send } from '../../protocol/api';
import type { Id, Matter, Method, Plan, Receipt, Way } from '../../protocol/types';

export interface NewQuestion {
  readonly item?: Id;
  readonly items?: readonly Id[];
  readonly text: string;
  readonly method: Method;
  readonly matter?: Matter;
  readonly motion?: string;
  readonly way?: Way;
  readonly options?: readonly string[];
  readonly candidates?: readonly { readonly name: string; readonly person?: Id }[];
  readonly seats?: number;
  readonly plan?: Id;
  readonly board?: { readonly head: Id; readonly members: readonly Id[] };
  readonly time_limit_s?: number;
}
export interface MyBallot {
  readonly choice: string;
  readonly n: number;
  readonly receipt: Receipt;
}
/** What is sent for one version of an answer. */
export interface Vote {
  readonly choice: string;
  readonly n: number;
  readonly opinion?: string;
  readonly attachment?: Id;
  /** The absent member I answer for. */
  readonly for?: Id;
}

const question = (meeting: Id, one: Id, act: string): string => path`/api/meetings/${meeting}/questions/${one}/${act}`;

export const putQuestion = (meeting: Id, put: NewQuestion): Promise<{ id: Id }> => send('POST', path`/api/meetings/${meeting}/questions`, put);
export const castBallot = (meeting: Id, one: Id, vote: Vote): Promise<Receipt> => send('POST', question(meeting, one, 'ballots'), vote);
export const getMyBallot = (meeting: Id, one: Id, giver: Id | null): Promise<MyBallot> =>
  get(`${path`/api/meetings/${meeting}/questions/${one}/ballots/mine`}${giver ? `?${new URLSearchParams({ for: giver })}` : ''}`);
export const closeQuestion = (meeting: Id, one: Id): Promise<void> => send('POST', question(meeting, one, 'close'));
export const cancelQuestion = (meeting: Id, one: Id, reason: string): Promise<void> => send('POST', question(meeting, one, 'cancel'), { reason });
export const pauseQuestion = (meeting: Id, one: Id): Promise<void> => send('POST', question(meeting, one, 'pause'));
export const resumeQuestion = (meeting: Id, one: Id): Promise<void> => send('POST', question(meeting, one, 'resume'));
export const extendQuestion = (meeting: Id, one: Id, seconds: number): Promise<void> => send('POST', question(meeting, one, 'extend'), { seconds });
export const repeatQuestion = (meeting: Id, one: Id, reason: string): Promise<{ id: Id }> => send('POST', question(meeting, one, 'repeat'), { reason });
export const settleTie = (meeting: Id, one: Id, side: 'for' | 'against'): Promise<void> => send('POST', question(meeting, one, 'settle'), { side });
export const reportIncident = (meeting: Id, one: Id): Promise<{ id: Id }> => send('POST', question(meeting, one, 'incidents'));

/** A plan as it is kept: with its id when it is there already. */
export type KeptPlan = Pick<Plan, 'kind' | 'text' | 'method' | 'matter' | 'options'> & { readonly id?: Id };
export const keepPlans = (meeting: Id, item: Id, plans: readonly KeptPlan[]): Promise<void> =>
  send('PUT', path`/api/meetings/${meeting}/items/${item}/plan`, {
    plans: plans.map(({ id, kind, text, method, matter, options }) => ({ ...(id ? { id } : {}), kind, text, method, matter, ...(options.length ? { options } : {}) })),
  });
export const dropPlan = (meeting: Id, item: Id, plan: Id): Promise<void> => send('DELETE', path`/api/meetings/${meeting}/items/${item}/plan/${plan}`);

export const attachmentPath = (meeting: Id, one: Id, attachment: Id): string => path`/api/meetings/${meeting}/questions/${one}/attachments/${attachment}`;

/** Keep the PDF that goes with another opinion; the ballot then names it. */
export async function addAttachment(meeting: Id, one: Id, file: File): Promise<{ id: Id }> {
  let answer: Response;
  try {
    answer = await fetch(`${question(meeting, one, 'attachments')}?${new URLSearchParams({ filename: file.name })}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/pdf', 'X-Req': '1' },
      credentials: 'same-origin',
      body: file,
    });
  } catch {
    throw new ApiRefusal('offline', 0);
  }
  if (!answer.ok) throw refused(answer.status, await answer.text(), answer.headers.get('Retry-After'));
  return (await answer.json()) as { id: Id };
}
