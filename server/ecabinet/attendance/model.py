"""Who is there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId


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
    """The roll call says this of someone, or takes back what it said (None)."""

    type: ClassVar[str] = "roll.marked"
    person: PersonId
    mark: Mark | None
    reason: str | None
