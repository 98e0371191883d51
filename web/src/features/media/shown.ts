import { chairOf } from '../../protocol/live';
import type { Id, View } from '../../protocol/types';
import { stripOf } from './large';

/** More pictures at once than this help nobody and cost every line in the room. */
export const SHOWN_AT_MOST = 12;

export interface Wishes {
  /** Who is shown large. */
  readonly large: Id | null;
  /** Whom the viewer wants to see in any case. */
  readonly pinned: ReadonlySet<Id>;
  /** Who was heard, the latest first. */
  readonly heard: readonly Id[];
  /** Who has a camera on. */
  readonly cameras: ReadonlySet<Id>;
}

/**
 * Whose cameras are received: the large one, the chair, those pinned, who was heard, then in order of protocol, up to
 * the limit. The others are faces without a picture, and the media server sends nothing of theirs.
 */
export function shownOf(view: View, { large, pinned, heard, cameras }: Wishes, atMost = SHOWN_AT_MOST): ReadonlySet<Id> {
  const inOrder = [large, chairOf(view)?.id ?? null, ...pinned, ...heard, ...stripOf(view, large).map((one) => one.id)];
  const wanted = new Set(inOrder.filter((one): one is Id => one !== null && cameras.has(one)));
  return new Set([...wanted].slice(0, atMost));
}
