"""A vote from the question to the verdict, through the service."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.canonical import digest
from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId, ProfileId, QuestionId
from ecabinet.meetings.model import Meeting, Participant
from ecabinet.register.model import Body, Comparison, Matter, RuleProfile, Threshold
from ecabinet.register.service import Register
from ecabinet.voting.casting import Casting, Vote
from ecabinet.voting.events import BallotCast, QuestionCancelled, QuestionClosed, QuestionPut
from ecabinet.voting.model import Outcome, Receipt
from ecabinet.voting.ports import Neighbours, Stores
from ecabinet.voting.service import Voting, Wanted
from tests.fakes.kernel import CountingIds, RecordingTransaction, SetClock
from tests.fakes.register import MemoryBodies
from tests.fakes.voting import (
    MemoryBallots,
    MemoryIncidents,
    MemoryPlans,
    MemoryProxies,
    MemoryQuestions,
    SetAttendance,
    SetMeetings,
    SetPositions,
)
from tests.voting.halls import ITEM, MEETING, PROFILES, person

STAND_IN, GUEST = PersonId("stand-in"), PersonId("guest")


def seated(place: int) -> Participant:
    return Participant(
        person(place), f"Thành viên {place}", "", Role.CHAIR if place == 1 else Role.MEMBER, place, True, place == 0
    )


def meeting() -> Meeting:
    """Seven members; the head of the body takes part, his deputy presides; a stand-in and a guest sit there too."""
    others = (
        Participant(STAND_IN, "Dự thay", "", Role.STAND_IN, 6, False, stands_in_for=person(6)),
        Participant(GUEST, "Khách", "", Role.GUEST, 50, False),
    )
    return replace(MEETING, participants=(*(seated(place) for place in range(7)), *others))


@dataclass
class World:
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    questions: MemoryQuestions = field(default_factory=MemoryQuestions)
    kept: MemoryBallots = field(init=False)
    meetings: SetMeetings = field(default_factory=lambda: SetMeetings({MEETING.id: meeting()}))
    attendance: SetAttendance = field(
        default_factory=lambda: SetAttendance({person(place) for place in range(6)}, PROFILES["lanh-dao-bo"])
    )
    positions: SetPositions = field(default_factory=SetPositions)
    bodies: MemoryBodies = field(default_factory=MemoryBodies)
    ids: CountingIds = field(default_factory=CountingIds)
    clock: SetClock = field(default_factory=SetClock)
    profiles: tuple[RuleProfile, ...] = tuple(PROFILES.values())

    def __post_init__(self) -> None:
        self.kept = MemoryBallots(self.questions)
        self.stores = Stores(self.questions, self.kept, MemoryIncidents(), MemoryPlans(), MemoryProxies())

    @property
    def casting(self) -> Casting:
        return Casting(self.tx, self.questions, self.kept, self.meetings, self.clock)

    @property
    def voting(self) -> Voting:
        register = Register(self.tx, self.bodies, self.ids, self.clock, self.profiles)
        around = Neighbours(self.meetings, self.attendance, self.positions, register)
        return Voting(self.tx, self.stores, around, self.ids, self.clock)

    async def put(self) -> QuestionId:
        return await self.voting.put(MEETING.id, Wanted(ITEM, "Thông qua?", Matter.RESOLUTION), person(1))

    async def cast(self, question: QuestionId, voter: PersonId, choice: str, n: int = 1) -> Receipt:
        self.clock.pass_time(timedelta(seconds=1))
        return await self.casting.cast(MEETING.id, question, Vote(choice, n), voter)


@pytest.fixture
async def world() -> World:
    made = World()
    await made.bodies.add_body(Body(BodyId("body"), "Lãnh đạo Bộ", "Leadership", "Bộ", ProfileId("lanh-dao-bo")))
    return made


async def test_a_vote_ends_with_its_verdict_in_the_record(world: World) -> None:
    question = await world.put()
    for place, choice in enumerate(["for", "for", "for", "against", "for"]):
        await world.cast(question, person(place), choice)
    await world.voting.close(MEETING.id, question, person(1))
    closed = await world.questions.get(MEETING.id, question)
    assert closed is not None
    assert closed.verdict is not None
    assert closed.verdict.outcome is Outcome.PASSED
    assert closed.verdict.arithmetic.counts.not_voted == 1
    assert closed.verdict.arithmetic.counts.absent == 1
    assert [type(event) for event in world.tx.events] == [QuestionPut, *[BallotCast] * 5, QuestionClosed]


async def test_the_receipt_names_the_entry_and_the_hash_of_the_ballot(world: World) -> None:
    question = await world.put()
    receipt = await world.cast(question, person(2), "for")
    event = world.tx.events[-1]
    assert isinstance(event, BallotCast)
    assert (receipt.number, receipt.hash, receipt.is_current) == (2, digest(event.ballot), True)


async def test_a_retry_gets_the_stored_receipt_and_records_nothing(world: World) -> None:
    question = await world.put()
    first = await world.cast(question, person(2), "for")
    entries = len(world.tx.events)
    assert await world.cast(question, person(2), "for") == first
    await world.cast(question, person(2), "against", 2)
    again = await world.cast(question, person(2), "for")
    assert again == replace(first, is_current=False)
    await world.voting.close(MEETING.id, question, person(1))
    assert await world.cast(question, person(2), "against", 2) is not None
    assert len(world.tx.events) == entries + 2


async def test_the_newest_version_counts_not_the_newest_arrival(world: World) -> None:
    question = await world.put()
    await world.cast(question, person(2), "against", 2)
    late = await world.cast(question, person(2), "for", 1)
    assert not late.is_current
    assert (await world.casting.mine(MEETING.id, question, person(2))).ballot.choice == "against"
    mine = (await world.casting.mine_all(MEETING.id, person(2)))["ballots"]
    assert (mine[question]["choice"], mine[question]["n"]) == ("against", 2)
    assert mine[question]["receipt"]["is_current"]
    await world.voting.close(MEETING.id, question, person(1))
    closed = await world.questions.get(MEETING.id, question)
    assert closed is not None
    assert closed.verdict is not None
    assert closed.verdict.arithmetic.counts.votes_against == 1


@pytest.mark.parametrize(
    ("voter", "code"), [(STAND_IN, "stand_in_never_votes"), (GUEST, "not_entitled"), (person(6), "not_entitled")]
)
async def test_whoever_is_not_on_the_roll_is_refused(world: World, voter: PersonId, code: str) -> None:
    question = await world.put()
    world.attendance.present.add(voter)
    with pytest.raises(Refusal) as refused:
        await world.cast(question, voter, "for")
    assert refused.value.code == code
    assert len(world.tx.events) == 1


async def test_a_latecomer_votes_from_the_next_question(world: World) -> None:
    first = await world.put()
    world.attendance.present.add(person(6))
    await world.voting.close(MEETING.id, first, person(1))
    second = await world.put()
    assert (await world.cast(second, person(6), "for")).is_current
    numbers = [each.number for each in await world.voting.of(MEETING.id)]
    assert numbers == [1, 2]


async def test_who_leaves_during_the_vote_stays_on_the_roll(world: World) -> None:
    question = await world.put()
    world.attendance.present.clear()
    assert (await world.cast(question, person(2), "for")).is_current


async def test_without_a_quorum_nothing_is_put(world: World) -> None:
    world.attendance.present = {person(place) for place in range(4)}
    with pytest.raises(Refusal) as refused:
        await world.put()
    assert (refused.value.code, refused.value.detail) == ("quorum_not_met", {"members": 7, "present": 4, "needed": 5})
    assert world.tx.events == []


async def test_two_questions_are_not_open_at_once(world: World) -> None:
    question = await world.put()
    with pytest.raises(Refusal) as refused:
        await world.put()
    assert (refused.value.code, refused.value.detail) == ("question_open", {"question": question})
    assert await world.voting.open_question(MEETING.id) == question


async def test_a_question_called_off_counts_nothing_and_keeps_its_ballots(world: World) -> None:
    question = await world.put()
    await world.cast(question, person(2), "for")
    await world.voting.cancel(MEETING.id, question, "mất điện", person(1))
    with pytest.raises(Refusal) as refused:
        await world.cast(question, person(3), "for")
    assert refused.value.code == "question_not_open"
    assert isinstance(world.tx.events[-1], QuestionCancelled)
    assert len(await world.voting.ballots(question)) == 1
    assert await world.voting.open_question(MEETING.id) is None


async def test_the_head_settles_a_tie_though_the_deputy_presides(world: World) -> None:
    question = await world.put()
    for place, choice in enumerate(["for", "against", "against", "for", "for", "against"]):
        await world.cast(question, person(place), choice)
    await world.voting.close(MEETING.id, question, person(1))
    closed = await world.questions.get(MEETING.id, question)
    assert closed is not None
    assert closed.verdict is not None
    assert closed.verdict.outcome is Outcome.PASSED
    assert "Bộ trưởng" in closed.verdict.words.vi


async def test_another_meetings_question_is_not_found(world: World) -> None:
    question = await world.put()
    elsewhere = MeetingId("elsewhere")
    for act in (
        world.casting.cast(elsewhere, question, Vote("for", 1), person(2)),
        world.voting.close(elsewhere, question, person(1)),
        world.voting.cancel(elsewhere, question, "x", person(1)),
        world.casting.mine(elsewhere, question, person(2)),
        world.casting.mine(MEETING.id, question, person(2)),
        world.voting.put(elsewhere, Wanted(ItemId("x"), "?", Matter.RESOLUTION), person(1)),
    ):
        with pytest.raises(NotFound):
            await act


async def test_a_sitting_past_midnight_keeps_the_rules_it_began_under(world: World) -> None:
    midnight = MEETING.starts_at + timedelta(days=1)
    old = PROFILES["lanh-dao-bo"]
    rule = old.decisions[Matter.RESOLUTION]
    stricter = replace(rule, threshold=Threshold(Comparison.AT_LEAST, Fraction(1)))
    new = replace(
        old, version="next", effective=midnight.date(), decisions={**old.decisions, Matter.RESOLUTION: stricter}
    )
    world.profiles = (replace(old, until=new.effective), new)
    world.clock.at = midnight + timedelta(hours=20)
    question = await world.put()
    for place in range(4):
        await world.cast(question, person(place), "for")
    await world.voting.close(MEETING.id, question, person(1))
    closed = await world.questions.get(MEETING.id, question)
    assert closed is not None
    assert closed.verdict is not None
    assert closed.verdict.outcome is Outcome.PASSED
