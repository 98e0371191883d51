"""What every keeper of ballots must do, the memory fake and both databases alike."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.ids import AttachmentId, MeetingId, QuestionId
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.model import Attachment, Equivocation, KeptBallot, Phase
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
    assert await ballots.turnout(FIRST) == ((OPEN.item,), 2)
    assert await ballots.newest(FIRST, {person(1), person(3)}) == {person(1): 2}
    assert await ballots.newest(FIRST, frozenset()) == {}


async def check_all_that_a_ballot_says_comes_back(questions: Questions, ballots: Ballots) -> None:
    await questions.add(OPEN)
    file = Attachment(AttachmentId("file"), FIRST, person(2), "d" * 64, "ý kiến.pdf", 1_000)
    await ballots.add_attachment(file, AT)
    plain = kept(1, "other", 1, 11).ballot
    said = replace(plain, opinion="Đề nghị bỏ Điều 4", attachment=file.digest, cast_by=person(2))
    given = KeptBallot(said, 11, "a" * 64, file)
    other = kept(3, "for", 1, 12)
    await ballots.add([given, other])
    assert await ballots.of(FIRST) == [given, other]
    assert await ballots.versions(FIRST, {person(1)}) == [given]
    assert await ballots.all_of(MEETING.id, person(2)) == [given]
    assert await ballots.attachments(FIRST, {file.id, AttachmentId("none")}) == {file.id: file}
    assert await ballots.attachments(QuestionId("another"), {file.id}) == {}


async def check_where_a_question_stands_is_told_under_its_lock(questions: Questions, ballots: Ballots) -> None:
    await questions.add(OPEN)
    assert await ballots.lock(MEETING.id, FIRST) is Phase.OPEN
    assert await ballots.lock(OTHER, FIRST) is None
    assert await ballots.turnout(FIRST) == ((OPEN.item,), 0)


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
    check_all_that_a_ballot_says_comes_back,
    check_where_a_question_stands_is_told_under_its_lock,
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
