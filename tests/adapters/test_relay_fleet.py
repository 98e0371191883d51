"""Several relays of one application, with a small program in the place of each."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from ecabinet.adapters.relay import RelayFleet, RelaySupervisor, relay_name
from tests.adapters.test_relay import FAKE, KEY, House, comes_true, free_port, lives


@asynccontextmanager
async def running(fleet: RelayFleet) -> AsyncIterator[None]:
    """As app.py does: a task for each."""
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        supervised = [tasks.create_task(each.run()) for each in fleet.supervisors]
        yield
        for each in supervised:
            each.cancel()


def supervisor(house: House, number: int) -> RelaySupervisor:
    return replace(house.supervisor(), name=relay_name(number))


@pytest.fixture
def houses(tmp_path: Path) -> list[House]:
    """One folder, a port each."""
    return [House(tmp_path) for _ in range(2)]


@pytest.fixture
def fleet(houses: list[House]) -> RelayFleet:
    return RelayFleet(tuple(supervisor(house, number) for number, house in enumerate(houses)))


def test_each_has_ports_and_files_of_its_own_and_the_first_those_it_has_when_alone(houses: list[House]) -> None:
    async def ping(number: int) -> None: ...

    place = replace(houses[0].place, port=7880, media_port=7890, addresses=("192.0.2.1",), webhook_url="http://hook")
    fleet = RelayFleet.of(3, houses[0].folder, place, KEY, ping)
    told = [each.environment for each in fleet.supervisors]
    assert [each.name for each in fleet.supervisors] == ["relay", "relay-2", "relay-3"]
    assert [each["RELAY_HTTP_PORT"] for each in told] == ["7880", "7881", "7882"]
    assert [each["RELAY_MEDIA_PORT"] for each in told] == ["7890", "7891", "7892"]
    assert {each["RELAY_ADDRESSES"] + each["RELAY_WEBHOOK_URL"] for each in told} == {"192.0.2.1http://hook"}
    assert told[0] == place.environment(KEY)


async def test_one_dies_and_comes_back_while_the_other_knows_nothing_and_all_end_together(
    houses: list[House], fleet: RelayFleet
) -> None:
    async with running(fleet):
        await comes_true(lambda: fleet.counted == (2, 2))
        died, other = [await house.pid() for house in houses]
        os.kill(died, signal.SIGKILL)
        await comes_true(lambda: fleet.counted == (1, 2))
        await comes_true(lambda: fleet.counted == (2, 2))
        assert await houses[1].pid() == other
        back = await houses[0].pid()
        assert back != died
        began = monotonic()
    assert monotonic() - began < 3
    assert not lives(back)
    assert not lives(other)
    assert list(houses[0].folder.glob("*.pid")) == []


async def test_those_that_outlived_their_application_are_adopted_each_by_its_own(
    houses: list[House], fleet: RelayFleet
) -> None:
    orphans = [await orphaned(house, number) for number, house in enumerate(houses)]
    async with running(fleet):
        await comes_true(lambda: fleet.counted == (2, 2))
        assert [await house.pid() for house in houses] == [each.pid for each in orphans]
    assert [await ended(each) for each in orphans] == [-signal.SIGTERM] * 2


async def test_one_too_many_from_before_is_told_to_end(houses: list[House], fleet: RelayFleet) -> None:
    orphans = [await orphaned(house, number) for number, house in enumerate(houses)]
    fewer = RelayFleet(fleet.supervisors[:1])
    fewer.end_surplus(houses[0].folder)
    assert await ended(orphans[1]) == -signal.SIGTERM
    assert [path.name for path in houses[0].folder.glob("*.pid")] == ["relay.pid"]
    async with running(fewer):
        await comes_true(lambda: fewer.counted == (1, 1))
        assert await houses[0].pid() == orphans[0].pid
    assert await ended(orphans[0]) == -signal.SIGTERM


async def test_a_stranger_under_a_surplus_pid_is_left_alone(houses: list[House], fleet: RelayFleet) -> None:
    stranger = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    (houses[0].folder / "relay-3.pid").write_text(f"{stranger.pid}\n")
    fleet.end_surplus(houses[0].folder)
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()
    assert not (houses[0].folder / "relay-3.pid").exists()


async def orphaned(house: House, number: int) -> asyncio.subprocess.Process:
    """A relay of an application that is gone: it answers, and its pid was written down."""
    orphan = await asyncio.create_subprocess_exec(
        *(sys.executable, str(FAKE)),
        env={**os.environ, **house.place.environment(KEY), "RELAY_MEDIA_PORT": str(free_port())},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert orphan.stdout is not None
    await orphan.stdout.readline()
    (house.folder / f"{relay_name(number)}.pid").write_text(f"{orphan.pid}\n")
    return orphan


async def ended(orphan: asyncio.subprocess.Process) -> int:
    """Its exit code; one that nobody ends is killed."""
    try:
        async with asyncio.timeout(5):
            return await orphan.wait()
    except TimeoutError:
        orphan.kill()
        return await orphan.wait()
