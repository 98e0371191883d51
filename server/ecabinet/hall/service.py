"""Writing down votes of the hall twice, and ending them when the two agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ecabinet.kernel.access import Role
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId
from ecabinet.kernel.ports import Transaction
from ecabinet.meetings.model import Act, Meeting
from ecabinet.voting.model import PaperCount, Phase, Question, QuestionNotOpen

from . import rules
from .model import Answers, Content, Facts, Kind, NotCounted, Occasion, Seated, Sheet
from .ports import AttendanceOf, MeetingsOf, Sheets, VotingOf


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The slices below."""

    voting: VotingOf
    meetings: MeetingsOf
    attendance: AttendanceOf


@dataclass(frozen=True, slots=True)
class Hall:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    sheets: Sheets
    around: Neighbours
    clock: Clock
    zone: ZoneInfo
    """In which the tellers' minutes tell the time."""

    # --- a show of hands ---

    async def enter_hands(
        self, meeting: MeetingId, question: QuestionId, answers: Answers, replaces: PersonId | None, by: PersonId
    ) -> None:
        """The first sheet. Raises NotFound, NotInTheHall, QuestionNotOpen, NotOnTheRoll, NoSuchChoice, SheetIsThere."""
        asked = await self._asked(meeting, question, Kind.HANDS)
        _require_open(asked)
        await self._enter(asked, rules.hands(asked, answers), replaces, by)

    async def confirm_hands(
        self, meeting: MeetingId, question: QuestionId, answers: Answers, by: PersonId
    ) -> tuple[str, ...]:
        """A second sheet by somebody else. Equal: the vote ends. Returns the people on whom the two differ, which is
        kept. The same again is harmless.

        Raises NotFound, NotInTheHall, NotOnTheRoll, NoSuchChoice, QuestionNotOpen, SecretariesConfirm,
        NothingToConfirm, NeedsSecondPerson.
        """
        asked = await self._asked(meeting, question, Kind.HANDS)
        content = rules.hands(asked, answers)
        if await self._is_retry(asked, content, by):
            return ()
        _require_open(asked)
        held = await self.around.meetings.get(meeting)
        chair = held.chair.person if held.chair else None
        rules.require_confirmer(by, chair, await self._secretaries(held))
        sheet = await self._confirm(asked, content, by)
        if sheet.is_agreed:
            pair = (sheet.entered_by, by)
            await self.around.voting.conclude_by_hands(meeting, question, rules.answers_of(content), pair)
        return sheet.differs

    # --- paper ballots ---

    async def enter_count(
        self, meeting: MeetingId, question: QuestionId, counted: PaperCount, replaces: PersonId | None, by: PersonId
    ) -> None:
        """The first count. Raises NotFound, NotInTheHall, QuestionNotOpen, NotATeller, TellerIsCandidate, Invalid,
        SumsDoNotAgree, SheetIsThere."""
        asked = await self._asked(meeting, question, Kind.COUNT)
        _require_open(asked)
        await self._require_teller(asked, by)
        await self._enter(asked, rules.count(asked, counted), replaces, by)

    async def confirm_count(
        self, meeting: MeetingId, question: QuestionId, counted: PaperCount, by: PersonId
    ) -> tuple[str, ...]:
        """A second count by another teller. Equal: the vote ends. Returns the lines on which the two differ, which is
        kept. The same again is harmless.

        Raises NotFound, NotInTheHall, NotATeller, TellerIsCandidate, Invalid, SumsDoNotAgree, QuestionNotOpen,
        NothingToConfirm, NeedsSecondPerson.
        """
        asked = await self._asked(meeting, question, Kind.COUNT)
        await self._require_teller(asked, by)
        content = rules.count(asked, counted)
        if await self._is_retry(asked, content, by):
            return ()
        _require_open(asked)
        sheet = await self._confirm(asked, content, by)
        if sheet.is_agreed:
            await self.around.voting.conclude_by_papers(meeting, question, counted, (sheet.entered_by, by))
        return sheet.differs

    # --- reading ---

    async def mine(self, meeting: MeetingId, question: QuestionId, kind: Kind, person: PersonId) -> Content:
        """The sheet that this person wrote. Raises NotFound when there is none."""
        sheet = await self.sheets.get(meeting, question)
        if sheet is None or sheet.kind is not kind:
            raise NotFound()
        if sheet.entered_by == person:
            return sheet.content
        if sheet.second_by == person and sheet.second is not None:
            return sheet.second
        raise NotFound()

    async def facts(self, meeting: MeetingId, question: QuestionId) -> Facts:
        """What the tellers' minutes are made of. Raises NotFound, NotInTheHall, NotCounted."""
        questions = await self.around.voting.of(meeting)
        asked = _named(questions, question)
        rules.require_way(asked, Kind.COUNT)
        sheet = await self.sheets.get(meeting, question)
        seated = rules.board_for(asked, questions)
        if sheet is None or not sheet.is_agreed or seated is None or asked.closed_at is None:
            raise NotCounted(phase=asked.phase.value)
        held = await self.around.meetings.get(meeting)
        setting = await self.around.meetings.setting(held)
        return rules.facts(
            asked, asked.closed_at, sheet, seated, Occasion(held, setting.body, setting.profile, self.zone)
        )

    async def of(self, meeting: MeetingId) -> list[Sheet]:
        """All sheets of a meeting."""
        return await self.sheets.of(meeting)

    async def boards(self, meeting: MeetingId) -> list[Seated]:
        """The tellers' boards the meeting has elected, in order; the last one sits."""
        return rules.boards(await self.around.voting.electing(meeting))

    async def subjects(self, meeting: MeetingId, question: QuestionId) -> tuple[ItemId, ...]:
        """Every item the question is about. Raises NotFound."""
        return await self.around.voting.subjects(meeting, question)

    async def elects(self, meeting: MeetingId, question: QuestionId) -> bool:
        """Whether the question is about a tellers' board."""
        return any(each.id == question for each in await self.around.voting.electing(meeting))

    async def tellers(self, meeting: MeetingId) -> frozenset[PersonId]:
        """Who is on the board that sits."""
        elected = await self.boards(meeting)
        return frozenset(elected[-1].board.members) if elected else frozenset()

    # --- parts of the above ---

    async def _asked(self, meeting: MeetingId, question: QuestionId, kind: Kind) -> Question:
        await self.sheets.lock(meeting)
        asked = _named(await self.around.voting.of(meeting), question)
        rules.require_way(asked, kind)
        return asked

    async def _enter(self, asked: Question, content: Content, replaces: PersonId | None, by: PersonId) -> None:
        before = await self.sheets.get(asked.meeting, asked.id)
        step = rules.enter(asked, before, content, replaces, Act(by, self.clock.now()))
        if step.event is not None:
            await self.sheets.put(step.sheet)
            await self.tx.record(step.event)

    async def _confirm(self, asked: Question, content: Content, by: PersonId) -> Sheet:
        before = await self.sheets.get(asked.meeting, asked.id)
        step = rules.confirm(before, content, Act(by, self.clock.now()))
        await self.sheets.put(step.sheet)
        if step.event is not None:
            await self.tx.record(step.event)
        return step.sheet

    async def _is_retry(self, asked: Question, content: Content, by: PersonId) -> bool:
        if asked.phase is not Phase.CLOSED:
            return False
        return rules.was_confirmed(await self.sheets.get(asked.meeting, asked.id), content, by)

    async def _require_teller(self, asked: Question, by: PersonId) -> None:
        seated = rules.board_for(asked, await self.around.voting.electing(asked.meeting))
        rules.require_teller(asked, seated, by)

    async def _secretaries(self, meeting: Meeting) -> list[PersonId]:
        presences = await self.around.attendance.presences(meeting)
        return [
            each.person
            for each in meeting.participants
            if (each.role is Role.SECRETARY or each.prepares)
            and each.person in presences
            and presences[each.person].is_present
        ]


def _named(questions: Sequence[Question], wanted: QuestionId) -> Question:
    for each in questions:
        if each.id == wanted:
            return each
    raise NotFound()


def _require_open(question: Question) -> None:
    """Raises QuestionNotOpen."""
    if question.phase is not Phase.OPEN:
        raise QuestionNotOpen(phase=question.phase.value)
