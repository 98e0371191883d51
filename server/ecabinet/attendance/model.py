"""Who is there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId


class Mark(StrEnum):
    """What the roll call says of someone. It outweighs the connection."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Presence:
    """A participant at a meeting, as far as anything is known."""

    meeting: MeetingId
    person: PersonId
    is_connected: bool = False
    seen_at: datetime | None = None
    """When a connection was last made; None when there never was one."""
    mark: Mark | None = None
    reason: str | None = None
    """Why absent or excused, as the roll call has it."""
    since: datetime | None = None
    """Since when `is_present` has been what it is; None when it never changed."""

    @property
    def is_present(self) -> bool:
        """Marked present, or connected and not marked otherwise."""
        return self.is_connected if self.mark is None else self.mark is Mark.PRESENT


@dataclass(frozen=True, slots=True)
class Recusal:
    """A participant who has withdrawn from one item: takes no part in it, and is shown nothing of it but its title."""

    meeting: MeetingId
    item: ItemId
    person: PersonId
    reason: str
    """For the chair, the secretaries and the person alone."""
    at: datetime
    by: PersonId
    """The person, or who recorded it for the person."""

    @property
    def is_own(self) -> bool:
        """Declared by the person."""
        return self.by == self.person


@dataclass(frozen=True, slots=True)
class Change:
    """What an act does: the presence afterwards, and the event that says so, None when there is nothing to tell."""

    presence: Presence
    event: Event | None


# --- events ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceConnected(Event):
    """A participant's first live connection to the meeting."""

    type: ClassVar[str] = "presence.connected"
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceDisconnected(Event):
    """A participant's last live connection ended."""

    type: ClassVar[str] = "presence.disconnected"
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class RollMarked(Event):
    """The roll call says this of someone, or takes back what it said (None). Why is kept beside the presence, not
    here: every member reads the record, and the record forgets nothing."""

    type: ClassVar[str] = "roll.marked"
    person: PersonId
    mark: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecusalRecorded(Event):
    """Someone has withdrawn from an item. Why is not in the record, as for the roll call."""

    type: ClassVar[str] = "recusal.recorded"
    item: ItemId
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecusalLifted(Event):
    """Someone takes part in an item again."""

    type: ClassVar[str] = "recusal.lifted"
    item: ItemId
    person: PersonId
