"""Two relays: one is killed, or gets stuck, and the meeting that was on it goes on at the other."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from livekit import api, rtc

from tests.relay.callers import Caller
from tests.relay.running import until
from tests.relay.test_calls import hears

from .house import House, Person, Refused, founded_house
from .sitting import Sitting, convened
from .test_crashes import BACK_LIMIT_S, PATIENCE_S, listening

GAP_LIMIT_S = 1.0
"""Longest a voice of the other meeting may be away."""


def pair_of_ports() -> int:
    """A port that is free, as is the one after it, for UDP and TCP."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port


@asynccontextmanager
async def house_of_two(folder: Path) -> AsyncIterator[House]:
    """One ministry with two relays, both up."""
    settings = {
        "ECABINET_RELAYS": "2",
        "ECABINET_RELAY_PORT": str(pair_of_ports()),
        "ECABINET_RELAY_MEDIA_PORT": str(pair_of_ports()),
    }
    async with founded_house(folder, f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}", **settings) as house:
        await both_up(house)
        yield house


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house_of_two(tmp_path_factory.mktemp("house")) as house:
        yield house


async def health(house: House) -> dict[str, Any]:
    async with ClientSession(house.page) as session, session.get("/healthz") as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def both_up(house: House) -> None:
    async def are_up() -> bool:
        return bool((await health(house))["relays"] == {"up": 2, "wanted": 2})

    await until(are_up, PATIENCE_S)


async def holders(house: House, meeting: str) -> list[int]:
    """Numbers of the relays that have the meeting's room."""
    key, secret = (house.folder / "relay.key").read_text(encoding="ascii").split()
    found = []
    for number in range(2):
        async with api.LiveKitAPI(url_of(house, number, "http"), key, secret) as relay:
            rooms = await relay.room.list_rooms(api.ListRoomsRequest(names=[meeting]))
        found += [number] * len(rooms.rooms)
    return found


def url_of(house: House, number: int, scheme: str = "ws") -> str:
    return f"{scheme}://localhost:{int(house.settings['ECABINET_RELAY_PORT']) + number}"


def pid_of(house: House, url: str) -> int:
    """Of the relay a ticket names."""
    name = "relay.pid" if url == url_of(house, 0) else "relay-2.pid"
    return int((house.folder / name).read_text())


@dataclass
class Present:
    """Somebody in the call as the page is: whenever it is lost, back with a new ticket."""

    sitting: Sitting
    person: Person
    speaks: bool = False
    url: str = ""
    """Where the latest ticket led."""
    caller: Caller | None = None
    """While in the call."""
    reasons: list[int | None] = field(default_factory=list)
    """Why it was lost, each time."""

    async def stay(self, tasks: asyncio.TaskGroup) -> None:
        """Runs until cancelled."""
        while True:
            caller = Caller(tasks)
            try:
                await self._call(caller)
            except (Refused, ClientError, rtc.ConnectError, rtc.participant.PublishTrackError):
                await asyncio.sleep(0.1)
            finally:
                self.caller = None
                await caller.leave()

    async def _call(self, caller: Caller) -> None:
        """Join, and stay until the call is lost."""
        ticket = await self.person.call("POST", self.sitting.at("/media/ticket"))
        await caller.room.connect(ticket["url"], ticket["token"])
        if self.speaks:
            await caller.speak()
        self.url, self.caller = ticket["url"], caller
        await until(lambda: caller.disconnect_reason is not None or "reconnecting" in caller.events, 600)
        self.reasons.append(caller.disconnect_reason)

    def hears(self, other: "Present") -> bool:
        """Whether the other's voice is there, at its level, now."""
        return self.caller is not None and hears(self.caller, other.person.id)


@asynccontextmanager
async def present(sitting: Sitting, *people: Person) -> AsyncIterator[list[Present]]:
    """These in the call of their meeting, the last of them speaking, all hearing it."""
    everybody = [Present(sitting, person, speaks=person is people[-1]) for person in people]
    async with asyncio.TaskGroup() as tasks:
        stays = [tasks.create_task(each.stay(tasks)) for each in everybody]
        await until(lambda: all_hear(everybody), PATIENCE_S)
        yield everybody
        for stay in stays:
            stay.cancel()


