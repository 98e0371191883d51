"""Turns to speak."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ecabinet.kernel.errors import Conflict, WrongPhase
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, TurnId


class Status(StrEnum):
    """WAITING leads to SPEAKING or WITHDRAWN, SPEAKING to DONE; nothing leads back."""

    WAITING = "waiting"
    SPEAKING = "speaking"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Turn:
    """Someone's wish to speak, or speech."""

    id: TurnId
    meeting: MeetingId
    person: PersonId
    item: ItemId | None
    """What was before the meeting when the turn came to be; None between items."""
    status: Status
    asked_at: datetime
    """When it was asked for; when it was given, for someone who did not ask."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    """When the speech ended or the wish was withdrawn."""
    allotted_s: int | None = None
    """Time to speak, in seconds. Going over it ends nothing by itself: that is the chair's to do."""


# --- events ---


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorAsked(Event):
    """Someone wants to speak."""

    type: ClassVar[str] = "floor.asked"
    turn: TurnId
    person: PersonId
    item: ItemId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorWithdrawn(Event):
    """Someone does not want to speak any more, or cannot: the meeting is over."""

    type: ClassVar[str] = "floor.withdrawn"
    turn: TurnId
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorGiven(Event):
    """Someone has the floor."""

    type: ClassVar[str] = "floor.given"
    turn: TurnId
    person: PersonId
    item: ItemId | None
    allotted_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorEnded(Event):
    """Someone has spoken."""

    type: ClassVar[str] = "floor.ended"
    turn: TurnId
    person: PersonId
    spoken_s: int
    """How long, in whole seconds."""


FloorEvent = FloorAsked | FloorWithdrawn | FloorGiven | FloorEnded


@dataclass(frozen=True, slots=True)
class Step:
    """What an act does to one turn: the turn afterwards, and the event that says so."""

    turn: Turn
    event: FloorEvent


# --- refusals ---


class AlreadyWaiting(Conflict):
    """One waiting turn a person. Detail: turn."""

    code = "already_waiting"


class AlreadySpeaking(Conflict):
    """This person has the floor. Detail: turn."""

    code = "already_speaking"


class TurnWrongStatus(WrongPhase):
    """The act does not exist for a turn in this status. Detail: phase, the status."""


class NotYourItem(Conflict):
    """Someone asked to the meeting for certain items takes part in those alone, and another is before the meeting."""

    code = "not_your_item"
