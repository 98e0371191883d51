import type { RecordEntry, View } from '../../protocol/types';

/** What an entry of the record names, found in its payload and told by the meeting's own names. */
export interface Told {
  readonly person: string | null;
  readonly item: string | null;
  readonly choice: string | null;
  readonly text: string | null;
}

/** Read the payload as far as a person can follow it; ids that name nothing shown are left out. */
export function toldBy(entry: RecordEntry, view: View): Told {
  const payload = flat(entry.payload);
  const question = view.questions?.[word(payload['question']) ?? ''];
  const choice = word(payload['choice']);
  const participant = view.participants?.[word(payload['person']) ?? word(payload['voter']) ?? ''];
  const item = view.items?.[word(payload['item']) ?? question?.item ?? ''];
  return {
    person: participant && participant.id !== entry.actor ? participant.name : null,
    item: item ? `${item.position}. ${item.title}` : null,
    choice: choice ? (question?.options.find((option) => option.id === choice)?.label ?? null) : null,
    text: word(payload['text']) ?? word(payload['reason']) ?? (item?.title === payload['title'] ? null : word(payload['title'])),
  };
}

/** Nested objects one level up: a ballot's fields beside the event's own. */
function flat(payload: RecordEntry['payload']): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...payload };
  for (const value of Object.values(payload ?? {})) {
    if (value && typeof value === 'object' && !Array.isArray(value)) Object.assign(fields, { ...value, ...fields });
  }
  return fields;
}

function word(value: unknown): string | null {
  return typeof value === 'string' && value.trim() ? value : null;
}
