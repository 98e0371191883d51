"""What of a meeting's record a person may read. Pure. Types are those of docs/protocol.md."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typing_extensions import TypedDict

from ecabinet.kernel.access import Role
from ecabinet.kernel.events import moment
from ecabinet.kernel.ids import PersonId

from .model import Entry

BALLOT_CAST = "ballot.cast"
QUESTION_CLOSED = "question.closed"
ITEM_NOTED = "item.noted"
"""Types this slice must know by name: what they disclose is not for everyone, or not yet."""


class RecordEntry(TypedDict):
    """An entry as it is read on a screen."""

    number: int
    type: str
    at: str
    actor: str | None
    actor_name: str | None
    payload: dict[str, Any] | None
    """None when it was erased, or is not for this person, or not yet."""


class Record(TypedDict):
    """A meeting's entries, oldest first."""

    entries: list[RecordEntry]


def record(entries: Sequence[Entry], names: Mapping[PersonId, str], roles: Iterable[Role]) -> Record:
    """The record as a person with these roles in the meeting may read it."""
    hidden = veiled(entries, sees_notes=not {Role.CHAIR, Role.SECRETARY}.isdisjoint(roles))
    return {"entries": [_entry(entry, names, is_veiled=entry.number in hidden) for entry in entries]}


def veiled(entries: Iterable[Entry], *, sees_notes: bool) -> frozenset[int]:
    """Numbers of the entries whose payload is held back: notes from all but the chair and the secretaries, and every
    ballot whose question was not closed. An open vote tells nothing; one that was called off never does."""
    kept = [entry for entry in entries if entry.disclosure is not None]
    closed = {_payload(entry).get("question") for entry in kept if entry.type == QUESTION_CLOSED}
    ballots = {
        entry.number
        for entry in kept
        if entry.type == BALLOT_CAST and _payload(entry).get("ballot", {}).get("question") not in closed
    }
    notes = {entry.number for entry in kept if entry.type == ITEM_NOTED and not sees_notes}
    return frozenset(ballots | notes)


def _payload(entry: Entry) -> dict[str, Any]:
    return entry.disclosure.payload if entry.disclosure else {}


def _entry(entry: Entry, names: Mapping[PersonId, str], *, is_veiled: bool) -> RecordEntry:
    return {
        "number": entry.number,
        "type": entry.type,
        "at": moment(entry.at),
        "actor": entry.actor,
        "actor_name": names.get(entry.actor) if entry.actor else None,
        "payload": None if is_veiled or entry.disclosure is None else entry.disclosure.payload,
    }
