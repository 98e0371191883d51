import type { SlipCard, SlipPhase } from '../../protocol/slips';

/** Where a slip stands for me: it waits for my act, it runs, it is over, or it is still being prepared. */
export type Group = 'waiting' | 'running' | 'preparing' | 'ended';

export const GROUPS: readonly Group[] = ['waiting', 'running', 'preparing', 'ended'];

const OVER: readonly SlipPhase[] = ['ended', 'recalled'];

/**
 * prepares: whether I write slips of this body, so that one given back waits for me. One before the leader is shown to
 * those who prepare it and to the leader, so whoever does not prepare it has to decide.
 */
export function groupOf(card: SlipCard, prepares: boolean): Group {
  if (OVER.includes(card.phase)) return 'ended';
  if (card.phase === 'sent') return card.mine === 'waiting' ? 'waiting' : 'running';
  return card.phase === (prepares ? 'returned' : 'submitted') ? 'waiting' : 'preparing';
}

/** What ends first stands first; what is over, newest first. */
export function inGroup(cards: readonly SlipCard[], group: Group, prepares: (card: SlipCard) => boolean): SlipCard[] {
  const found = cards.filter((card) => groupOf(card, prepares(card)) === group);
  const at = (card: SlipCard): string => card.ended_at ?? card.deadline;
  return group === 'ended' ? found.sort((a, b) => at(b).localeCompare(at(a))) : found.sort((a, b) => a.deadline.localeCompare(b.deadline));
}
