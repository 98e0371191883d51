"""What voting needs of the outside."""

from collections.abc import Sequence, Set
from typing import Protocol

from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Meeting, Participant
from ecabinet.register.model import Quorum

from .model import KeptBallot, Question


class Questions(Protocol):
    """Questions, inside one transaction."""

    async def lock_meeting(self, meeting: MeetingId) -> None:
        """Nobody else puts a question or moves the agenda of this meeting until the commit."""
        ...

    async def add(self, question: Question) -> None:
        """Keep a new, open question. Raises QuestionOpen when another one of the meeting is open."""
        ...

    async def get(self, meeting: MeetingId, question: QuestionId) -> Question | None:
        """The question, if it is one of this meeting's."""
        ...

    async def lock(self, meeting: MeetingId, question: QuestionId) -> Question | None:
        """The same, and nobody else casts, closes or cancels until the commit: every cast is wholly before a
        close, or wholly after it."""
        ...

    async def of(self, meeting: MeetingId) -> list[Question]:
        """All questions of a meeting, by number."""
        ...

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        """The one that is open."""
        ...

    async def finish(self, question: Question) -> None:
        """Keep the phase, the end, the verdict or the reason. What was asked and who was asked never changes."""
        ...


class Ballots(Protocol):
    """Ballots as they were cast, inside one transaction."""

    async def add(self, kept: Sequence[KeptBallot]) -> None:
        """Keep these versions, all of them or none. Raises Equivocation when a voter has a version already."""
        ...

    async def of(self, question: QuestionId) -> list[KeptBallot]:
        """Every version of everybody, by ledger number."""
        ...

    async def versions(self, question: QuestionId, voters: Set[PersonId]) -> list[KeptBallot]:
        """Every version of these voters, lowest first."""
        ...

    async def all_of(self, meeting: MeetingId, voter: PersonId) -> list[KeptBallot]:
        """Every version of one voter to any question of the meeting, in no order."""
        ...

    async def received(self, meeting: MeetingId, question: QuestionId | None = None) -> dict[QuestionId, int]:
        """How many voters have answered each question, or this one alone; questions nobody has answered are left
        out."""
        ...


class MeetingsOf(Protocol):
    """The meeting as it stands: the meetings slice."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """Whole. Raises NotFound."""
        ...


class AttendanceOf(Protocol):
    """Who is there: the attendance slice."""

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        """Participants with a vote who are there, in order of protocol."""
        ...

    async def quorum(self, meeting: Meeting) -> Quorum:
        """The body's quorum as it stands; ``members`` is the number of all members."""
        ...
