"""What every keeper of straw polls must do, the memory fake and both databases alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from ecabinet.adapters.database import Database, metadata
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, StrawPollId
from ecabinet.straw.model import AlreadyAnswered, Status, StrawPollOpen
from ecabinet.straw.ports import StrawPolls
from ecabinet.straw.sql import SqlStrawPolls, marks, slips
from tests.fakes.gathering import MEETING
from tests.fakes.kernel import NOON
from tests.fakes.standing import put_meeting
from tests.fakes.straw import MemoryStrawPolls
from tests.straw.polls import CHOICES, MEMBERS, POLL, a_poll, a_room

ANOTHER = StrawPollId("another".ljust(26, "0"))
ENDED = replace(a_poll(), status=Status.CLOSED, closed_at=NOON, answered=5, counts={CHOICES[0]: 5, CHOICES[1]: 0})
Check = Callable[[StrawPolls], Awaitable[None]]


async def check_a_poll_comes_back_as_it_was_and_as_it_ended(polls: StrawPolls) -> None:
    await polls.add(a_poll())
    assert await polls.get(MEETING, POLL) == await polls.lock(MEETING, POLL) == a_poll()
    await polls.finish(ENDED)
    assert await polls.of(MEETING) == [ENDED]
    assert await polls.of(MeetingId("another")) == []


async def check_one_is_open_at_a_time(polls: StrawPolls) -> None:
    await polls.add(a_poll())
    with pytest.raises(StrawPollOpen):
        await polls.add(replace(a_poll(), id=ANOTHER))
    await polls.finish(replace(a_poll(), status=Status.CANCELLED, closed_at=NOON, cancel_reason="Hỏi nhầm"))
    await polls.add(replace(a_poll(), id=ANOTHER))


async def check_each_person_answers_once(polls: StrawPolls) -> None:
    await polls.add(a_poll())
    await polls.put(POLL, MEMBERS[0], CHOICES[0])
    with pytest.raises(AlreadyAnswered):
        await polls.put(POLL, MEMBERS[0], CHOICES[1])
    await polls.put(POLL, MEMBERS[1], CHOICES[0])
    assert await polls.box(POLL) == {CHOICES[0]: 2}
    assert await polls.answered(POLL) == 2
    assert await polls.has_answered(POLL, MEMBERS[0])
    assert not await polls.has_answered(POLL, MEMBERS[2])


async def check_the_end_leaves_neither_marks_nor_slips(polls: StrawPolls) -> None:
    await polls.add(a_poll())
    await polls.put(POLL, MEMBERS[0], CHOICES[0])
    await polls.finish(ENDED)
    assert await polls.box(POLL) == {}
    assert not await polls.has_answered(POLL, MEMBERS[0])
    assert await polls.answered(POLL) == 0


async def check_what_is_not_there_is_not_found(polls: StrawPolls) -> None:
    await polls.add(a_poll())
    for meeting, poll in ((MeetingId("another"), POLL), (MEETING, ANOTHER)):
        with pytest.raises(NotFound):
            await polls.get(meeting, poll)
        with pytest.raises(NotFound):
            await polls.lock(meeting, poll)


CONTRACT = [
    check_a_poll_comes_back_as_it_was_and_as_it_ended,
    check_one_is_open_at_a_time,
    check_each_person_answers_once,
    check_the_end_leaves_neither_marks_nor_slips,
    check_what_is_not_there_is_not_found,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_straw_polls_in_memory(check: Check) -> None:
    await check(MemoryStrawPolls())


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_straw_polls_in_a_database(check: Check, database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_room())
        await check(SqlStrawPolls(connection, token_bytes))


async def test_an_answer_in_a_race_with_itself_lies_in_the_box_once(database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_room())
        await SqlStrawPolls(connection, token_bytes).add(a_poll())
    outcomes: list[str] = []

    async def answer(choice: str) -> None:
        try:
            async with database.writing() as connection:
                await SqlStrawPolls(connection, token_bytes).put(POLL, MEMBERS[0], choice)
            outcomes.append("kept")
        except AlreadyAnswered:
            outcomes.append("refused")

    async with asyncio.TaskGroup() as tasks:
        for number in range(4):
            tasks.create_task(answer(CHOICES[number % 2]))
    assert sorted(outcomes) == ["kept", "refused", "refused", "refused"]
    async with database.reading() as connection:
        assert sum((await SqlStrawPolls(connection, token_bytes).box(POLL)).values()) == 1


async def test_no_row_leads_from_a_person_to_an_answer(database: Database) -> None:
    """The two tables share the poll alone, and neither has a number or a time that would put its rows in order."""
    async with database.reading() as connection:
        names = await connection.run_sync(
            lambda on: {each: {column["name"] for column in inspect(on).get_columns(each)} for each in _APART}
        )
    assert names == {"straw_mark": {"poll", "person"}, "straw_slip": {"poll", "slip", "choice"}}


async def test_sqlite_keeps_no_hidden_number_of_arrival(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'straw.sqlite'}")
    async with database.writing() as connection:
        await connection.run_sync(metadata.create_all)
        for table in _APART:
            with pytest.raises(OperationalError, match="no such column: rowid"):
                await connection.execute(text(f"SELECT rowid FROM {table}"))
    await database.close()


_APART = (marks.name, slips.name)
