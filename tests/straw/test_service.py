"""Straw polls at work, with memory in place of a database."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId, StrawPollId
from ecabinet.meetings.model import Meeting, Participant, QuestionOpen
from ecabinet.straw.model import (
    AlreadyAnswered,
    Status,
    StrawPollCancelled,
    StrawPollClosed,
    StrawPollOpen,
    StrawPollOpened,
)
from ecabinet.straw.service import Straw
from tests.fakes.gathering import CHAIR, MEETING, MeetingsHere
from tests.fakes.kernel import CountingIds, RecordingTransaction, SetClock
from tests.fakes.straw import MemoryStrawPolls
from tests.straw.polls import CHOICES, LABELS, MEMBERS, a_room

TEXT = "Phiên sau họp buổi nào?"


@dataclass
class AllThere:
    """Everybody with a vote, but for those who have withdrawn."""

    withdrawn: frozenset[PersonId] = frozenset()

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        return meeting.voters

    async def recused(self, meeting: Meeting, items: Iterable[ItemId]) -> frozenset[PersonId]:
        assert (meeting.id, list(items)) == (MEETING, [ItemId("item1")])
        return self.withdrawn


@dataclass
class Votes:
    """Whether a vote runs."""

    question: QuestionId | None = None

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        assert meeting == MEETING
        return self.question


@dataclass
class House:
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    polls: MemoryStrawPolls = field(default_factory=MemoryStrawPolls)
    attendance: AllThere = field(default_factory=AllThere)
    votes: Votes = field(default_factory=Votes)
    meetings: MeetingsHere = field(default_factory=lambda: MeetingsHere({MEETING: a_room()}))
    ids: CountingIds = field(default_factory=CountingIds)
    clock: SetClock = field(default_factory=SetClock)

    @property
    def straw(self) -> Straw:
        return Straw(self.tx, self.polls, self.meetings, self.attendance, self.votes, self.ids, self.clock)

    async def asked(self) -> StrawPollId:
        return await self.straw.ask(MEETING, TEXT, LABELS, CHAIR)

    def heard(self) -> list[type]:
        return [type(event) for event in self.tx.events]


@pytest.fixture
def house() -> House:
    return House()


async def test_from_the_question_to_the_sums(house: House) -> None:
    poll = await house.asked()
    for member, choice in zip(MEMBERS, (*CHOICES, *CHOICES, *CHOICES), strict=True):
        await house.straw.answer(MEETING, poll, choice, member)
    assert await house.straw.answered(MEETING, poll) == 6
    await house.straw.close(MEETING, poll, CHAIR)
    [kept] = await house.straw.of(MEETING)
    assert (kept.answered, kept.counts) == (6, {"option-1": 3, "option-2": 3})
    assert await house.straw.answered(MEETING, poll) == 6


async def test_an_answer_is_in_no_record(house: House) -> None:
    poll = await house.asked()
    await house.straw.answer(MEETING, poll, CHOICES[0], MEMBERS[0])
    assert house.heard() == [StrawPollOpened]


async def test_the_end_destroys_what_lay_in_the_box(house: House) -> None:
    poll = await house.asked()
    await house.straw.answer(MEETING, poll, CHOICES[0], MEMBERS[0])
    await house.straw.close(MEETING, poll, CHAIR)
    assert (house.polls.marks, house.polls.slips) == ({}, {})
    assert house.heard() == [StrawPollOpened, StrawPollClosed]
    [kept] = await house.straw.of(MEETING)
    assert (kept.answered, kept.counts) == (1, None)


async def test_one_answer_each(house: House) -> None:
    poll = await house.asked()
    assert not await house.straw.has_answered(MEETING, poll, MEMBERS[0])
    await house.straw.answer(MEETING, poll, CHOICES[0], MEMBERS[0])
    assert await house.straw.has_answered(MEETING, poll, MEMBERS[0])
    with pytest.raises(AlreadyAnswered):
        await house.straw.answer(MEETING, poll, CHOICES[1], MEMBERS[0])
    assert await house.polls.box(poll) == {CHOICES[0]: 1}


async def test_who_has_withdrawn_from_the_item_is_not_on_the_roll(house: House) -> None:
    house.attendance.withdrawn = frozenset({MEMBERS[1]})
    poll = await house.asked()
    assert MEMBERS[1] not in (await house.polls.get(MEETING, poll)).roll


async def test_a_vote_comes_first_and_one_poll_at_a_time(house: House) -> None:
    house.votes.question = QuestionId("q")
    with pytest.raises(QuestionOpen):
        await house.asked()
    house.votes.question = None
    first = await house.asked()
    with pytest.raises(StrawPollOpen):
        await house.asked()
    await house.straw.cancel(MEETING, first, "Hỏi nhầm", CHAIR)
    await house.asked()
    assert house.heard() == [StrawPollOpened, StrawPollCancelled, StrawPollOpened]


async def test_a_poll_of_another_meeting_is_not_there(house: House) -> None:
    poll = await house.asked()
    with pytest.raises(NotFound):
        await house.straw.answered(MeetingId("another"), poll)
    with pytest.raises(NotFound):
        await house.straw.answer(MeetingId("another"), poll, CHOICES[0], MEMBERS[0])


async def test_nothing_stays_in_a_box_when_the_meeting_ends(house: House) -> None:
    poll = await house.asked()
    await house.straw.answer(MEETING, poll, CHOICES[0], MEMBERS[0])
    await house.straw.end_all(MEETING, CHAIR)
    [kept] = await house.straw.of(MEETING)
    assert (kept.status, kept.counts, await house.polls.box(poll)) == (Status.CANCELLED, None, {})
    assert house.heard() == [StrawPollOpened, StrawPollCancelled]
    await house.straw.end_all(MEETING, CHAIR)
    assert len(house.heard()) == 2
