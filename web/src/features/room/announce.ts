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
    case 'question.paused':
    case 'question.resumed':
    case 'question.extended':
    case 'question.annulled':
      return t(`say.${event.type}`);
    case 'question.settled':
      return question?.settled ? t(`say.settled.${question.settled.side}`) : null;
    case 'incident.reported':
      return reported(event, view);
    case 'presence.connected':
    case 'presence.disconnected':
    case 'roll.marked':
      return turnedQuorum(event, view);
    case 'floor.given':
      if (!turn) return null;
      return turn.person === me.person ? t('say.floor.mine') : t('say.floor.given', { name: view.participants?.[turn.person]?.name ?? '' });
    case 'item.started':
      return item ? t('say.item.started', { title: item.title }) : null;
    case 'recording.started':
    case 'recording.stopped':
    case 'meeting.opened':
    case 'meeting.paused':
    case 'meeting.resumed':
    case 'meeting.closed':
      return t(`say.${event.type}`);
    default:
      return null;
  }
}

/** Whoever leads hears who lost the line. */
function reported(event: Event, view: View): string | null {
  const incident = Object.values(event.body.incidents ?? {})[0];
  return incident ? t('incident.says', { names: view.participants?.[incident.person]?.name ?? '' }) : null;
}

/** Only the moment in which the quorum is lost or comes back. */
function turnedQuorum(event: Event, view: View): string | null {
  const [next] = Object.values(event.body.quorums ?? {});
  const before = next && view.quorums?.[next.id];
  const isOpen = Object.values(view.meetings ?? {}).some((meeting) => meeting.phase === 'open');
  if (!next || !before || !isOpen || next.is_quorate === before.is_quorate) return null;
  return next.is_quorate ? t('say.quorum.back') : t('quorum.short', { present: next.present, needed: next.needed, members: next.members });
}
