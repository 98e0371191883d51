import { get, path, send } from '../../protocol/api';
import type { Id } from '../../protocol/types';

export const askRoom = (meeting: Id, text: string, options: readonly string[]): Promise<{ id: Id }> =>
  send('POST', path`/api/meetings/${meeting}/straw-polls`, { text, options });
export const answerStraw = (meeting: Id, poll: Id, choice: string): Promise<void> => send('POST', path`/api/meetings/${meeting}/straw-polls/${poll}/answers`, { choice });
export const hasAnswered = (meeting: Id, poll: Id): Promise<{ has_answered: boolean }> => get(path`/api/meetings/${meeting}/straw-polls/${poll}/answers/mine`);
export const howManyAnswered = (meeting: Id, poll: Id): Promise<{ answered: number }> => get(path`/api/meetings/${meeting}/straw-polls/${poll}`);
export const closeStraw = (meeting: Id, poll: Id): Promise<void> => send('POST', path`/api/meetings/${meeting}/straw-polls/${poll}/close`);
export const cancelStraw = (meeting: Id, poll: Id, reason: string): Promise<void> => send('POST', path`/api/meetings/${meeting}/straw-polls/${poll}/cancel`, { reason });
