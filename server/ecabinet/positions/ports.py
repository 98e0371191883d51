"""What positions need of the outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ecabinet.attendance.model import Recusal
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId, TurnId
from ecabinet.meetings.model import Meeting, Participant

from .model import Position


class PositionStore(Protocol):
    """Positions, inside one transaction. They end with the item, and when the person leaves the list."""

    async def put(self, position: Position) -> None:
        """Keep it, instead of what was kept of the same item and person. Raises NotFound when the person does not
        take part in the meeting, or there is no such item."""
        ...

    async def remove(self, item: ItemId, person: PersonId) -> None:
        """Harmless when there is none."""
        ...

    async def get(self, item: ItemId, person: PersonId) -> Position | None:
        """What the person declared of the item, if anything."""
        ...

    async def of(self, meeting: MeetingId) -> list[Position]:
        """All of a meeting, the earliest first."""
        ...


class MeetingsOf(Protocol):
    """The meetings' store, as far as positions ask it."""

    async def lock(self, meeting: MeetingId) -> None:
        """Make other acts on this meeting wait until this transaction ends. Raises NotFound."""
        ...

    async def get(self, meeting: MeetingId) -> Meeting:
        """The meeting, whole. Raises NotFound."""
        ...


class FloorOf(Protocol):
    """Who stands in line: speaking.service.Speaking."""

    async def ask(self, meeting: MeetingId, by: PersonId) -> TurnId:
        """Stand in line. Raises AlreadyWaiting, RecusedHere."""
        ...


class PresenceOf(Protocol):
    """Who is there: attendance.service.Attendance."""

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        """Participants with a vote who are there."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """Where an item is discussed."""

    floor: FloorOf
    presence: PresenceOf


class QuestionsOf(Protocol):
    """What is being voted on: voting, above."""

    async def voted_on(self, meeting: MeetingId) -> Mapping[ItemId, QuestionId]:
        """The items that a vote is under way on, with its question; empty when none runs."""
        ...


class RecusalsOf(Protocol):
    """attendance.ports.Recusals."""

    async def of(self, meeting: MeetingId) -> list[Recusal]:
        """All of a meeting."""
        ...
