"""What every keeper of turns must do, the memory fake and both databases alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, TurnId
from ecabinet.speaking.model import AlreadySpeaking, AlreadyWaiting, Status, Turn
from ecabinet.speaking.ports import TurnStore
from ecabinet.speaking.sql import SqlTurns
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, MEETING, a_meeting
from tests.fakes.kernel import NOON
from tests.fakes.speaking import MemoryTurns
from tests.fakes.standing import put_meeting

WAITING = Turn(TurnId("t1"), MEETING, AN, FIRST, Status.WAITING, NOON)
NEXT = replace(WAITING, id=TurnId("t0"), person=BINH, item=None, asked_at=NOON + timedelta(seconds=1))
SPEAKING = replace(WAITING, status=Status.SPEAKING, started_at=NOON + timedelta(minutes=1), allotted_s=180)
Check = Callable[[TurnStore], Awaitable[None]]


async def check_a_turn_comes_back_as_it_was_and_as_it_became(turns: TurnStore) -> None:
    for turn in (WAITING, SPEAKING, replace(SPEAKING, status=Status.DONE, ended_at=NOON + timedelta(minutes=3))):
        await turns.keep(turn)
        assert await turns.get(MEETING, turn.id) == turn
    assert len(await turns.of(MEETING)) == 1


async def check_turns_stand_in_the_order_they_were_asked_for(turns: TurnStore) -> None:
    await turns.keep(NEXT)
    await turns.keep(WAITING)
    assert await turns.of(MEETING) == [WAITING, NEXT]
    assert await turns.of(MeetingId("another")) == []


async def check_a_turn_of_another_meeting_is_not_found(turns: TurnStore) -> None:
    await turns.keep(WAITING)
    for meeting, turn in ((MeetingId("another"), WAITING.id), (MEETING, NEXT.id)):
        with pytest.raises(NotFound):
            await turns.get(meeting, turn)


async def check_a_person_waits_once(turns: TurnStore) -> None:
    await turns.keep(WAITING)
    again = replace(WAITING, id=TurnId("t9"))
    with pytest.raises(AlreadyWaiting):
        await turns.keep(again)
    await turns.keep(replace(WAITING, status=Status.WITHDRAWN, ended_at=NOON))
    await turns.keep(again)


async def check_one_speaks_at_a_time(turns: TurnStore) -> None:
    await turns.keep(SPEAKING)
    another = replace(SPEAKING, id=TurnId("t9"), person=CHAIR)
    with pytest.raises(AlreadySpeaking):
        await turns.keep(another)
    await turns.keep(replace(SPEAKING, status=Status.DONE, ended_at=NOON))
    await turns.keep(another)


async def check_only_a_meeting_that_is_there_can_be_locked(turns: TurnStore) -> None:
    await turns.lock(MEETING)
    with pytest.raises(NotFound):
        await turns.lock(MeetingId("another"))


CONTRACT = [
    check_a_turn_comes_back_as_it_was_and_as_it_became,
    check_turns_stand_in_the_order_they_were_asked_for,
    check_a_turn_of_another_meeting_is_not_found,
    check_a_person_waits_once,
    check_one_speaks_at_a_time,
    check_only_a_meeting_that_is_there_can_be_locked,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_turns_in_memory(check: Check) -> None:
    await check(MemoryTurns(frozenset({MEETING})))


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_turns_in_a_database(check: Check, database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_meeting())
        await check(SqlTurns(connection))


async def test_two_speakers_at_once_are_one_whoever_hurries(database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_meeting())
    outcomes: list[str] = []

    async def speak(turn: Turn) -> None:
        try:
            async with database.writing() as connection:
                await SqlTurns(connection).keep(turn)
            outcomes.append("speaks")
        except AlreadySpeaking:
            outcomes.append("does not")

    async with asyncio.TaskGroup() as tasks:
        for number in range(4):
            tasks.create_task(speak(replace(SPEAKING, id=TurnId(f"t{number}"))))
    assert sorted(outcomes) == ["does not", "does not", "does not", "speaks"]
