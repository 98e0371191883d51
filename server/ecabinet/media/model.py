"""What the call knows: sources, tickets, what was done to whom."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ecabinet.kernel.errors import Conflict, Unavailable
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId


class Source(StrEnum):
    """What a person may publish, in LiveKit's words."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN_SHARE = "screen_share"
    SCREEN_SHARE_AUDIO = "screen_share_audio"


Sources = frozenset[Source]


@dataclass(frozen=True, slots=True)
class Place:
    """What one person may be in the call: room, name, sources."""

    room: MeetingId
    person: PersonId
    name: str
    sources: Sources


# --- events ---


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaMuted(Event):
    """Someone's microphone was closed by another. Opening it again is the person's own act."""

    type: ClassVar[str] = "media.muted"
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRemoved(Event):
    """Someone was put out of the call, not out of the meeting. Coming back needs a new ticket, and gets one."""

    type: ClassVar[str] = "media.removed"
    person: PersonId


# --- refusals ---


class MediaUnavailable(Unavailable):
    """The media server does not answer. Everything else of the meeting goes on."""

    code = "media_unavailable"


class NotInCall(Conflict):
    """The person is not in the call."""

    code = "not_in_call"
