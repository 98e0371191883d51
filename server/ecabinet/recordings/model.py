"""Recordings of a meeting (ghi âm, ghi hình phiên họp)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ecabinet.kernel.errors import Conflict, Invalid, WrongPhase
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId, RecordingId


class Phase(StrEnum):
    """RUNNING leads to COMPOSING, that to FINISHED or FAILED, and from both a retry leads back to COMPOSING."""

    RUNNING = "running"
    COMPOSING = "composing"
    """Stopped; the relay makes one film of what it received."""
    FINISHED = "finished"
    FAILED = "failed"


UNFINISHED = frozenset({Phase.RUNNING, Phase.COMPOSING})


class Cause(StrEnum):
    """Why a recording was stopped."""

    CHAIR = "chair"
    BREAK = "break"
    END = "end"


class Fault(StrEnum):
    """Why nothing came of a part, or of a recording."""

    NOTHING_RECORDED = "nothing_recorded"
    """The media server received nothing: nobody was to be seen or heard in the call, or it was down."""
    NOT_COMPOSED = "not_composed"
    """The media server could not make a film of it."""
    LOST = "lost"
    """The media server does not know of it any more, and left no film."""
    NO_ROOM = "no_room"
    """The disk is full."""
    ALTERED = "altered"
    """The film is not the one that the manifest speaks of; it was left where it is."""
    GIVEN_UP = "given_up"
    """For a day nobody could make or take in a film; what there is was left where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A file in the store of papers."""

    digest: str
    """SHA-256 of its bytes, lower-case hex."""
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of a part."""

    film: Filed
    """Everybody in one picture, WebM."""
    manifest: Filed
    """Who, which track, from when to when, with the digest of each received stream; JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What the media server recorded in one go. There is a new one when it had to begin again."""

    n: int
    """1, 2, 3 …"""
    take: str
    """The media server's own id for it."""
    name: str
    """What its files are called."""
    begun_at: datetime
    kept: Kept | None = None
    fault: Fault | None = None

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.kept is not None or self.fault is not None


@dataclass(frozen=True, slots=True)
class Recording:
    """One decision of the chair to record, and what came of it."""

    id: RecordingId
    meeting: MeetingId
    number: int
    """1, 2, 3 … within the meeting."""
    phase: Phase
    started_at: datetime
    started_by: PersonId
    stopped_at: datetime | None = None
    cause: Cause | None = None
    parts: tuple[Part, ...] = ()
    fault: Fault | None = None
    """Why it failed."""

    def part(self, n: int) -> Part | None:
        """The part of this number."""
        return next((each for each in self.parts if each.n == n), None)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has said that he knows of the recording."""

    recording: RecordingId
    person: PersonId
    at: datetime


class TakePhase(StrEnum):
    """Where the media server is with what it recorded in one go."""

    RUNNING = "running"
    COMPOSING = "composing"
    COMPLETE = "complete"
    FAILED = "failed"


# --- events ---


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(Event):
    """The chair decided that the session is recorded, and declared that nothing in it is a state secret."""

    type: ClassVar[str] = "recording.started"
    recording: RecordingId
    number: int
    no_secrets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingAcknowledged(Event):
    """Somebody said that he knows of it. Until then he is not heard and not seen in the call."""

    type: ClassVar[str] = "recording.acknowledged"
    recording: RecordingId
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPartBegun(Event):
    """The media server is recording."""

    type: ClassVar[str] = "recording.part_begun"
    recording: RecordingId
    part: int
    take: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStopped(Event):
    """Nothing is recorded any more."""

    type: ClassVar[str] = "recording.stopped"
    recording: RecordingId
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFinished(Event):
    """Film and manifest of its parts are kept; the digests bind the record to their bytes."""

    type: ClassVar[str] = "recording.finished"
    recording: RecordingId
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFailed(Event):
    """Nothing came of it."""

    type: ClassVar[str] = "recording.failed"
    recording: RecordingId
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRetried(Event):
    """What could not be composed or kept is tried again."""

    type: ClassVar[str] = "recording.retried"
    recording: RecordingId


# --- refusals ---


class AlreadyRecording(Conflict):
    """One recording at a time. Detail: recording."""

    code = "already_recording"


class SecretsNotExcluded(Invalid):
    """Who decides to record declares that nothing in the session is a state secret: secret sessions are not
    recorded."""

    code = "secrets_not_excluded"


class RecordingNotPossible(Conflict):
    """The media server is not ours, and leaves its files where we cannot take them."""

    code = "recording_not_possible"


class NoRoomForRecording(Conflict):
    """The disk has not enough free space. Detail: reserve_bytes."""

    code = "no_room_for_recording"


class RecordingNotRunning(WrongPhase):
    """It was stopped before. Detail: phase."""

    code = "recording_not_running"


class RecordingAltered(Conflict):
    """The film is not the one that was made: its bytes are not those that the record and the manifest name."""

    code = "recording_altered"


class RecordingNotFailed(WrongPhase):
    """There is nothing to try again. Detail: phase."""

    code = "recording_not_failed"
