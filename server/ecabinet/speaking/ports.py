"""What speaking needs of the outside."""

from typing import Protocol

from ecabinet.kernel.ids import MeetingId, PersonId, TurnId
from ecabinet.meetings.model import Meeting

from .model import Turn


class TurnStore(Protocol):
    """Turns of meetings, inside one transaction."""

    async def lock(self, meeting: MeetingId) -> None:
        """Make other acts on this meeting wait until this transaction ends. Raises NotFound."""
        ...

    async def of(self, meeting: MeetingId) -> list[Turn]:
        """All turns of the meeting, in the order they were asked for."""
        ...

    async def get(self, meeting: MeetingId, turn: TurnId) -> Turn:
        """Raises NotFound, also for a turn of another meeting."""
        ...

    async def keep(self, turn: Turn) -> None:
        """Keep a turn, new or changed. Raises AlreadyWaiting for a person's second waiting turn in a meeting, and
        AlreadySpeaking for a second speaker."""
        ...


class AttendanceOf(Protocol):
    """Who takes no part: attendance.service.Attendance."""

    async def withdrawn(self, meeting: Meeting) -> frozenset[PersonId]:
        """Everybody who has withdrawn from what is before the meeting."""
        ...


class Meetings(Protocol):
    """Where people speak: meetings.service.Meetings."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """The whole meeting. Raises NotFound."""
        ...
