"""What every keeper of questions must do, the memory fake and both databases alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.ids import ItemId, MeetingId, PlanId, QuestionId
from ecabinet.meetings.model import QuestionOpen
from ecabinet.register.model import Matter
from ecabinet.voting import closing, conduct
from ecabinet.voting.model import (
    BallotPapers,
    Board,
    Candidate,
    Kind,
    Levels,
    Method,
    PaperCount,
    Phase,
    Question,
    Roll,
    Settled,
    Side,
    Voter,
    Way,
)
from ecabinet.voting.ports import Questions
from ecabinet.voting.sql import SqlQuestions
from tests.fakes.voting import MemoryQuestions
from tests.voting.furnished import furnish
from tests.voting.halls import AT, BY, ITEM, MEETING, PROFILES, ballot, close, person, put, roll

OTHER = MeetingId("other")
NEXT = ItemId("item-3")
OPEN = put("lanh-dao-bo", 7, range(6))
FIRST = OPEN.id
Check = Callable[[Questions], Awaitable[None]]


def closed() -> Question:
    verdict = close("lanh-dao-bo", OPEN, [ballot(person(0), "for")]).decided
    return replace(OPEN, phase=Phase.CLOSED, closed_at=AT + timedelta(seconds=30), verdict=verdict)


async def check_a_question_comes_back_whole(questions: Questions) -> None:
    await questions.lock_meeting(MEETING.id)
    await questions.add(OPEN)
    assert await questions.get(MEETING.id, FIRST) == OPEN
    assert await questions.lock(MEETING.id, FIRST) == OPEN
    assert await questions.get(OTHER, FIRST) is None
    assert await questions.lock(OTHER, FIRST) is None
    assert await questions.of(OTHER) == []
    await questions.keep(closed())
    assert await questions.get(MEETING.id, FIRST) == closed()


async def check_a_choice_comes_back_whole(questions: Questions) -> None:
    asked = put("lanh-dao-bo", 7, range(7), Matter.CHOICE, ("Thuê ngoài", "Tự xây dựng"))
    await questions.add(asked)
    assert await questions.of(MEETING.id) == [asked]
    verdict = close("lanh-dao-bo", asked, [ballot(person(place), "option-2") for place in range(4)]).decided
    assert verdict.chosen == "option-2"
    done = replace(asked, phase=Phase.CLOSED, closed_at=AT, verdict=verdict)
    await questions.keep(done)
    assert await questions.of(MEETING.id) == [done]


async def check_one_question_is_open_at_a_time(questions: Questions) -> None:
    assert await questions.open_question(MEETING.id) is None
    await questions.add(OPEN)
    assert await questions.open_question(MEETING.id) == FIRST
    second = replace(OPEN, id=QuestionId("second"), number=2)
    with pytest.raises(QuestionOpen) as refused:
        await questions.add(second)
    assert refused.value.detail == {"question": FIRST}
    await questions.keep(replace(OPEN, phase=Phase.CANCELLED, closed_at=AT, cancel_reason="mất điện"))
    assert await questions.open_question(MEETING.id) is None
    await questions.add(second)
    assert [each.id for each in await questions.of(MEETING.id)] == [FIRST, second.id]


async def check_what_was_asked_does_not_change_at_the_end(questions: Questions) -> None:
    await questions.add(OPEN)
    await questions.keep(replace(closed(), text="Khác?", roll=roll([1]), digest="0" * 64))
    assert await questions.get(MEETING.id, FIRST) == closed()


async def check_every_kind_of_question_comes_back_whole(questions: Questions) -> None:
    names = (Candidate("candidate-1", "Một", person(1)), Candidate("candidate-2", "Hai"))
    election = replace(
        put("hdnd-tinh", 7, range(7)), way=Way.PAPER, method=Method.ELECTION, candidates=names, seats=1, options=()
    )
    proxied = Roll((Voter(person(0), "Không"), Voter(person(1), "Một", proxy=person(0))))
    asked = replace(
        election, items=(ITEM, NEXT), motion="adjourn", plan=PlanId("p"), repeats=QuestionId("r"), roll=proxied
    )
    asked = replace(asked, board=Board(person(1), (person(1), person(2))), kind=Kind.BLOCK, until=AT)
    await questions.add(asked)
    assert await questions.get(MEETING.id, FIRST) == asked
    counted = PaperCount(BallotPapers(7, 7, 6, 1), {"candidate-1": 5, "candidate-2": 1})
    ended = conduct.applied(election, closing.conclude_papers(election, counted, PROFILES["hdnd-tinh"], BY))
    rated = replace(election, method=Method.RATING, seats=None)
    levels = PaperCount(BallotPapers(7, 7, 7, 0), ratings={each.id: Levels(3, 2, 2) for each in names})
    ratings = closing.conclude_papers(rated, levels, PROFILES["hdnd-tinh"], BY).ratings
    kept = replace(
        asked,
        phase=Phase.ANNULLED,
        closed_at=AT,
        until=AT + timedelta(minutes=1),
        count=ended.count,
        election=ended.election,
        ratings=ratings,
        settler=person(0),
        settled=Settled(person(0), Side.AGAINST, AT),
        annul_reason="nhầm",
        repeated_by=QuestionId("again"),
    )
    await questions.keep(kept)
    assert await questions.get(MEETING.id, FIRST) == kept
    assert await questions.electing(MEETING.id) == [kept]


async def check_a_paused_question_is_still_the_one(questions: Questions) -> None:
    await questions.add(OPEN)
    await questions.keep(replace(OPEN, phase=Phase.PAUSED))
    assert await questions.open_question(MEETING.id) == FIRST
    with pytest.raises(QuestionOpen):
        await questions.add(replace(OPEN, id=QuestionId("second"), number=2))
    await questions.keep(replace(OPEN, phase=Phase.ANNULLED, closed_at=AT))
    assert await questions.open_question(MEETING.id) is None


async def check_those_about_a_tellers_board_are_found_by_themselves(questions: Questions) -> None:
    assert await questions.electing(MEETING.id) == []
    await questions.add(replace(OPEN, phase=Phase.CLOSED, closed_at=AT))
    board = Board(person(1), (person(1), person(2), person(3)))
    elects = replace(OPEN, id=QuestionId("elects"), number=2, board=board)
    await questions.add(elects)
    assert await questions.electing(MEETING.id) == [elects]
    assert await questions.electing(OTHER) == []


CONTRACT = [
    check_those_about_a_tellers_board_are_found_by_themselves,
    check_every_kind_of_question_comes_back_whole,
    check_a_paused_question_is_still_the_one,
    check_a_question_comes_back_whole,
    check_a_choice_comes_back_whole,
    check_one_question_is_open_at_a_time,
    check_what_was_asked_does_not_change_at_the_end,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_questions_in_memory(check: Check) -> None:
    await check(MemoryQuestions())


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_questions_in_a_database(check: Check, furnished: Database) -> None:
    async with furnished.writing() as connection:
        await check(SqlQuestions(connection))


@pytest.fixture
async def furnished(database: Database) -> Database:
    """With the people, the body and the meeting that the rows point to."""
    await furnish(database)
    return database


async def test_a_cast_waits_for_the_close_and_then_finds_it_done(furnished: Database) -> None:
    """The lock on the question: whoever comes second sees what the first one did."""
    async with furnished.writing() as connection:
        await SqlQuestions(connection).add(OPEN)
    seen: list[Phase] = []
    locked = asyncio.Event()

    async def closer() -> None:
        async with furnished.writing() as connection:
            store = SqlQuestions(connection)
            assert await store.lock(MEETING.id, FIRST) is not None
            locked.set()
            await asyncio.sleep(0.2)  # long enough for the other to arrive at the lock
            await store.keep(closed())

    async def caster() -> None:
        await locked.wait()
        async with furnished.writing() as connection:
            found = await SqlQuestions(connection).lock(MEETING.id, FIRST)
            assert found is not None
            seen.append(found.phase)

    async with asyncio.TaskGroup() as group:
        group.create_task(closer())
        group.create_task(caster())
    assert seen == [Phase.CLOSED]
