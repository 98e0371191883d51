"""Sheets in memory, and a hall's neighbours as a test wants them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ecabinet.attendance.model import Presence
from ecabinet.hall.model import Answers, Sheet
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Meeting
from ecabinet.meetings.views import Setting
from ecabinet.register.model import Body, RuleProfile
from ecabinet.voting.model import PaperCount, Phase, Question, QuestionNotOpen


@dataclass
class MemorySheets:
    """See the Sheets port."""

    meetings: frozenset[MeetingId]
    kept: dict[QuestionId, Sheet] = field(default_factory=dict)

    async def lock(self, meeting: MeetingId) -> None:
        if meeting not in self.meetings:
            raise NotFound()

    async def get(self, meeting: MeetingId, question: QuestionId) -> Sheet | None:
        found = self.kept.get(question)
        return found if found is not None and found.meeting == meeting else None

    async def of(self, meeting: MeetingId) -> list[Sheet]:
        mine = [sheet for sheet in self.kept.values() if sheet.meeting == meeting]
        return sorted(mine, key=lambda sheet: sheet.question)

    async def put(self, sheet: Sheet) -> None:
        self.kept[sheet.question] = sheet


@dataclass
class SetVoting:
    """Questions as the test puts them; concluding closes them and keeps what they were concluded with."""

    questions: dict[QuestionId, Question]
    by_hands: list[tuple[Answers, tuple[PersonId, PersonId]]] = field(default_factory=list)
    by_papers: list[tuple[PaperCount, tuple[PersonId, PersonId]]] = field(default_factory=list)

    async def of(self, meeting: MeetingId) -> list[Question]:
        mine = [question for question in self.questions.values() if question.meeting == meeting]
        return sorted(mine, key=lambda question: question.number)

    async def subjects(self, meeting: MeetingId, question: QuestionId) -> tuple[ItemId, ...]:
        for each in await self.of(meeting):
            if each.id == question:
                return each.subjects
        raise NotFound()

    async def electing(self, meeting: MeetingId) -> list[Question]:
        return [question for question in await self.of(meeting) if question.board is not None]

    async def conclude_by_hands(
        self, meeting: MeetingId, question: QuestionId, answers: Answers, entered_by: tuple[PersonId, PersonId]
    ) -> None:
        self._close(question)
        self.by_hands.append((answers, entered_by))

    async def conclude_by_papers(
        self, meeting: MeetingId, question: QuestionId, counted: PaperCount, by: tuple[PersonId, PersonId]
    ) -> None:
        self._close(question)
        self.by_papers.append((counted, by))

    def _close(self, question: QuestionId) -> None:
        asked = self.questions[question]
        if asked.phase is not Phase.OPEN:
            raise QuestionNotOpen(phase=asked.phase.value)
        self.questions[question] = replace(asked, phase=Phase.CLOSED, closed_at=asked.opened_at)


@dataclass
class OneMeeting:
    """The meeting of the test."""

    held: Meeting
    body: Body
    profile: RuleProfile

    async def get(self, meeting: MeetingId) -> Meeting:
        if meeting != self.held.id:
            raise NotFound()
        return self.held

    async def setting(self, meeting: Meeting) -> Setting:
        return Setting(self.body, self.profile, None)


@dataclass
class SetPresences:
    """Who is there, as the test says."""

    present: set[PersonId]

    async def presences(self, meeting: Meeting) -> Mapping[PersonId, Presence]:
        return {person: Presence(meeting.id, person, is_connected=True) for person in self.present}
