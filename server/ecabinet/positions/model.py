"""Positions: what a member declares of an item beforehand."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId


class Stance(StrEnum):
    """What a member has to say of an item."""

    NO_OBJECTION = "no_objection"
    """Agrees with what the papers propose: không có ý kiến khác."""
    OPINION = "opinion"
    """Has something to say, and has written it down: có ý kiến."""
    FLOOR = "floor"
    """Wants to say it in the meeting: xin phát biểu."""


OBJECTING = frozenset({Stance.OPINION, Stance.FLOOR})
"""An item of which somebody says this is discussed, and not adopted together with others."""


@dataclass(frozen=True, slots=True)
class Position:
    """What one member declares of one item. It is no vote: who declared so may vote otherwise."""

    meeting: MeetingId
    item: ItemId
    person: PersonId
    stance: Stance
    text: str
    """May be empty, except of an opinion."""
    at: datetime


# --- events ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDeclared(Event):
    """A member declared a position, the first or another one. Held back in the record until the meeting opens."""

    type: ClassVar[str] = "position.declared"
    item: ItemId
    person: PersonId
    stance: Stance
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionWithdrawn(Event):
    """A member took a position back."""

    type: ClassVar[str] = "position.withdrawn"
    item: ItemId
    person: PersonId


# --- refusals ---


class OpinionMissing(Invalid):
    """Whoever has an opinion writes it down."""

    code = "opinion_missing"
