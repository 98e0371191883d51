import type { SlipCard, SlipPhase } from '../../protocol/slips';

/** Where a slip stands for me: it waits for my act, it runs, it is over, or it is still being prepared. */
export type Group = 'waiting' | 'running' | 'preparing' | 'ended';

export const GROUPS: readonly Group[] = ['waiting', 'running', 'preparing', 'ended'];

const OVER: readonly SlipPhase[] = ['ended', 'recalled'];

/** decides: whether I am the one who sends slips of this body. */
export function groupOf(card: SlipCard, decides: boolean): Group {
  if (OVER.includes(card.phase)) return 'ended';
  if (card.phase === 'sent') return card.mine === 'waiting' ? 'waiting' : 'running';
  return card.phase === 'submitted' && decides ? 'waiting' : 'preparing';
}

/** What ends first stands first; what is over, newest first. */
export function inGroup(cards: readonly SlipCard[], group: Group, decides: (card: SlipCard) => boolean): SlipCard[] {
  const found = cards.filter((card) => groupOf(card, decides(card)) === group);
  const at = (card: SlipCard): string => card.ended_at ?? card.deadline;
  return group === 'ended' ? found.sort((a, b) => at(b).localeCompare(at(a))) : found.sort((a, b) => a.deadline.localeCompare(b.deadline));
}
