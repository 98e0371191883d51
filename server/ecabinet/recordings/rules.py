"""When a session is recorded, who is told, and what becomes of it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from ecabinet.kernel.ids import PersonId, RecordingId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, Meeting

from .model import (
    UNFINISHED,
    Acknowledgement,
    AlreadyRecording,
    Cause,
    Fault,
    Kept,
    Part,
    Phase,
    Recording,
    RecordingAcknowledged,
    RecordingFailed,
    RecordingFinished,
    RecordingNotFailed,
    RecordingNotRunning,
    RecordingPartBegun,
    RecordingRetried,
    RecordingStarted,
    RecordingStopped,
    SecretsNotExcluded,
)


class _Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=_Named)
GIVEN_UP_AFTER = timedelta(hours=24)
"""From the end of a recording until what is no film yet is given up: many times what composing a long day takes."""


def require_startable(meeting: Meeting, there: Sequence[Recording], *, no_secrets: bool) -> None:
    """Only the session itself is recorded: not the time before it opens, not its breaks.

    no_secrets  the chair's declaration; a session with secrets of the state is never recorded

    Raises SecretsNotExcluded, MeetingWrongPhase, AlreadyRecording, the first that applies.
    """
    if not no_secrets:
        raise SecretsNotExcluded()
    meeting.require(frozenset({meetings.Phase.OPEN}))
    current = running(there)
    if current is not None:
        raise AlreadyRecording(recording=current.id)


def start(recording: RecordingId, meeting: Meeting, there: Sequence[Recording], by: Act) -> Recording:
    """The chair decides. What `require_startable` asks is asked before."""
    number = max((each.number for each in there), default=0) + 1
    return Recording(recording, meeting.id, number, Phase.RUNNING, by.at, by.actor)


def started(recording: Recording) -> RecordingStarted:
    """What the record keeps of the decision."""
    return RecordingStarted(
        at=recording.started_at,
        actor=recording.started_by,
        meeting=recording.meeting,
        recording=recording.id,
        number=recording.number,
        no_secrets=True,
    )


def running(there: Iterable[Recording]) -> Recording | None:
    """The one that runs."""
    return next((each for each in there if each.phase is Phase.RUNNING), None)


def stop(recording: Recording, cause: Cause, by: Act) -> tuple[Recording, RecordingStopped]:
    """By the chair, or with the session. Raises RecordingNotRunning."""
    _require_running(recording)
    stopped = replace(recording, phase=Phase.COMPOSING, stopped_at=by.at, cause=cause)
    event = RecordingStopped(at=by.at, actor=by.actor, meeting=recording.meeting, recording=recording.id, cause=cause)
    return stopped, event


def acknowledge(recording: Recording, by: Act) -> RecordingAcknowledged:
    """Somebody says that he knows. Raises RecordingNotRunning: of what is over there is nothing to be told."""
    _require_running(recording)
    return RecordingAcknowledged(
        at=by.at, actor=by.actor, meeting=recording.meeting, recording=recording.id, person=by.actor
    )


def silent(
    meeting: Meeting, recording: Recording | None, acknowledged: Iterable[Acknowledgement]
) -> frozenset[PersonId]:
    """Who is not heard and not seen in the call: those who have not said that they know of the recording that runs.
    Everything else of the meeting, its votes first of all, is theirs as ever."""
    if recording is None:
        return frozenset()
    know = {each.person for each in acknowledged if each.recording == recording.id}
    return frozenset(each.person for each in meeting.participants) - know


def name_of_take(recording: RecordingId, unique: str) -> str:
    """What the files of a take are to be called: whatever becomes of us, they say whose they are."""
    return f"{recording}-{unique}"


def is_of(recording: Recording, take: str, name: str) -> bool:
    """Whether the media server recorded this take by this decision."""
    return name.startswith(f"{recording.id}-") or any(each.take == take for each in recording.parts)


def unsaid(recording: Recording, takes: Iterable[T]) -> list[T]:
    """Its takes that the record does not speak of yet: somebody died, or it was stopped, between their beginning and
    our saying so."""
    said = {each.take for each in recording.parts}
    return [each for each in takes if each.id not in said and is_of(recording, each.id, each.name)]


def begin_part(recording: Recording, take: str, name: str, at: datetime) -> tuple[Recording, RecordingPartBegun]:
    """The media server records, or recorded before we could say so: its id for it, and what the files are called.
    Raises RecordingNotRunning once it is known what came of the recording."""
    if recording.phase not in UNFINISHED:
        raise RecordingNotRunning(phase=recording.phase.value)
    part = Part(n=len(recording.parts) + 1, take=take, name=name, begun_at=at)
    event = RecordingPartBegun(
        at=at, meeting=recording.meeting, recording=recording.id, part=part.n, take=part.take, name=part.name
    )
    return replace(recording, parts=(*recording.parts, part)), event


def settle_part(recording: Recording, n: int, outcome: Kept | Fault) -> Recording:
    """What came of one part. A part that is kept stays so."""
    parts = tuple(_settled(each, outcome) if each.n == n and not each.is_settled else each for each in recording.parts)
    return replace(recording, parts=parts)


def end(recording: Recording, at: datetime) -> tuple[Recording, RecordingFinished | RecordingFailed] | None:
    """The recording with its end, once nothing has to be waited for; None until then. With one part that is kept it is
    finished; the others say for themselves why they are not."""
    if recording.phase is not Phase.COMPOSING or not all(each.is_settled for each in recording.parts):
        return None
    if any(each.kept for each in recording.parts):
        finished = replace(recording, phase=Phase.FINISHED)
        return finished, RecordingFinished(
            at=at, meeting=recording.meeting, recording=recording.id, parts=recording.parts
        )
    faults = [each.fault for each in recording.parts if each.fault is not None]
    fault = faults[-1] if faults else Fault.NOTHING_RECORDED
    failed = replace(recording, phase=Phase.FAILED, fault=fault)
    return failed, RecordingFailed(at=at, meeting=recording.meeting, recording=recording.id, fault=fault)


def is_overdue(recording: Recording, at: datetime) -> bool:
    """Whether a film should long have been there."""
    is_composing = recording.phase is Phase.COMPOSING and recording.stopped_at is not None
    return is_composing and at - (recording.stopped_at or at) >= GIVEN_UP_AFTER


def give_up(recording: Recording) -> Recording:
    """Nothing more is waited for; a retry waits again."""
    parts = tuple(each if each.is_settled else replace(each, fault=Fault.GIVEN_UP) for each in recording.parts)
    return replace(recording, parts=parts)


def retry(recording: Recording, by: Act) -> tuple[Recording, RecordingRetried]:
    """Try those parts again of which nothing came. Raises RecordingNotFailed when there is none."""
    has_ended = recording.phase in {Phase.FINISHED, Phase.FAILED}
    if not has_ended or not any(each.fault for each in recording.parts):
        raise RecordingNotFailed(phase=recording.phase.value)
    parts = tuple(replace(each, fault=None) for each in recording.parts)
    again = replace(recording, phase=Phase.COMPOSING, parts=parts, fault=None)
    return again, RecordingRetried(at=by.at, actor=by.actor, meeting=recording.meeting, recording=recording.id)


def _settled(part: Part, outcome: Kept | Fault) -> Part:
    return replace(part, kept=outcome) if isinstance(outcome, Kept) else replace(part, fault=outcome)


def _require_running(recording: Recording) -> None:
    if recording.phase is not Phase.RUNNING:
        raise RecordingNotRunning(phase=recording.phase.value)
