"""What every keeper of recordings must do, the memory fake and both databases alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, RecordingId
from ecabinet.recordings.model import Acknowledgement, AlreadyRecording
from ecabinet.recordings.ports import RecordingStore
from ecabinet.recordings.sql import SqlRecordings
from tests.fakes.gathering import AN, CHAIR, MEETING, a_meeting
from tests.fakes.kernel import NOON
from tests.fakes.recordings import MemoryRecordings
from tests.fakes.standing import put_meeting
from tests.recordings.films import ANOTHER, FAILED, FINISHED, RECORDED, RECORDING, RUNNING, STOPPED

ELSEWHERE = MeetingId("another")
Check = Callable[[RecordingStore], Awaitable[None]]


async def check_a_recording_comes_back_as_it_was_at_every_step(store: RecordingStore) -> None:
    await store.add(RUNNING)
    for each in (RUNNING, RECORDED, STOPPED, FAILED, FINISHED):
        await store.save(each)
        assert await store.get(MEETING, RECORDING) == each
    assert await store.of(MEETING) == [FINISHED]
    assert await store.of(ELSEWHERE) == []


async def check_one_runs_at_a_time(store: RecordingStore) -> None:
    await store.lock(MEETING)
    await store.add(RUNNING)
    second = replace(RUNNING, id=ANOTHER, number=2)
    with pytest.raises(AlreadyRecording) as raised:
        await store.add(second)
    assert raised.value.detail == {"recording": RECORDING}
    await store.save(STOPPED)
    await store.add(second)
    assert await store.of(MEETING) == [STOPPED, second]


async def check_what_is_not_there_is_not_found(store: RecordingStore) -> None:
    await store.add(RUNNING)
    for meeting, recording in ((ELSEWHERE, RECORDING), (MEETING, ANOTHER)):
        with pytest.raises(NotFound):
            await store.get(meeting, recording)


async def check_meetings_are_found_whose_recordings_are_not_finished(store: RecordingStore) -> None:
    assert await store.unfinished() == []
    await store.add(RUNNING)
    for each, found in ((RUNNING, [MEETING]), (STOPPED, [MEETING]), (FINISHED, []), (FAILED, [])):
        await store.save(each)
        assert await store.unfinished() == found
    await store.add(replace(RUNNING, id=ANOTHER, number=2))
    await store.save(STOPPED)
    assert await store.unfinished() == [MEETING]


async def check_somebody_knows_once_and_since_the_first_time(store: RecordingStore) -> None:
    await store.add(RUNNING)
    first = Acknowledgement(RECORDING, AN, NOON + timedelta(seconds=1))
    chair = Acknowledgement(RECORDING, CHAIR, NOON)
    assert await store.acknowledge(first)
    assert await store.acknowledge(chair)
    assert not await store.acknowledge(replace(first, at=NOON + timedelta(hours=1)))
    assert await store.acknowledgements(MEETING) == [chair, first]
    assert await store.acknowledgements(ELSEWHERE) == []


CONTRACT = [
    check_a_recording_comes_back_as_it_was_at_every_step,
    check_one_runs_at_a_time,
    check_what_is_not_there_is_not_found,
    check_meetings_are_found_whose_recordings_are_not_finished,
    check_somebody_knows_once_and_since_the_first_time,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_recordings_in_memory(check: Check) -> None:
    await check(MemoryRecordings())


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_recordings_in_a_database(check: Check, database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_meeting())
        await check(SqlRecordings(connection))


async def test_of_two_that_are_started_at_once_one_runs(database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_meeting())
    outcomes: list[str] = []

    async def start(number: int) -> None:
        recording = replace(RUNNING, id=RecordingId(RECORDING[:-1] + str(number)), number=number)
        try:
            async with database.writing() as connection:
                await SqlRecordings(connection).add(recording)
            outcomes.append("runs")
        except AlreadyRecording:
            outcomes.append("refused")

    async with asyncio.TaskGroup() as tasks:
        for number in (1, 2, 3):
            tasks.create_task(start(number))
    assert sorted(outcomes) == ["refused", "refused", "runs"]
