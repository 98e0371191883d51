"""What of a meeting's record a person may read. Pure. Types are those of docs/protocol.md."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from typing_extensions import TypedDict

from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.events import moment
from ecabinet.kernel.ids import ItemId, PersonId

from .model import Entry

BALLOT_CAST = "ballot.cast"
QUESTION_CLOSED = "question.closed"
ITEM_NOTED = "item.noted"
MEETING_OPENED = "meeting.opened"
POSITION_DECLARED = "position.declared"
"""Types this slice must know by name: what they disclose is not for everyone, or not yet."""
_OF_THE_AGENDA = frozenset(
    {
        "agenda.ordered",
        "item.added",
        "item.changed",
        "item.finished",
        "item.removed",
        "item.started",
        "meeting.closed",
        "participant.set",
        "recusal.lifted",
        "recusal.recorded",
    }
)
"""Types that name an item and say no more of it than its place and title."""
_NAMED = ("question", "turn", "paper", "plan", "incident", "board", "poll")
"""Keys under which an entry names what later ones refer to."""


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


def record(entries: Sequence[Entry], names: Mapping[PersonId, str], standing: Standing) -> Record:
    """The record as a person who stands so in the meeting may read it."""
    hidden = veiled(entries, sees_notes=not {Role.CHAIR, Role.SECRETARY}.isdisjoint(standing.roles))
    kept = taken_part_in(entries, standing.recused)
    return {"entries": [_entry(entry, names, is_veiled=entry.number in hidden) for entry in kept]}


def taken_part_in(entries: Sequence[Entry], recused: Iterable[ItemId]) -> Sequence[Entry]:
    """The entries without those of items that somebody has withdrawn from. What the agenda says of them stays.

    An entry belongs to an item that it names, and to one that an earlier entry of the item gave a name in: a ballot
    names its question, and the question its item.
    """
    named: set[str] = set(recused)
    if not named:
        return entries
    kept = []
    for entry in entries:
        payload = _payload(entry)
        if entry.type in _OF_THE_AGENDA or named.isdisjoint(_texts(payload)):
            kept.append(entry)
        else:
            named.update(_names(payload))
    return kept


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)


def _names(payload: Mapping[str, Any]) -> Iterator[str]:
    """What an entry calls the thing it is about: a question whole, everything else by its id."""
    for key in _NAMED:
        match payload.get(key):
            case str(name) | {"id": str(name)}:
                yield name


def veiled(entries: Iterable[Entry], *, sees_notes: bool) -> frozenset[int]:
    """Numbers of the entries whose payload is held back: notes from all but the chair and the secretaries, positions
    from the same until the meeting opens, and every ballot whose question was not closed. An open vote tells nothing;
    one that was called off never does."""
    kept = [entry for entry in entries if entry.disclosure is not None]
    closed = {_payload(entry).get("question") for entry in kept if entry.type == QUESTION_CLOSED}
    ballots = {
        entry.number
        for entry in kept
        if entry.type == BALLOT_CAST and _payload(entry).get("ballot", {}).get("question") not in closed
    }
    notes = {entry.number for entry in kept if entry.type == ITEM_NOTED and not sees_notes}
    has_opened = any(entry.type == MEETING_OPENED for entry in kept)
    early = {entry.number for entry in kept if entry.type == POSITION_DECLARED and not has_opened and not sees_notes}
    return frozenset(ballots | notes | early)


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
