"""What the hall needs of the outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Meeting
from ecabinet.register.model import Body, RuleProfile
from ecabinet.voting.model import PaperCount, Question

from .model import Answers, Sheet


class Sheets(Protocol):
    """Sheets, inside one transaction."""

    async def lock(self, meeting: MeetingId) -> None:
        """Nobody else writes a sheet, or moves anything else of this meeting, until the commit. Raises NotFound."""
        ...

    async def get(self, meeting: MeetingId, question: QuestionId) -> Sheet | None:
        """The question's, if it is of this meeting."""
        ...

    async def of(self, meeting: MeetingId) -> list[Sheet]:
        """All of a meeting, by question."""
        ...

    async def put(self, sheet: Sheet) -> None:
        """Keep it in place of the one before."""
        ...


class VotingOf(Protocol):
    """Questions, and their end."""

    async def of(self, meeting: MeetingId) -> Sequence[Question]:
        """All questions of a meeting, by number."""
        ...

    async def subjects(self, meeting: MeetingId, question: QuestionId) -> tuple[ItemId, ...]:
        """Every item the question is about. Raises NotFound."""
        ...

    async def electing(self, meeting: MeetingId) -> Sequence[Question]:
        """Those of them that are about a tellers' board, whatever became of them, by number."""
        ...

    async def conclude_by_hands(
        self, meeting: MeetingId, question: QuestionId, answers: Answers, entered_by: tuple[PersonId, PersonId]
    ) -> None:
        """Keep a ballot for each answer and close the question with its verdict. Raises QuestionNotOpen."""
        ...

    async def conclude_by_papers(
        self, meeting: MeetingId, question: QuestionId, counted: PaperCount, by: tuple[PersonId, PersonId]
    ) -> None:
        """Close the question with what the tellers counted. Raises QuestionNotOpen."""
        ...


class Setting(Protocol):
    """What a meeting is held under."""

    @property
    def body(self) -> Body:
        """Who meets."""
        ...

    @property
    def profile(self) -> RuleProfile:
        """Its rules, as they were on the meeting's day."""
        ...


class MeetingsOf(Protocol):
    """The meeting as it stands."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """Whole. Raises NotFound."""
        ...

    async def setting(self, meeting: Meeting) -> Setting:
        """Who meets, and under which rules."""
        ...


class Seen(Protocol):
    """Whether somebody is there."""

    @property
    def is_present(self) -> bool:
        """Marked present, or connected and not marked otherwise."""
        ...


class AttendanceOf(Protocol):
    """Who is there."""

    async def presences(self, meeting: Meeting) -> Mapping[PersonId, Seen]:
        """How each participant stands; whoever was never seen nor marked may be missing."""
        ...


class Typesetter(Protocol):
    """Makes a PDF of a template and values."""

    async def pdf(self, template: str, values: Mapping[str, Any], at: datetime) -> bytes:
        """The document, archival and accessible. The same arguments give the same bytes."""
        ...
