"""The call of a meeting: tickets from the app, voices (libwebrtc) through our relay, the chair's word over both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
from aiohttp import ClientSession
from livekit import rtc

from tests.relay.callers import Caller
from tests.relay.running import until
from tests.relay.test_calls import hears, is_silent

from .house import House, Person, founded_house
from .sitting import Sitting, convened, gathered, opened, refused

PATIENCE_S = 40


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One ministry; one kind of database is enough, this is about the relay."""
    folder = tmp_path_factory.mktemp("house")
    async with founded_house(folder, f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}") as house:
        await until(partial(has_media, house), PATIENCE_S)
        yield house


async def has_media(house: House) -> bool:
    """Whether the relay is up. It is so a moment after the application, and on a busy machine people may be there
    before that."""
    async with ClientSession(house.page) as session, session.get("/healthz") as answer:
        return bool((await answer.json())["media"] == "up")


async def join(sitting: Sitting, person: Person, caller: Caller) -> list[str]:
    """Into the call with a ticket, as the page does; the sources the ticket allows. Raises Refused."""
    ticket = await person.call("POST", sitting.at("/media/ticket"))
    assert ticket["room"] == sitting.meeting
    await caller.room.connect(ticket["url"], ticket["token"])
    return list(ticket["sources"])


@asynccontextmanager
async def callers(sitting: Sitting, *people: Person) -> AsyncIterator[list[Caller]]:
    """These people in the call of the meeting; they leave at the end."""
    async with asyncio.TaskGroup() as tasks:
        present = [Caller(tasks) for _ in people]
        try:
            for person, caller in zip(people, present, strict=True):
                await join(sitting, person, caller)
            yield present
        finally:
            for caller in present:
                await caller.leave()


async def test_a_voice_is_heard_as_it_was_spoken_until_the_chair_closes_the_microphone(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack, by_the_floor=False)
        await opened(sitting)
        chair, deputy = sitting.chair, sitting.deputies[0]
        async with callers(sitting, chair, deputy) as (at_the_head, speaker):
            await speaker.speak()
            await until(lambda: hears(at_the_head, deputy.id), PATIENCE_S)
            mute = {"person": deputy.id}
            other = sitting.deputies[1].call("POST", sitting.at("/media/mute"), mute)
            assert await refused(other) == (403, "not_allowed")
            await chair.call("POST", sitting.at("/media/mute"), mute)
            await until(lambda: is_silent(at_the_head, deputy.id), PATIENCE_S)
            record = await chair.call("GET", sitting.at("/record"))
        muted = [entry for entry in record["entries"] if entry["type"] == "media.muted"]
        assert [(entry["actor"], entry["payload"]["person"]) for entry in muted] == [(chair.id, deputy.id)]


async def test_the_microphone_follows_the_floor(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await opened(sitting)
        chair, deputy = sitting.chair, sitting.deputies[0]
        async with callers(sitting, chair) as (at_the_head,), asyncio.TaskGroup() as tasks:
            speaker = Caller(tasks)
            try:
                assert "microphone" not in await join(sitting, deputy, speaker)
                # Without the floor: the SDK asks, and the relay announces no such track to anyone.
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(2):
                        await speaker.speak()
                assert not at_the_head.room.remote_participants[deputy.id].track_publications

                floor = {"person": deputy.id, "allotted_s": 300}
                turn = (await chair.call("POST", sitting.at("/floor"), floor))["id"]
                await until(lambda: may_speak(speaker), PATIENCE_S)
                await speaker.speak()
                await until(lambda: hears(at_the_head, deputy.id), PATIENCE_S)

                await chair.call("POST", sitting.at(f"/turns/{turn}/end"))
                await until(lambda: is_silent(at_the_head, deputy.id), PATIENCE_S)
            finally:
                await speaker.leave()


def may_speak(caller: Caller) -> bool:
    """What the relay has told the client of its rights."""
    return rtc.TrackSource.SOURCE_MICROPHONE in caller.room.local_participant.permissions.can_publish_sources


async def test_who_does_not_take_part_gets_no_ticket(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack)
        outsider = await stack.enter_async_context(Person(house, "nguoi-ngoai"))
        assert await refused(outsider.call("POST", sitting.at("/media/ticket"))) == (404, "not_found")
