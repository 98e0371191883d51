"""What a finished recording consists of: `manifest.json`, see docs/recording.md. Times are milliseconds since 1970."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from relay.recording.state import MANIFEST, SPOOL, Made

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing of the stream is there in [from_ms, to_ms)."""

    from_ms: int
    to_ms: int
    reason: str
    """muted, lost (on the way to us), dropped (the disk was too slow), silent (nothing was sent)."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One published track."""

    track: str
    participant: str
    identity: str
    name: str
    kind: str
    source: str
    codec: str
    from_ms: int
    to_ms: int
    file: str
    """Within the folder; empty when there is none."""
    offset_ms: int
    """Where it begins on the recording's clock, which begins with `started_at_ms`."""
    bytes: int
    sha256: str
    packets: int
    lost: int
    """Packets that never came."""
    kept_out: str = ""
    """Why it is not in the composed file; empty when it is."""
    gaps: tuple[Gap, ...] = ()
    turns: tuple[tuple[int, int], ...] = ()
    """Since when (ms) pictures have to be turned, by how many quarters clockwise: the file has them as they came."""
    left_out: int = 0
    """Pictures that the composed file does without, because they were too large or too many to be decoded."""


@dataclass(frozen=True, slots=True)
class Participant:
    participant: str
    identity: str
    name: str
    joined_at_ms: int
    left_at_ms: int
    held_back_from_ms: int
    """From when on it changed so often that not all of it was noted; 0 for never."""


@dataclass(frozen=True, slots=True)
class Composed:
    file: str
    bytes: int
    sha256: str
    duration_ms: int
    width: int
    height: int
    """0 without pictures."""


@dataclass(frozen=True, slots=True)
class Manifest:
    recording: str
    room: str
    room_sid: str
    started_at_ms: int
    ended_at_ms: int
    software: str
    interrupted: bool
    """The relay was killed while it recorded."""
    ended_because: str
    """Empty when it was asked to end."""
    composed: Composed | None
    participants: tuple[Participant, ...] = ()
    streams: tuple[Stream, ...] = ()
    format: int = field(default=FORMAT)


def pack(manifest: Manifest) -> bytes:
    """The same manifest is always the same bytes."""
    fields: dict[str, Any] = asdict(manifest)
    return json.dumps({"format": fields.pop("format"), **fields}, ensure_ascii=False, indent=1).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Finished:
    """What is made of a recording."""

    sha256: str
    """Of the composed file."""
    tracks: frozenset[str]
    """Those that have a file of their own: their packets are no longer needed."""


def finished(folder: Path) -> Finished | None:
    """What the manifest of a folder says; None when there is none that we understand, or no composed file in it."""
    try:
        fields = json.loads((folder / MANIFEST).read_bytes())
        tracks = frozenset(one["track"] for one in fields["streams"] if one["file"] and not one["file"].endswith(SPOOL))
        return Finished(fields["composed"]["sha256"], tracks)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def made_of(folder: Path) -> Made:
    """What the manifest of a folder says of its composed file; nothing when there is none that we understand."""
    try:
        fields = json.loads((folder / MANIFEST).read_bytes())
        composed = fields["composed"] or {"bytes": 0, "duration_ms": 0}
        return Made(composed["bytes"], composed["duration_ms"] * 1000, fields["ended_at_ms"] * 1000)
    except (OSError, ValueError, KeyError, TypeError):
        return Made()
