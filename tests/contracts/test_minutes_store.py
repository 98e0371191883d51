"""What every keeper of minutes must do, the memory fake and both databases alike."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.errors import Conflict
from ecabinet.kernel.ids import MeetingId, MinutesId
from ecabinet.minutes.compose import compose
from ecabinet.minutes.model import MinutesVersion
from ecabinet.minutes.ports import MinutesStore
from ecabinet.minutes.sql import SqlMinutes
from tests.fakes.gathering import MEETING, SECRETARY, a_meeting
from tests.fakes.kernel import NOON
from tests.fakes.minutes import MemoryMinutes
from tests.fakes.standing import put_meeting
from tests.minutes.facts import FACTS

FIRST = MinutesVersion(MinutesId("v1"), MEETING, 1, NOON, SECRETARY, "d" * 64, 98_000, compose(FACTS))
SECOND = replace(FIRST, id=MinutesId("v2"), version=2, digest="e" * 64)
Check = Callable[[MinutesStore], Awaitable[None]]


async def check_a_version_comes_back_as_it_was(minutes: MinutesStore) -> None:
    await minutes.add(FIRST)
    assert await minutes.get(MEETING, FIRST.id) == FIRST
    assert await minutes.get(MEETING, SECOND.id) is None
    assert await minutes.get(MeetingId("another"), FIRST.id) is None


async def check_versions_are_counted_and_come_oldest_first(minutes: MinutesStore) -> None:
    assert await minutes.next_version(MEETING) == 1
    await minutes.add(FIRST)
    assert await minutes.next_version(MEETING) == 2
    await minutes.add(SECOND)
    assert await minutes.of(MEETING) == [FIRST, SECOND]
    assert await minutes.of(MeetingId("another")) == []


async def check_two_cannot_be_the_same_version(minutes: MinutesStore) -> None:
    await minutes.add(FIRST)
    with pytest.raises(Conflict):
        await minutes.add(replace(SECOND, version=1))
    await minutes.add(SECOND)


async def check_which_meetings_have_minutes(minutes: MinutesStore) -> None:
    asked = frozenset({MEETING, MeetingId("another")})
    assert await minutes.drafted(asked) == frozenset()
    await minutes.add(FIRST)
    assert await minutes.drafted(asked) == {MEETING}
    assert await minutes.drafted(frozenset()) == frozenset()


CONTRACT = [
    check_a_version_comes_back_as_it_was,
    check_versions_are_counted_and_come_oldest_first,
    check_two_cannot_be_the_same_version,
    check_which_meetings_have_minutes,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_minutes_in_memory(check: Check) -> None:
    await check(MemoryMinutes())


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_minutes_in_a_database(check: Check, database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_meeting())
        await check(SqlMinutes(connection))
