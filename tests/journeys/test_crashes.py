"""Programs are killed in the middle of a meeting: what was acknowledged is kept, and everybody comes back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientError
from livekit import rtc

from tests.relay.callers import Caller
from tests.relay.running import until
from tests.relay.test_calls import hears, is_silent

from .house import House, Person, Refused, founded_house
from .sitting import Sitting, convened, opened
from .test_call import callers, join

PATIENCE_S = 40
GAP_LIMIT_S = 1.0
"""Longest a voice may be away while the application is."""
BACK_LIMIT_S = 5.0
"""Longest a voice may be away when the relay was killed."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One ministry for each kind of database. Every test leaves it running as it found it."""
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}"
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgresql").new_database()
    async with founded_house(folder, url) as house:
        yield house


@asynccontextmanager
async def staying(sitting: Sitting) -> AsyncIterator[None]:
    """Everyone on the socket, and back on it whenever it was lost."""
    async with asyncio.TaskGroup() as tasks:
        stays = [tasks.create_task(person.stay(sitting.meeting)) for person in sitting.people]
        await until(lambda: all(person.entries for person in sitting.people), PATIENCE_S)
        yield
        for stay in stays:
            stay.cancel()


@dataclass
class Listener:
    """How a voice arrives: at its level, and without pause."""

    caller: Caller
    speaker: str
    longest_gap_s: float = 0.0

    async def listen(self) -> None:
        """Note for how long there was no voice. Runs until cancelled."""
        now = asyncio.get_running_loop().time
        heard_at, frames = now(), 0
        while True:
            ear = self.caller.ears[f"{self.speaker}/audio"]
            # Frames alone prove nothing: the SDK goes on with silence of its own.
            self.longest_gap_s = max(self.longest_gap_s, now() - heard_at)
            if ear.frames > frames and hears(self.caller, self.speaker):
                heard_at, frames = now(), ear.frames
            await asyncio.sleep(0.02)

    async def hears_on(self, seconds: float) -> None:
        """Wait for so much more of the voice."""
        ear = self.caller.ears[f"{self.speaker}/audio"]
        wanted = ear.frames + round(seconds * 100)
        await until(lambda: ear.frames >= wanted and hears(self.caller, self.speaker), PATIENCE_S)


@asynccontextmanager
async def listening(caller: Caller, speaker: str) -> AsyncIterator[Listener]:
    """From the moment the voice is there to the end."""
    await until(lambda: hears(caller, speaker), PATIENCE_S)
    listener = Listener(caller, speaker)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(listener.listen())
        yield listener
        task.cancel()


def relay_pid(house: House) -> int:
    return int((house.folder / "relay.pid").read_text())


async def killed_in_mid_vote(sitting: Sitting, question: str) -> dict[str, Any]:
    """All deputies vote at once, and the application dies with the first receipt. Receipts by person."""
    receipts = {sitting.chair.id: await sitting.cast(sitting.chair, question, "for")}
    done = asyncio.Event()

    async def vote(person: Person) -> None:
        # No answer: it may be kept or not, and the page sends it again.
        with suppress(ClientError):
            receipts[person.id] = await sitting.cast(person, question, "for")
        done.set()

    async with asyncio.TaskGroup() as tasks:
        for person in sitting.deputies:
            tasks.create_task(vote(person))
        await done.wait()
        await sitting.house.kill()
    return receipts


async def test_a_killed_application_loses_no_ballot_and_no_voice_and_everybody_comes_back(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack, by_the_floor=False)
        chair, deputy = sitting.chair, sitting.deputies[0]
        await stack.enter_async_context(staying(sitting))
        await opened(sitting)
        at_the_head, speaker = await stack.enter_async_context(callers(sitting, chair, deputy))
        await speaker.speak()
        async with listening(at_the_head, deputy.id) as listener:
            relay = relay_pid(house)
            question = await sitting.put("Thông qua dự thảo Nghị định", sitting.items[1])
            before = {person.username: person.entries for person in sitting.people}
            receipts = await killed_in_mid_vote(sitting, question)
            await listener.hears_on(1)
            await house.start()
            await check_ballots(sitting, question, receipts)
            await until(lambda: all(each.entries > before[each.username] for each in sitting.people), PATIENCE_S)
            await listener.hears_on(1)
            print(f"longest gap {listener.longest_gap_s:.3f} s")
            assert listener.longest_gap_s < GAP_LIMIT_S
        assert relay_pid(house) == relay
        await check_verdict(sitting, question, receipts)
        # The one that was adopted is ours to command.
        await chair.call("POST", sitting.at("/media/mute"), {"person": deputy.id})
        await until(lambda: is_silent(at_the_head, deputy.id), PATIENCE_S)


