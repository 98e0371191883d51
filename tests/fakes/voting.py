"""Questions and ballots in memory. They pass the contract suite of the real ones."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import AttachmentId, ItemId, MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Act, Meeting, Participant, QuestionOpen
from ecabinet.meetings.rules import adopt_items
from ecabinet.register.model import Quorum, RuleProfile
from ecabinet.voting.model import (
    RUNNING,
    Attachment,
    Equivocation,
    Incident,
    KeptBallot,
    Phase,
    Planned,
    Question,
)


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

    async def electing(self, meeting: MeetingId) -> list[Question]:
        return [each for each in await self.of(meeting) if each.board is not None]

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        return next((each.id for each in await self.of(meeting) if each.phase in RUNNING), None)

    async def keep(self, question: Question) -> None:
        self.questions[question.id] = replace(
            self.questions[question.id],
            phase=question.phase,
            until=question.until,
            closed_at=question.closed_at,
            verdict=question.verdict,
            count=question.count,
            election=question.election,
            ratings=question.ratings,
            settler=question.settler,
            settled=question.settled,
            cancel_reason=question.cancel_reason,
            annul_reason=question.annul_reason,
            repeated_by=question.repeated_by,
        )


@dataclass
class MemoryIncidents:
    """See the Incidents port."""

    kept: list[Incident] = field(default_factory=list)

    async def add(self, incident: Incident) -> None:
        self.kept.append(incident)

    async def find(self, question: QuestionId, person: PersonId) -> Incident | None:
        return next((each for each in self.kept if (each.question, each.person) == (question, person)), None)

    async def of(self, meeting: MeetingId) -> list[Incident]:
        return sorted((each for each in self.kept if each.meeting == meeting), key=lambda each: (each.at, each.id))


@dataclass
class MemoryPlans:
    """See the Plans port."""

    kept: list[Planned] = field(default_factory=list)

    async def of(self, meeting: MeetingId) -> list[Planned]:
        mine = [each for each in self.kept if each.meeting == meeting]
        return sorted(mine, key=lambda each: (each.item, each.position))

    async def replace(self, meeting: MeetingId, item: ItemId, planned: Sequence[Planned]) -> None:
        others = [each for each in self.kept if (each.meeting, each.item) != (meeting, item)]
        self.kept = [*others, *planned]


@dataclass
class MemoryProxies:
    """See the ProxyStore port."""

    kept: dict[tuple[MeetingId, PersonId], PersonId] = field(default_factory=dict)

    async def of(self, meeting: MeetingId) -> dict[PersonId, PersonId]:
        return {giver: holder for (held, giver), holder in self.kept.items() if held == meeting}

    async def put(self, meeting: MeetingId, pair: tuple[PersonId, PersonId], at: datetime) -> None:
        self.kept.pop((meeting, pair[0]), None)
        self.kept[meeting, pair[0]] = pair[1]

    async def remove(self, meeting: MeetingId, giver: PersonId) -> None:
        self.kept.pop((meeting, giver), None)


@dataclass
class MemoryBallots:
    """See the Ballots port."""

    questions: MemoryQuestions
    kept: list[KeptBallot] = field(default_factory=list)
    uploads: list[Attachment] = field(default_factory=list)

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
        return [
            each
            for each in self.kept
            if each.ballot.question in asked and voter in {each.ballot.voter, each.ballot.cast_by}
        ]

    async def lock(self, meeting: MeetingId, question: QuestionId) -> Phase | None:
        found = await self.questions.get(meeting, question)
        return found.phase if found else None

    async def newest(self, question: QuestionId, voters: Set[PersonId]) -> dict[PersonId, int]:
        return {each.ballot.voter: each.ballot.n for each in await self.versions(question, voters)}

    async def received(self, meeting: MeetingId) -> dict[QuestionId, int]:
        counted = {each.id: (await self.turnout(each.id))[1] for each in await self.questions.of(meeting)}
        return {each: count for each, count in counted.items() if count}

    async def turnout(self, question: QuestionId) -> tuple[tuple[ItemId, ...], int]:
        asked = self.questions.questions[question]
        return asked.subjects, len({each.ballot.voter for each in await self.of(question)})

    async def add_attachment(self, attachment: Attachment, at: datetime) -> None:
        self.uploads.append(attachment)

    async def uploaded(self, question: QuestionId, person: PersonId) -> int:
        return sum(1 for each in self.uploads if (each.question, each.person) == (question, person))

    async def attachments(self, question: QuestionId, ids: Set[AttachmentId]) -> dict[AttachmentId, Attachment]:
        return {each.id: each for each in self.uploads if each.question == question and each.id in ids}


@dataclass
class SetMeetings:
    """Meetings as the test puts them there."""

    held: dict[MeetingId, Meeting]

    async def get(self, meeting: MeetingId) -> Meeting:
        if meeting not in self.held:
            raise NotFound()
        return self.held[meeting]

    async def adopt_items(self, meeting: MeetingId, items: Sequence[ItemId], conclusion: str, by: Act) -> None:
        self.held[meeting] = adopt_items(self.held[meeting], items, conclusion, by).meeting


@dataclass
class SetPositions:
    """Who objects to what, as the test says."""

    objecting: dict[ItemId, frozenset[PersonId]] = field(default_factory=dict)

    async def objections(self, meeting: Meeting, items: Iterable[ItemId]) -> dict[ItemId, frozenset[PersonId]]:
        return {item: self.objecting.get(item, frozenset()) for item in items}


@dataclass
class SetAttendance:
    """Who is there, as the test says."""

    present: set[PersonId]
    profile: RuleProfile
    withdrawn: dict[ItemId, frozenset[PersonId]] = field(default_factory=dict)

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        return tuple(each for each in meeting.voters if each.person in self.present)

    async def quorum(self, meeting: Meeting) -> Quorum:
        return self.profile.quorum.of(len(meeting.voters), len(await self.present_voters(meeting)))

    async def recused(self, meeting: Meeting, items: Iterable[ItemId]) -> frozenset[PersonId]:
        return frozenset(person for item in items for person in self.withdrawn.get(item, ()))
