"""The ballots' lane on real databases: many in one commit, each with its own fate."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from ecabinet.adapters import outbox
from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.errors import Refusal, Unavailable
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.register.model import Matter
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.casting import Asked, Casting, Sent, Vote
from ecabinet.voting.jobs import BallotLane
from ecabinet.voting.model import KeptBallot, Receipt
from ecabinet.voting.service import Wanted
from ecabinet.voting.sql import SqlQuestions
from tests.fakes.lanes import at_work
from tests.voting.furnished import Room, furnish
from tests.voting.halls import ITEM, MEETING, person

VOTERS = 30
WANTED = Wanted(ITEM, "Thông qua?", Matter.RESOLUTION)


@dataclass(frozen=True, slots=True)
class Breakable(SqlBallots):
    """Real rows, unless the chamber says otherwise."""

    chamber: "Chamber"

    async def add(self, kept: Sequence[KeptBallot]) -> None:
        self.chamber.batches.append(len(kept))
        if self.chamber.is_unreachable:
            raise Unavailable()
        await SqlBallots(self.connection).add(kept)
        if any(each.ballot.voter == self.chamber.unkeepable for each in kept):
            raise ZeroDivisionError


@dataclass
class Chamber:
    """A question before thirty voters, and the lane their ballots go through."""

    room: Room
    question: QuestionId
    unkeepable: PersonId | None = None
    """Whose ballot breaks the transaction it is in."""
    is_unreachable: bool = False
    asked: Asked = field(default_factory=Asked)
    """One for all, as the process has it."""
    batches: list[int] = field(default_factory=list)
    """How many ballots each transaction was asked to keep."""

    def __post_init__(self) -> None:
        self.lane = BallotLane(self.room.uow, self.casting)

    def casting(self, act: Act) -> Casting:
        return replace(self.room.casting(act), kept=Breakable(act.connection, self), asked=self.asked)

    def sent(self, voter: PersonId, choice: str = "for", n: int = 1) -> Sent:
        return Sent(MEETING.id, self.question, Vote(choice, n), voter)

    async def cast_together(self, sent: Sequence[Sent]) -> list[Receipt | BaseException]:
        """All at once: what each of them is answered."""

        async def one(each: Sent) -> Receipt | BaseException:
            try:
                return await self.lane.cast(each)
            except Exception as error:
                return error

        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(one(each)) for each in sent]
        return [each.result() for each in asked]

    async def kept(self) -> list[KeptBallot]:
        async with self.room.database.reading() as connection:
            return await SqlBallots(connection).of(self.question)

    async def news(self) -> list[outbox.Message]:
        async with self.room.database.reading() as connection:
            return await outbox.since(connection, MEETING.id, 0, 1_000)


@pytest.fixture
async def chamber(database: Database) -> AsyncIterator[Chamber]:
    room = Room(database, await furnish(database, VOTERS))
    question = await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
    made = Chamber(room, question)
    async with at_work(made.lane.lane):
        yield made


async def test_ballots_that_arrive_together_are_kept_in_one_commit_and_told_once(chamber: Chamber) -> None:
    answers = await chamber.cast_together([chamber.sent(person(place)) for place in range(VOTERS)])
    receipts = [each for each in answers if isinstance(each, Receipt)]
    assert [each.ballot.voter for each in receipts] == [person(place) for place in range(VOTERS)]
    assert sorted(each.number for each in receipts) == list(range(2, VOTERS + 2))
    kept = await chamber.kept()
    assert {(each.ballot.voter, each.number, each.hash) for each in kept} == {
        (each.ballot.voter, each.number, each.hash) for each in receipts
    }
    put, *cast = await chamber.news()
    assert put.type == "question.put"
    assert [each.seq for each in cast] == list(range(2, len(cast) + 2))
    assert len(cast) <= 2, "the first may have gone alone"
    turnout = {"id": chamber.question, "item": ITEM, "items": [ITEM], "received": VOTERS}
    assert cast[-1].body == {"turnouts": {chamber.question: turnout}}


async def test_what_is_refused_to_one_voter_changes_nothing_for_the_others(chamber: Chamber) -> None:
    stranger, odd = chamber.sent(PersonId("stranger")), chamber.sent(person(2), "perhaps")
    elsewhere = Sent(MEETING.id, QuestionId("another"), Vote("for", 1), person(3))
    good = [chamber.sent(person(place)) for place in (4, 5, 6)]
    answers = await chamber.cast_together([good[0], stranger, good[1], odd, elsewhere, good[2]])
    codes = [each.code if isinstance(each, Refusal) else type(each).__name__ for each in answers]
    assert codes == ["Receipt", "not_entitled", "Receipt", "no_such_choice", "not_found", "Receipt"]
    assert len(await chamber.kept()) == 3


async def test_a_ballot_that_cannot_be_kept_fails_nobody_beside_it(chamber: Chamber) -> None:
    """It passes the rules and breaks the transaction: the batch is taken apart until it is alone."""
    chamber.unkeepable = person(7)
    answers = await chamber.cast_together([chamber.sent(person(place)) for place in range(1, 13)])
    assert [place for place, each in enumerate(answers, start=1) if isinstance(each, ZeroDivisionError)] == [7]
    receipts = [each for each in answers if isinstance(each, Receipt)]
    assert {(each.ballot.voter, each.number) for each in await chamber.kept()} == {
        (each.ballot.voter, each.number) for each in receipts
    }
    assert len(receipts) == 11
    chamber.unkeepable = None
    assert isinstance(await chamber.lane.cast(chamber.sent(person(7))), Receipt)


async def test_nothing_is_acknowledged_when_the_commit_fails(chamber: Chamber) -> None:
    def refuse(_: Connection) -> None:
        raise ZeroDivisionError

    engine = chamber.room.database.engine.sync_engine
    event.listen(engine, "commit", refuse)
    answers = await chamber.cast_together([chamber.sent(person(place)) for place in range(5)])
    event.remove(engine, "commit", refuse)
    assert [type(each) for each in answers] == [ZeroDivisionError] * 5
    assert await chamber.kept() == []
    assert [each.type for each in await chamber.news()] == ["question.put"]
    answers = await chamber.cast_together([chamber.sent(person(place)) for place in range(5)])
    assert [type(each) for each in answers] == [Receipt] * 5


async def test_a_database_that_does_not_answer_is_asked_once_for_a_batch(chamber: Chamber) -> None:
    chamber.is_unreachable = True
    answers = await chamber.cast_together([chamber.sent(person(place)) for place in range(VOTERS)])
    assert [type(each) for each in answers] == [Unavailable] * VOTERS
    assert len(chamber.batches) <= 2, "smaller pieces would find it no more ready"


async def test_a_batch_costs_as_many_statements_as_one_ballot(chamber: Chamber) -> None:
    said: list[str] = []
    engine = chamber.room.database.engine.sync_engine

    def note(_: Connection, __: object, statement: str, *___: object) -> None:
        said.append(statement)

    async def cost(places: range) -> list[str]:
        said.clear()
        votes = [(Vote("for", 1), person(place)) for place in places]
        await chamber.room.uow.run(lambda act: chamber.casting(act).cast_all(MEETING.id, chamber.question, votes))
        return [each.split()[0] for each in said]

    await cost(range(1))  # what was asked is read once
    event.listen(engine, "before_cursor_execute", note)
    one, many = await cost(range(1, 2)), await cost(range(2, VOTERS))
    event.remove(engine, "before_cursor_execute", note)
    assert one == many
    assert len([each for each in many if each in {"SELECT", "INSERT", "UPDATE"}]) <= 6, many


async def test_versions_and_retries_in_one_batch_get_what_they_would_get_alone(chamber: Chamber) -> None:
    voter = person(3)
    first, newer, again = chamber.sent(voter), chamber.sent(voter, "against", 2), chamber.sent(voter)
    other = chamber.sent(voter, "abstain", 2)
    answers = await chamber.cast_together([first, newer, again, other])
    assert [type(each).__name__ for each in answers] == ["Receipt", "Receipt", "Receipt", "Equivocation"]
    one, two, retried = (each for each in answers if isinstance(each, Receipt))
    assert (retried.number, retried.hash) == (one.number, one.hash)
    assert (two.is_current, retried.is_current) == (True, False)
    late = await chamber.lane.cast(first)
    assert (late.number, late.hash, late.is_current) == (one.number, one.hash, False)
    assert len(await chamber.kept()) == 2


async def test_a_close_is_wholly_before_a_batch_or_wholly_after_it(chamber: Chamber) -> None:
    early = await chamber.cast_together([chamber.sent(person(place)) for place in range(10)])
    async with asyncio.TaskGroup() as tasks:
        beside = tasks.create_task(chamber.cast_together([chamber.sent(person(place)) for place in range(10, 20)]))
        tasks.create_task(
            chamber.room.uow.run(lambda act: chamber.room.voting(act).close(MEETING.id, chamber.question, person(0)))
        )
        late = tasks.create_task(chamber.cast_together([chamber.sent(person(place)) for place in range(20, VOTERS)]))
    answers = [*early, *await beside, *await late]
    assert {type(each).__name__ for each in answers} <= {"Receipt", "QuestionNotOpen"}
    acknowledged = {each.ballot.voter for each in answers if isinstance(each, Receipt)}
    assert {each.ballot.voter for each in await chamber.kept()} == acknowledged
    async with chamber.room.database.reading() as connection:
        closed = await SqlQuestions(connection).get(MEETING.id, chamber.question)
    assert closed is not None
    assert closed.verdict is not None
    assert closed.verdict.arithmetic.counts.votes_for == len(acknowledged)
    changed = await chamber.cast_together([chamber.sent(person(place), "against", 2) for place in range(3)])
    assert [type(each).__name__ for each in changed] == ["QuestionNotOpen"] * 3
