"""A turn as the wire has it. Pure."""

from typing_extensions import TypedDict

from ecabinet.kernel.events import moment, moment_if_any

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
        "started_at": moment_if_any(turn.started_at),
        "ended_at": moment_if_any(turn.ended_at),
        "allotted_s": turn.allotted_s,
    }
