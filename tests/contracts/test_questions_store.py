"""What every keeper of questions must do, the memory fake and both databases alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.ids import MeetingId, QuestionId
from ecabinet.meetings.model import QuestionOpen
from ecabinet.register.model import Matter
from ecabinet.voting.model import Phase, Question
from ecabinet.voting.ports import Questions
from ecabinet.voting.sql import SqlQuestions
from tests.fakes.voting import MemoryQuestions
from tests.voting.furnished import furnish
from tests.voting.halls import AT, MEETING, ballot, close, person, put, roll

OTHER = MeetingId("other")
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


CONTRACT = [
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
