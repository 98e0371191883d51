"""What of a recording is to be seen and heard when: what the composition needs to know beforehand."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from relay.recording.journal import Event
from relay.recording.manifest import Gap, Participant, Stream

_SCREENS: Final = ("screen_share", "screen_share_audio")

Span = tuple[int, int]
"""[since, until) in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stream that is composed."""

    track: str
    participant: str
    name: str
    is_screen: bool
    path: Path
    begins_us: int
    """When its first frame was captured, in microseconds of the recording."""
    shown: Sequence[Span]
    """While it was published and not muted, in microseconds of the recording; in order and apart."""

    turns: Sequence[tuple[int, int]] = ()
    """Since when, and by how many quarters clockwise, the picture has to be turned; microseconds of the recording, in
    order."""

    def quarters(self, at_us: int) -> int:
        number = bisect_right(self.turns, at_us, key=itemgetter(0))
        return self.turns[number - 1][1] if number else 0

    def is_on(self, at_us: int) -> bool:
        """Asked for every picture of the film, and somebody may have muted ten thousand times."""
        number = bisect_right(self.shown, at_us, key=itemgetter(0))
        return number > 0 and at_us < self.shown[number - 1][1]


@dataclass(frozen=True, slots=True)
class Scene:
    """Times in it are microseconds of the recording."""

    title: str
    duration_us: int
    people: Mapping[str, tuple[str, Span]]
    """Participant -> name and presence, in the order they came."""
    sounds: Sequence[Part] = ()
    pictures: Sequence[Part] = ()

    def present(self, at_us: int) -> list[str]:
        return [sid for sid, (_, (since_us, until_us)) in self.people.items() if since_us <= at_us < until_us]


@dataclass(slots=True)
class History:
    """The journal, turned from events into spans; times are microseconds since 1970."""

    ended_at_us: int
    people: dict[str, tuple[str, str, Span]] = field(default_factory=dict)
    """Participant -> identity, name as of the end, presence."""
    published: dict[str, Span] = field(default_factory=dict)
    muted: dict[str, list[Span]] = field(default_factory=dict)
    dropped: dict[str, list[Span]] = field(default_factory=dict)
    encrypted: dict[str, Event] = field(default_factory=dict)
    """Tracks nobody but their receivers can decode -> their publication."""
    held_back: dict[str, int] = field(default_factory=dict)
    """Participant -> since when not all that it did is noted."""
    was_stopped: bool = False

    def add(self, event: Event) -> None:
        at_us, kind = event["at_us"], event["event"]
        span = (at_us, self.ended_at_us)
        if kind == "joined":
            self.people[event["participant"]] = (event["identity"], event["name"], span)
        elif kind in ("renamed", "left"):
            _, _, (since_us, until_us) = self.people[event["participant"]]
            until_us = at_us if kind == "left" else until_us
            self.people[event["participant"]] = (event["identity"], event["name"], (since_us, until_us))
        elif kind == "held_back":
            self.held_back[event["participant"]] = at_us
        elif kind == "stopped":
            self.was_stopped = True
        elif "track" in event:
            self._add_track(event["track"], kind, span, event)

    def _add_track(self, track: str, kind: str, span: Span, event: Event) -> None:
        muted = self.muted.setdefault(track, [])
        if kind == "published":
            self.published[track] = span
            if event["encrypted"]:
                self.encrypted[track] = event
        elif kind == "unpublished" and track in self.published:
            self.published[track] = (self.published[track][0], span[0])
        elif kind == "muted":
            muted.append(span)
        elif kind == "unmuted" and muted:
            muted[-1] = (muted[-1][0], span[0])
        elif kind == "dropped":
            self.dropped.setdefault(track, []).append((span[0] - 1_000_000, span[0]))

    def known_gaps(self, track: str) -> list[tuple[int, int, str]]:
        """When nothing is to be expected of a track, and why."""
        muted = [(*span, "muted") for span in self.muted.get(track, ())]
        return sorted([*muted, *((*span, "dropped") for span in self.dropped.get(track, ()))])

    def shown(self, track: str, began_at_us: int) -> list[Span]:
        """While a track was published and not muted, in microseconds of the recording."""
        since_us, until_us = self.published.get(track, (began_at_us, self.ended_at_us))
        spans = []
        for mute_us, unmute_us in self.muted.get(track, ()):
            if mute_us > since_us:
                spans.append((since_us, mute_us))
            since_us = max(since_us, unmute_us)
        spans.append((since_us, until_us))
        return [(a_us - began_at_us, b_us - began_at_us) for a_us, b_us in spans if b_us > a_us]

    def participants(self) -> tuple[Participant, ...]:
        return tuple(
            Participant(sid, identity, name, since_us // 1000, until_us // 1000, self.held_back.get(sid, 0) // 1000)
            for sid, (identity, name, (since_us, until_us)) in self.people.items()
        )

    def kept_out(self) -> list[Stream]:
        """Encrypted tracks: that they were there is all that can be said."""
        blank: dict[str, Any] = {
            "codec": "",
            "file": "",
            "offset_ms": 0,
            "bytes": 0,
            "sha256": "",
            "packets": 0,
            "lost": 0,
        }
        return [
            Stream(
                track=track,
                participant=event["participant"],
                identity=event["identity"],
                name=event["name"],
                kind=event["kind"],
                source=event["source"],
                from_ms=self.published[track][0] // 1000,
                to_ms=self.published[track][1] // 1000,
                kept_out="it is encrypted end to end",
                gaps=tuple(Gap(a_us // 1000, b_us // 1000, why) for a_us, b_us, why in self.known_gaps(track)),
                **blank,
            )
            for track, event in self.encrypted.items()
        ]


def history(events: Sequence[Event], ended_at_us: int) -> History:
    told = History(ended_at_us)
    for event in events:
        told.add(event)
    return told


def scene(title: str, span: Span, told: History, streams: Sequence[Stream], folder: Path) -> Scene:
    """`span` is that of the recording, microseconds since 1970."""
    began_at_us, ended_at_us = span
    parts = [
        (
            stream.kind,
            Part(
                stream.track,
                stream.participant,
                stream.name or stream.identity,
                stream.source in _SCREENS,
                folder / stream.file,
                stream.offset_ms * 1000,
                told.shown(stream.track, began_at_us),
                [(since_ms * 1000 - began_at_us, quarters) for since_ms, quarters in stream.turns],
            ),
        )
        for stream in streams
        if not stream.kept_out
    ]
    people = {
        sid: (name or identity, (since_us - began_at_us, until_us - began_at_us))
        for sid, (identity, name, (since_us, until_us)) in told.people.items()
    }
    return Scene(
        title="".join(sign for sign in title if sign.isprintable()),
        duration_us=ended_at_us - began_at_us,
        people=people,
        sounds=[part for kind, part in parts if kind == "audio"],
        pictures=[part for kind, part in parts if kind == "video"],
    )
