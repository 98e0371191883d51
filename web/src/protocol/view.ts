import type { Change, Collections, Entry, Event, FreshEntry, Item, Meeting, MyPart, Paper, Participant, View } from './types';

/** Where a reader of one meeting stands. */
export interface Stand {
  readonly meeting: string;
  readonly seq: number;
  readonly view: View;
  readonly me: MyPart;
}

/**
 * One rule for every type of event: for each collection in its body, put each entry in its place and take out what is
 * null. A type `hidden` has an empty body and moves only the count.
 */
export function reduce(view: View, event: Pick<Event, 'body'>): View {
  return apply(view, event.body);
}

function apply(view: View, change: Change): View {
  const next: Record<string, Record<string, unknown>> = { ...(view as Record<string, Record<string, unknown>>) };
  for (const [name, entries] of Object.entries(change)) {
    const table = { ...next[name] };
    for (const [id, entry] of Object.entries(entries ?? {})) {
      if (entry === null) delete table[id];
      else table[id] = entry;
    }
    next[name] = table;
  }
  return next as View;
}

/** The stand after entering: a fresh view, or the old one moved forward by what was missed. */
export function enter(before: Stand | null, entry: Entry): Stand {
  if ('view' in entry) return { meeting: entry.meeting, seq: entry.seq, view: entry.view, me: entry.me };
  if (!before) throw new Error('missed events without a view to apply them to');
  const missed = entry.events.filter((event) => event.seq > before.seq);
  return { meeting: entry.meeting, seq: entry.seq, view: missed.reduce(reduce, before.view), me: entry.me };
}

/** The stand after `event`; the same stand when it is known already; null when something before it is missing. */
export function advance(stand: Stand, event: Event): Stand | null {
  if (event.seq <= stand.seq) return stand;
  if (event.seq > stand.seq + 1) return null;
  return { ...stand, seq: event.seq, view: reduce(stand.view, event) };
}

/** Whether `event` changes what I may do, so that `me` is to be asked for again. */
export function touchesMe(event: Event, person: string): boolean {
  // A new tellers' board seats some and unseats others.
  if (Object.keys(event.body.recusals ?? {}).some((id) => id.endsWith(`:${person}`))) return true;
  return event.body.boards !== undefined || (event.body.participants !== undefined && person in event.body.participants);
}

/* --- looks into a view --- */

export function all<Name extends keyof Collections>(view: View, name: Name): Collections[Name][] {
  return Object.values(view[name] ?? {}) as Collections[Name][];
}

export function meetingOf(entry: Pick<FreshEntry, 'meeting' | 'view'>): Meeting {
  const meeting = entry.view.meetings?.[entry.meeting];
  if (!meeting) throw new Error('a view without its meeting');
  return meeting;
}

export function itemsOf(view: View): Item[] {
  return all(view, 'items').sort((a, b) => a.position - b.position);
}

export function papersOf(view: View, item: string): Paper[] {
  return all(view, 'papers')
    .filter((paper) => paper.item === item)
    .sort((a, b) => a.position - b.position);
}

/** By role, then in order of protocol, then by name. */
export function participantsOf(view: View): Participant[] {
  const rank = ['chair', 'member', 'stand_in', 'secretary', 'guest'];
  return all(view, 'participants').sort(
    (a, b) => rank.indexOf(a.role) - rank.indexOf(b.role) || a.order - b.order || a.name.localeCompare(b.name, 'vi'),
  );
}
