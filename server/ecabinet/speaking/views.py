"""A turn as the wire has it. Pure."""

from datetime import datetime

from typing_extensions import TypedDict

from ecabinet.kernel.events import moment

from .model import Turn


class TurnEntry(TypedDict):
    """An entry of the collection `turns`."""

    id: str
    person: str
    item: str | None
    status: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    allotted_s: int | None


def turn_entry(turn: Turn) -> TurnEntry:
    """The turn as it stands."""
    return {
        "id": turn.id,
        "person": turn.person,
        "item": turn.item,
        "status": turn.status.value,
        "asked_at": moment(turn.asked_at),
        "started_at": _moment(turn.started_at),
        "ended_at": _moment(turn.ended_at),
        "allotted_s": turn.allotted_s,
    }


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None
