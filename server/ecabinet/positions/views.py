"""Positions as the wire has them. Pure."""

from typing import Any

from ecabinet.kernel.ids import ItemId, PersonId
from ecabinet.meetings.model import Meeting

from .model import Position

Entry = dict[str, Any]


def position_id(item: ItemId, person: PersonId) -> str:
    """The id of an entry of ``positions``."""
    return f"{item}:{person}"


def position_entry(position: Position, meeting: Meeting) -> Entry:
    """An entry of ``positions``. Other members see it once the meeting has opened."""
    return {
        "id": position_id(position.item, position.person),
        "item": position.item,
        "person": position.person,
        "stance": position.stance.value,
        "text": position.text,
        "is_shown": meeting.opened_at is not None,
    }
