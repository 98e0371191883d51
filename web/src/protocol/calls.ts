import { get, getBytes, path, send } from './api';
import type {
  Body,
  Card,
  Desk,
  FreshEntry,
  Id,
  Me,
  MinutesText,
  Moment,
  NewItem,
  NewMeeting,
  Person,
  RecordEntry,
  Role,
} from './types';

/** One function a route, named as the act. Those of the live room stand in their own features. */

/** The cookie comes with the answer; who one is, is asked afterwards. */
export async function signIn(username: string, password: string): Promise<Me> {
  await send('POST', '/api/sign-in', { username, password });
  return getMe();
}
export const signOut = (): Promise<void> => send('POST', '/api/sign-out');
export const getMe = (): Promise<Me> => get('/api/me');

export const getDesk = (): Promise<Desk> => get('/api/desk');
export const getMeetings = (span: { since?: Moment; until?: Moment } = {}): Promise<{ meetings: Card[] }> => {
  const asked = new URLSearchParams(span).toString();
  return get(`/api/meetings${asked && `?${asked}`}`);
};

export const getBody = (body: Id): Promise<Body> => get(path`/api/bodies/${body}`);
export const getPeople = (body: Id): Promise<{ people: Person[] }> => get(path`/api/bodies/${body}/people`);

export const getMeeting = (meeting: Id): Promise<FreshEntry> => get(path`/api/meetings/${meeting}`);
export const createMeeting = (body: Id, meeting: NewMeeting): Promise<{ id: Id }> => send('POST', path`/api/bodies/${body}/meetings`, meeting);
export const changeMeeting = (meeting: Id, fields: Partial<NewMeeting>): Promise<void> => send('PATCH', path`/api/meetings/${meeting}`, fields);
export const convene = (meeting: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/convene`);
export const cancelMeeting = (meeting: Id, reason: string): Promise<void> => send('POST', path`/api/meetings/${meeting}/cancel`, { reason });

export const addItem = (meeting: Id, item: NewItem): Promise<{ id: Id }> => send('POST', path`/api/meetings/${meeting}/items`, item);
export const changeItem = (meeting: Id, item: Id, fields: Partial<NewItem>): Promise<void> =>
  send('PATCH', path`/api/meetings/${meeting}/items/${item}`, fields);
export const removeItem = (meeting: Id, item: Id): Promise<void> => send('DELETE', path`/api/meetings/${meeting}/items/${item}`);
export const orderAgenda = (meeting: Id, order: readonly Id[]): Promise<void> => send('PUT', path`/api/meetings/${meeting}/agenda`, { order });

export interface Part {
  readonly role: Role;
  readonly items?: readonly Id[];
  readonly stands_in_for?: Id;
}
export const setParticipant = (meeting: Id, person: Id, part: Part): Promise<void> =>
  send('PUT', path`/api/meetings/${meeting}/participants/${person}`, part);
export const removeParticipant = (meeting: Id, person: Id): Promise<void> =>
  send('DELETE', path`/api/meetings/${meeting}/participants/${person}`);

export interface MyAnswer {
  readonly answer: 'in_person' | 'remote' | 'absent' | 'stand_in';
  readonly reason?: string;
  readonly stand_in?: Id;
}
export const answerInvitation = (meeting: Id, answer: MyAnswer): Promise<void> => send('POST', path`/api/meetings/${meeting}/answer`, answer);

export const removePaper = (meeting: Id, paper: Id): Promise<void> => send('DELETE', path`/api/meetings/${meeting}/papers/${paper}`);
export const paperPath = (meeting: Id, paper: Id): string => path`/api/meetings/${meeting}/papers/${paper}/content`;

export const draftMinutes = (meeting: Id): Promise<{ id: Id }> => send('POST', path`/api/meetings/${meeting}/minutes`);
export const getMinutes = (meeting: Id, minutes: Id): Promise<MinutesText> => get(path`/api/meetings/${meeting}/minutes/${minutes}`);
export const minutesPdfPath = (meeting: Id, minutes: Id): string => path`/api/meetings/${meeting}/minutes/${minutes}/pdf`;
export const bundlePath = (meeting: Id): string => path`/api/meetings/${meeting}/bundle`;
export const getRecord = (meeting: Id): Promise<{ entries: RecordEntry[] }> => get(path`/api/meetings/${meeting}/record`);
export { getBytes };