async def check_ballots(sitting: Sitting, question: str, receipts: dict[str, Any]) -> None:
    """Whoever has a receipt finds it again, also when asking twice; whoever has none sends the ballot again."""
    for person in [sitting.chair, *sitting.deputies]:
        if person.id in receipts:
            mine = await person.call("GET", sitting.at(f"/questions/{question}/ballots/mine"))
            assert mine["receipt"] == receipts[person.id]
            assert await sitting.cast(person, question, "for") == receipts[person.id]
        else:
            receipts[person.id] = await sitting.cast(person, question, "for")


async def check_verdict(sitting: Sitting, question: str, receipts: dict[str, Any]) -> None:
    """The vote ends with the ballots of the receipts, and everyone has seen all of it, event by event."""
    await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
    now = await sitting.chair.call("GET", sitting.at(""))
    closed = now["view"]["questions"][question]
    assert {ballot["person"]: ballot["number"] for ballot in closed["ballots"]} == {
        person: receipt["number"] for person, receipt in receipts.items()
    }
    for person in sitting.people:
        await person.until(lambda view: view["questions"][question]["status"] == "closed")
        assert person.view["questions"] == now["view"]["questions"]
        told = [event["seq"] for event in person.events]
        assert told == list(range(told[0], told[0] + len(told)))


async def test_a_killed_relay_is_replaced_and_the_call_is_back_while_the_vote_goes_on(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack, by_the_floor=False)
        chair, deputy = sitting.chair, sitting.deputies[0]
        await stack.enter_async_context(staying(sitting))
        await opened(sitting)
        at_the_head, speaker = await stack.enter_async_context(callers(sitting, chair, deputy))
        await speaker.speak()
        await until(lambda: hears(at_the_head, deputy.id), PATIENCE_S)
        question = await sitting.put("Thông qua dự thảo Nghị định", sitting.items[1])
        relay = relay_pid(house)
        now = asyncio.get_running_loop().time
        os.kill(relay, signal.SIGKILL)
        killed_at = now()
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        back = [await stack.enter_async_context(leaving(Caller(tasks))) for _ in range(2)]
        returning = [
            tasks.create_task(come_back(sitting, person, lost, new))
            for person, lost, new in zip((chair, deputy), (at_the_head, speaker), back, strict=True)
        ]
        receipts = {p.id: await sitting.cast(p, question, "for") for p in [chair, *sitting.deputies]}
        voted_s = now() - killed_at
        for each in returning:
            await each
        await back[1].speak()
        await until(lambda: hears(back[0], deputy.id), PATIENCE_S)
        back_s = now() - killed_at
        print(f"all votes in after {voted_s:.3f} s, the voice back after {back_s:.3f} s")
        assert back_s < BACK_LIMIT_S
        assert relay_pid(house) != relay
        await check_verdict(sitting, question, receipts)


@asynccontextmanager
async def leaving(caller: Caller) -> AsyncIterator[Caller]:
    """A caller who leaves in the end."""
    try:
        yield caller
    finally:
        await caller.leave()


async def come_back(sitting: Sitting, person: Person, lost: Caller, new: Caller) -> None:
    """As the page: when the call is lost, ask for a new ticket until there is one, and join anew."""
    await until(lambda: lost.disconnect_reason is not None or "reconnecting" in lost.events, PATIENCE_S)
    await lost.leave()
    while True:
        with suppress(Refused, rtc.ConnectError):
            await join(sitting, person, new)
            return
        await asyncio.sleep(0.1)


async def test_the_house_ends_within_three_seconds_with_people_in_a_call(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack, by_the_floor=False)
        chair, deputy = sitting.chair, sitting.deputies[0]
        await stack.enter_async_context(staying(sitting))
        at_the_head, speaker = await stack.enter_async_context(callers(sitting, chair, deputy))
        await speaker.speak()
        await until(lambda: hears(at_the_head, deputy.id), PATIENCE_S)
        relay = relay_pid(house)
        try:
            took_s = await house.stop()
            with pytest.raises(ProcessLookupError):
                os.kill(relay, 0)
            print(f"ended after {took_s:.3f} s")
            assert took_s < 3
        finally:
            await house.start()
