import type { Locale } from '../../messages/index.svelte';
import { t } from '../../messages/index.svelte';
import type { Event, MyPart, View } from '../../protocol/types';

/** What a person who does not see the screen is told of an event; null when it is not worth an interruption. */
export function announcement(event: Event, view: View, me: MyPart, locale: Locale): string | null {
  const question = Object.values(event.body.questions ?? {})[0];
  const turn = Object.values(event.body.turns ?? {}).find((one) => one?.status === 'speaking');
  const item = Object.values(event.body.items ?? {}).find((one) => one?.phase === 'current');
  switch (event.type) {
    case 'question.put':
      return question ? t('say.question.put', { text: question.text }) : null;
    case 'question.closed':
      return question?.verdict ? t('say.question.closed', { sentence: question.verdict.sentence[locale] }) : null;
    case 'question.cancelled':
      return t('say.question.cancelled');
    case 'floor.given':
      if (!turn) return null;
      return turn.person === me.person ? t('say.floor.mine') : t('say.floor.given', { name: view.participants?.[turn.person]?.name ?? '' });
    case 'item.started':
      return item ? t('say.item.started', { title: item.title }) : null;
    case 'meeting.opened':
    case 'meeting.paused':
    case 'meeting.resumed':
    case 'meeting.closed':
      return t(`say.${event.type}`);
    default:
      return null;
  }
}
