"""What a recording shows on the wire. Pure."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from ecabinet.kernel.access import Action, Standing
from ecabinet.kernel.events import moment, moment_if_any
from ecabinet.kernel.ids import PersonId

from .model import Acknowledgement, Part, Recording


class PartEntry(TypedDict):
    """What the media server recorded in one go."""

    n: int
    begun_at: str
    size_bytes: int | None
    """Of the film; None while there is none."""
    digest: str | None
    manifest_digest: str | None
    fault: str | None


class RecordingEntry(TypedDict):
    """An entry of the collection `recordings`."""

    id: str
    number: int
    phase: str
    started_at: str
    started_by: str
    stopped_at: str | None
    cause: str | None
    fault: str | None
    parts: list[PartEntry] | None
    """None for who has no access to its files."""


class AcknowledgementEntry(TypedDict):
    """An entry of the collection `acknowledgements`."""

    id: str
    recording: str
    person: str
    at: str


class RecordingProgress(TypedDict):
    """How far a recording is."""

    phase: str
    is_recorded: bool
    """Whether the media server says that it records at this moment."""
    percent: int | None
    """How far its film is composed; None while nothing is."""


def recording_entry(recording: Recording) -> RecordingEntry:
    """The recording as it stands."""
    return {
        "id": recording.id,
        "number": recording.number,
        "phase": recording.phase.value,
        "started_at": moment(recording.started_at),
        "started_by": recording.started_by,
        "stopped_at": moment_if_any(recording.stopped_at),
        "cause": recording.cause.value if recording.cause else None,
        "fault": recording.fault.value if recording.fault else None,
        "parts": [_part(each) for each in recording.parts],
    }


def acknowledgement_entry(acknowledgement: Acknowledgement) -> AcknowledgementEntry:
    """Who said so, and when."""
    return {
        "id": acknowledgement_id(acknowledgement),
        "recording": acknowledgement.recording,
        "person": acknowledgement.person,
        "at": moment(acknowledgement.at),
    }


def acknowledgement_id(acknowledgement: Acknowledgement) -> str:
    """What the entry is kept under."""
    return f"{acknowledgement.recording}:{acknowledgement.person}"


def without_files(entry: Mapping[str, Any], standing: Standing) -> dict[str, Any]:
    """That there is a recording is for everybody; its files are for those who keep it. A recording tells of every
    item at once: who has withdrawn from one has no access to it either."""
    if standing.may(Action.KEEP_RECORDING) and not standing.recused:
        return dict(entry)
    return {**entry, "parts": None}


def of_mine_or_kept(_id: str, entry: Mapping[str, Any], standing: Standing) -> bool:
    """Those who keep recordings see who knows of one; everybody sees his own."""
    return standing.may(Action.KEEP_RECORDING) or standing.person == PersonId(entry["person"])


def _part(part: Part) -> PartEntry:
    return {
        "n": part.n,
        "begun_at": moment(part.begun_at),
        "size_bytes": part.kept.film.size_bytes if part.kept else None,
        "digest": part.kept.film.digest if part.kept else None,
        "manifest_digest": part.kept.manifest.digest if part.kept else None,
        "fault": part.fault.value if part.fault else None,
    }
