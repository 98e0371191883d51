"""What every keeper of ballots must do, the memory fake and both databases alike."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.ids import MeetingId, QuestionId
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.model import Equivocation, KeptBallot, Phase
from ecabinet.voting.ports import Ballots, Questions
from ecabinet.voting.sql import SqlQuestions
from tests.fakes.voting import MemoryBallots, MemoryQuestions
from tests.voting.furnished import furnish
from tests.voting.halls import AT, MEETING, ballot, person, put

OTHER = MeetingId("other")
OPEN = put("lanh-dao-bo", 7, range(6))
FIRST = OPEN.id
Check = Callable[[Questions, Ballots], Awaitable[None]]


def kept(voter: int, choice: str, n: int, number: int, question: QuestionId = FIRST) -> KeptBallot:
    return KeptBallot(replace(ballot(person(voter), choice, n), question=question), number, f"{number:064x}")


async def check_versions_lie_side_by_side(questions: Questions, ballots: Ballots) -> None:
    await questions.add(OPEN)
    second, first = kept(1, "against", 2, 11), kept(1, "for", 1, 12)
    third = kept(2, "abstain", 1, 13)
    await ballots.add([])
    await ballots.add([second, first])
    await ballots.add([third])
    assert await ballots.versions(FIRST, {person(1)}) == [first, second]
    both = await ballots.versions(FIRST, {person(1), person(2), person(3)})
    assert sorted(both, key=lambda each: each.number) == [second, first, third]
    assert both[-1] == second
    assert await ballots.versions(FIRST, {person(3)}) == []
    assert [each.number for each in await ballots.of(FIRST)] == [11, 12, 13]
    assert await ballots.received(MEETING.id) == {FIRST: 2}
    assert await ballots.received(OTHER) == {}
    assert await ballots.received(MEETING.id, FIRST) == {FIRST: 2}
    assert await ballots.received(MEETING.id, QuestionId("another")) == {}


async def check_a_version_is_kept_once(questions: Questions, ballots: Ballots) -> None:
    await questions.add(OPEN)
    await ballots.add([kept(1, "for", 1, 11)])
    with pytest.raises(Equivocation):
        await ballots.add([kept(2, "for", 1, 12), kept(1, "against", 1, 13)])
    assert [each.ballot.choice for each in await ballots.of(FIRST)] == ["for"]


async def check_a_voters_ballots_of_all_questions(questions: Questions, ballots: Ballots) -> None:
    await questions.add(OPEN)
    await ballots.add([kept(1, "for", 1, 11)])
    await questions.keep(replace(OPEN, phase=Phase.CANCELLED, closed_at=AT, cancel_reason="mất điện"))
    second = replace(OPEN, id=QuestionId("second"), number=2)
    await questions.add(second)
    await ballots.add([kept(1, "against", 1, 12, second.id), kept(2, "against", 1, 13, second.id)])
    found = await ballots.all_of(MEETING.id, person(1))
    assert sorted(each.number for each in found) == [11, 12]
    assert await ballots.all_of(OTHER, person(1)) == []


CONTRACT = [
    check_versions_lie_side_by_side,
    check_a_version_is_kept_once,
    check_a_voters_ballots_of_all_questions,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_ballots_in_memory(check: Check) -> None:
    questions = MemoryQuestions()
    await check(questions, MemoryBallots(questions))


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_ballots_in_a_database(check: Check, database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        await check(SqlQuestions(connection), SqlBallots(connection))
