"""What straw polls need of the outside."""

from collections.abc import Iterable
from typing import Protocol

from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId, StrawPollId
from ecabinet.meetings.model import Meeting, Participant

from .model import StrawPoll


class StrawPolls(Protocol):
    """Straw polls, who has answered, and the box, inside one transaction.

    Between who has answered and what lies in the box nothing leads from one to the other: no key, no order, no time.
    """

    async def add(self, poll: StrawPoll) -> None:
        """Keep a new one. Raises StrawPollOpen when another one of the meeting is open."""
        ...

    async def lock(self, meeting: MeetingId, poll: StrawPollId) -> StrawPoll:
        """The poll; nobody else answers or ends it until the commit. Raises NotFound."""
        ...

    async def get(self, meeting: MeetingId, poll: StrawPollId) -> StrawPoll:
        """Raises NotFound, also for a poll of another meeting."""
        ...

    async def of(self, meeting: MeetingId) -> list[StrawPoll]:
        """All of a meeting, oldest first."""
        ...

    async def has_answered(self, poll: StrawPollId, person: PersonId) -> bool:
        """Whether the person's answer is in the box. Always False once the poll has ended."""
        ...

    async def answered(self, poll: StrawPollId) -> int:
        """How many have; 0 once the poll has ended."""
        ...

    async def put(self, poll: StrawPollId, person: PersonId, choice: str) -> None:
        """Mark the person, and drop the answer into the box. Raises AlreadyAnswered."""
        ...

    async def box(self, poll: StrawPollId) -> dict[str, int]:
        """Answers by option."""
        ...

    async def finish(self, poll: StrawPoll) -> None:
        """Keep the end, and destroy the box and the marks."""
        ...


class MeetingsOf(Protocol):
    """meetings.service.Meetings."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """The whole meeting. Raises NotFound."""
        ...


class AttendanceOf(Protocol):
    """attendance.service.Attendance."""

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        """Participants with a vote who are there, in order of protocol."""
        ...

    async def recused(self, meeting: Meeting, items: Iterable[ItemId]) -> frozenset[PersonId]:
        """Who has withdrawn from any of these items."""
        ...


class VotingOf(Protocol):
    """voting.service.Voting."""

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        """The question that is open."""
        ...
