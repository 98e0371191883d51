"""Straw polls (thăm dò ý kiến không ghi tên): what other slices may name.

A straw poll is not a secret ballot and is never called one: whoever runs the server could find out who answered what.
It decides nothing, and it is never held on a person. Secret ballots are taken in the hall (slice ``hall``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ecabinet.kernel.errors import Conflict, Invalid, NotAllowed, WrongPhase
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, StrawPollId

FEWEST = 5
"""With fewer answers than this the sums would point at people: they are thrown away unread."""


class Status(StrEnum):
    """OPEN leads to CLOSED or CANCELLED; nothing leads back."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class StrawPoll:
    """A question asked to get a feeling for the room."""

    id: StrawPollId
    meeting: MeetingId
    item: ItemId
    text: str
    options: tuple[Option, ...]
    roll: tuple[PersonId, ...]
    """Who may answer: members with a vote who were there when it opened."""
    status: Status
    opened_at: datetime
    opened_by: PersonId
    closed_at: datetime | None = None
    answered: int | None = None
    """How many answered; None until it is closed."""
    counts: Mapping[str, int] | None = None
    """Answers by option; None until it is closed, and for ever when fewer than FEWEST answered."""
    cancel_reason: str | None = None


# --- events ---


@dataclass(frozen=True, slots=True, kw_only=True)
class StrawPollOpened(Event):
    """A straw poll began. What comes in is not recorded one by one: an order would betray names."""

    type: ClassVar[str] = "straw_poll.opened"
    poll: StrawPollId
    item: ItemId
    text: str
    options: tuple[Option, ...]
    roll: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrawPollClosed(Event):
    """It ended, with its sums or without any."""

    type: ClassVar[str] = "straw_poll.closed"
    poll: StrawPollId
    answered: int
    counts: Mapping[str, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrawPollCancelled(Event):
    """It was called off; what had come in was thrown away."""

    type: ClassVar[str] = "straw_poll.cancelled"
    poll: StrawPollId
    reason: str


# --- refusals ---


class StrawPollOpen(Conflict):
    """One at a time in a meeting. Detail: poll."""

    code = "straw_poll_open"


class StrawPollNotOpen(WrongPhase):
    """Closed or called off."""

    code = "straw_poll_not_open"


class StrawPollInvalid(Invalid):
    """It cannot be asked like this. Detail: reason."""

    code = "straw_poll_invalid"


class NeverOnPersons(Invalid):
    """A decision on a person is taken by a secret ballot in the hall, or by name. Detail: names."""

    code = "never_on_persons"


class AlreadyAnswered(Conflict):
    """One answer each; it cannot be changed, for nobody knows which one it was."""

    code = "already_answered"


class NotOnStrawRoll(NotAllowed):
    """Not among those who were there when it opened."""

    code = "not_entitled"