def all_hear(everybody: list[Present]) -> bool:
    *others, speaker = everybody
    return all(each.hears(speaker) for each in others)


async def two_meetings(house: House, stack: AsyncExitStack) -> tuple[list[Present], list[Present]]:
    """Two meetings with a call, each on a relay of its own: others are begun until load has led one elsewhere."""
    calls: dict[str, list[Present]] = {}
    for _ in range(6):
        sitting = await convened(house, stack, by_the_floor=False)
        call = await stack.enter_async_context(present(sitting, sitting.chair, *sitting.deputies[:2]))
        calls.setdefault(call[0].url, call)
        if len(calls) == 2:
            break
    first, second = calls.values()
    return first, second


async def test_a_killed_relay_leaves_its_meeting_to_the_other_and_that_one_notices_nothing(house: House) -> None:
    async with AsyncExitStack() as stack:
        hurt, other = await two_meetings(house, stack)
        spared = other[0].caller
        assert spared is not None
        async with listening(spared, other[-1].person.id) as listener:
            was, now = hurt[0].url, asyncio.get_running_loop().time
            os.kill(pid_of(house, was), signal.SIGKILL)
            killed_at = now()
            await until(lambda: all(each.url != was for each in hurt) and all_hear(hurt), PATIENCE_S)
            back_s = now() - killed_at
            await listener.hears_on(0.5)
        print(f"all hear again after {back_s:.2f} s; longest gap of the other meeting {listener.longest_gap_s:.2f} s")
        assert back_s < BACK_LIMIT_S
        assert listener.longest_gap_s < GAP_LIMIT_S
        assert other[0].caller is spared
        assert {each.url for each in hurt} == {each.url for each in other}
        # The killed one is back, empty, and stays without this meeting.
        await both_up(house)
        assert len(await holders(house, hurt[0].sitting.meeting)) == 1


@pytest.mark.slow
async def test_an_application_that_was_killed_finds_both_relays_and_what_is_on_them_and_ends_both(house: House) -> None:
    async with AsyncExitStack() as stack:
        both = await two_meetings(house, stack)
        before = {each.url: pid_of(house, each.url) for call in both for each in call}
        await house.kill()
        await house.start()
        for call in both:
            # The first to ask is the first from whom the new application hears of the meeting.
            ticket = await call[0].person.call("POST", call[0].sitting.at("/media/ticket"))
            assert ticket["url"] == call[0].url
        assert {url: pid_of(house, url) for url in before} == before
        assert all(all_hear(call) and not any(each.reasons for each in call) for call in both)
        took_s = await house.stop()
        async with ClientSession() as session:
            for number in range(2):
                with pytest.raises(ClientError):
                    await session.get(url_of(house, number, "http"))
        print(f"ended after {took_s:.2f} s")
        assert took_s < 3
        await house.start()
        await both_up(house)


@pytest.mark.slow
async def test_a_stuck_relay_that_wakes_up_sends_its_people_to_where_the_meeting_is_now(house: House) -> None:
    await both_up(house)
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack, by_the_floor=False)
        left = await stack.enter_async_context(present(sitting, sitting.chair, sitting.deputies[0]))
        was, now = left[0].url, asyncio.get_running_loop().time
        stuck = pid_of(house, was)
        os.kill(stuck, signal.SIGSTOP)
        stuck_at = now()
        try:
            late = Present(sitting, sitting.deputies[1])
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            stay = tasks.create_task(late.stay(tasks))
            stack.callback(stay.cancel)
            await until(lambda: late.url, PATIENCE_S)
            moved_s = now() - stuck_at
        finally:
            os.kill(stuck, signal.SIGCONT)
        assert late.url != was
        assert [each.reasons for each in left] == [[], []]
        everybody = [left[0], late, left[1]]
        await until(lambda: all_hear(everybody), PATIENCE_S)
        together_s = now() - stuck_at - moved_s
        print(f"a new ticket led elsewhere after {moved_s:.2f} s; {together_s:.2f} s after it woke all were together")
        assert {each.url for each in everybody} == {late.url}
        assert [each.reasons for each in left] == [[rtc.DisconnectReason.ROOM_DELETED]] * 2
        assert len(await holders(house, sitting.meeting)) == 1
        assert pid_of(house, was) == stuck
