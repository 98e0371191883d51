"""Who was there and what they published, as lines of JSON: one event each, with names as of then.

Events: started, joined, left, renamed, published, unpublished, muted, unmuted, held_back, dropped, stopped. Each has
`at_us` (microseconds since 1970), those of a participant `participant` (sid), `identity` and `name`, those of a track
`track`. After held_back, not every change of this participant is there, but each is true when it is noted.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A track as the room has it at a moment."""

    kind: str
    source: str
    muted: bool
    encrypted: bool
    """End to end: nobody but its receivers can see or hear it."""


@dataclass(frozen=True, slots=True)
class Present:
    """A participant as the room has it at a moment."""

    identity: str
    name: str
    tracks: Mapping[str, Shown] = field(default_factory=dict)
    """By sid."""


Roster = Mapping[str, Present]
"""By sid of the participant."""


def changes(before: Roster, after: Roster, at_us: int) -> Iterator[Event]:
    """What happened between two moments: first who came, then what changed, at the end who left."""
    for sid, present in after.items():
        who = {"participant": sid, "identity": present.identity, "name": present.name}
        known = before.get(sid)
        if known is None:
            yield {"at_us": at_us, "event": "joined", **who}
        elif known.name != present.name:
            yield {"at_us": at_us, "event": "renamed", **who}
        yield from _track_changes(known.tracks if known is not None else {}, present.tracks, {"at_us": at_us}, who)
    for sid, gone in before.items():
        if sid not in after:
            who = {"participant": sid, "identity": gone.identity, "name": gone.name}
            yield from _track_changes(gone.tracks, {}, {"at_us": at_us}, who)
            yield {"at_us": at_us, "event": "left", **who}


def _track_changes(
    before: Mapping[str, Shown], after: Mapping[str, Shown], at: Event, who: Mapping[str, str]
) -> Iterator[Event]:
    for sid, shown in after.items():
        known = before.get(sid)
        if known is None:
            what = {"kind": shown.kind, "source": shown.source, "encrypted": shown.encrypted}
            yield {**at, "event": "published", **who, "track": sid, **what}
        if shown.muted and (known is None or not known.muted):
            yield {**at, "event": "muted", **who, "track": sid}
        if not shown.muted and known is not None and known.muted:
            yield {**at, "event": "unmuted", **who, "track": sid}
    for sid in before:
        if sid not in after:
            yield {**at, "event": "unpublished", **who, "track": sid}


def line(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode() + b"\n"


def read(text: bytes) -> list[Event]:
    """The events up to the last whole line."""
    events = []
    for one in text.split(b"\n")[:-1]:
        try:
            events.append(json.loads(one))
        except ValueError:
            break
    return events
