"""Questions and ballots in memory. They pass the contract suite of the real ones."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Meeting, Participant, QuestionOpen
from ecabinet.register.model import Quorum, RuleProfile
from ecabinet.voting.model import Equivocation, KeptBallot, Phase, Question


@dataclass
class MemoryQuestions:
    """See the Questions port."""

    questions: dict[QuestionId, Question] = field(default_factory=dict)

    async def lock_meeting(self, meeting: MeetingId) -> None:
        pass

    async def add(self, question: Question) -> None:
        other = await self.open_question(question.meeting)
        if other is not None:
            raise QuestionOpen(question=other)
        self.questions[question.id] = question

    async def get(self, meeting: MeetingId, question: QuestionId) -> Question | None:
        found = self.questions.get(question)
        return found if found and found.meeting == meeting else None

    async def lock(self, meeting: MeetingId, question: QuestionId) -> Question | None:
        return await self.get(meeting, question)

    async def of(self, meeting: MeetingId) -> list[Question]:
        mine = [each for each in self.questions.values() if each.meeting == meeting]
        return sorted(mine, key=lambda each: each.number)

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        return next((each.id for each in await self.of(meeting) if each.phase is Phase.OPEN), None)

    async def finish(self, question: Question) -> None:
        self.questions[question.id] = replace(
            self.questions[question.id],
            phase=question.phase,
            closed_at=question.closed_at,
            verdict=question.verdict,
            cancel_reason=question.cancel_reason,
        )


@dataclass
class MemoryBallots:
    """See the Ballots port."""

    questions: MemoryQuestions
    kept: list[KeptBallot] = field(default_factory=list)

    async def add(self, kept: Sequence[KeptBallot]) -> None:
        there = {(each.ballot.question, each.ballot.voter, each.ballot.n) for each in self.kept}
        for each in kept:
            if (each.ballot.question, each.ballot.voter, each.ballot.n) in there:
                raise Equivocation(n=each.ballot.n)
        self.kept += kept

    async def of(self, question: QuestionId) -> list[KeptBallot]:
        return sorted((each for each in self.kept if each.ballot.question == question), key=lambda each: each.number)

    async def versions(self, question: QuestionId, voters: Set[PersonId]) -> list[KeptBallot]:
        theirs = [each for each in await self.of(question) if each.ballot.voter in voters]
        return sorted(theirs, key=lambda each: each.ballot.n)

    async def all_of(self, meeting: MeetingId, voter: PersonId) -> list[KeptBallot]:
        asked = {each.id for each in await self.questions.of(meeting)}
        return [each for each in self.kept if each.ballot.question in asked and each.ballot.voter == voter]

    async def received(self, meeting: MeetingId, question: QuestionId | None = None) -> dict[QuestionId, int]:
        counted = {
            each.id: len({b.ballot.voter for b in await self.of(each.id)}) for each in await self.questions.of(meeting)
        }
        return {each: count for each, count in counted.items() if count and question in (None, each)}


@dataclass
class SetMeetings:
    """Meetings as the test puts them there."""

    held: dict[MeetingId, Meeting]

    async def get(self, meeting: MeetingId) -> Meeting:
        if meeting not in self.held:
            raise NotFound()
        return self.held[meeting]


@dataclass
class SetAttendance:
    """Who is there, as the test says."""

    present: set[PersonId]
    profile: RuleProfile

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        return tuple(each for each in meeting.voters if each.person in self.present)

    async def quorum(self, meeting: Meeting) -> Quorum:
        return self.profile.quorum.of(len(meeting.voters), len(await self.present_voters(meeting)))
