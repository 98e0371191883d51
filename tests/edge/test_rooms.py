"""Seats in meetings: who loses his, who never gets one, and what a database that is away for a moment may cost."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters import outbox
from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database
from ecabinet.edge.live import Collection, Live
from ecabinet.edge.rooms import Rooms, Viewer
from ecabinet.edge.routes import SignedIn
from ecabinet.edge.web import Attempt
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import BodyId, MeetingId, PersonId, SessionId
from tests.conftest import SQLITE, Furnished

MEETING, MEMBER = MeetingId("phien-hop"), PersonId("member")
LIMIT_S = 5

SEATED = Standing(MEMBER, frozenset({Role.MEMBER}), None, MEETING)
"""What the door has found out before it hands a viewer over."""


@dataclass
class World:
    """The rest of the house, which can be made to fail or to hesitate."""

    database: Database
    bus: Bus = field(default_factory=Bus)
    role: Role | None = Role.MEMBER
    failures: list[Exception] = field(default_factory=list)
    """Raised one by one instead of an answer."""
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    heard: "asyncio.Queue[tuple[str, Any]]" = field(default_factory=asyncio.Queue)
    presence: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def standing_of(self, who: SignedIn, meeting: MeetingId | None, body: BodyId | None) -> Standing:
        self.fail()
        return Standing(who.person, frozenset({self.role} if self.role else set()), body, meeting)

    async def me_of(self, meeting: MeetingId, standing: Standing, connection: AsyncConnection) -> dict[str, Any]:
        await self.may_answer.wait()
        return {}

    async def on_refusal(self, attempt: Attempt) -> None:
        raise AssertionError("nobody is refused here")

    async def connected(self, meeting: MeetingId, person: PersonId) -> None:
        self.presence.put_nowait("connected")

    async def disconnected(self, meeting: MeetingId, person: PersonId) -> None:
        self.fail()
        self.presence.put_nowait("disconnected")

    async def send(self, viewer: Viewer, name: str, value: Any) -> None:
        await asyncio.sleep(0)
        self.heard.put_nowait((name, value))

    def fail(self) -> None:
        if self.failures:
            raise self.failures.pop()

    async def happen(self) -> None:
        """Something that changes who takes part, so that every standing is asked again."""
        async with self.database.writing() as connection:
            seq = await outbox.next_seq(connection, MEETING)
            body: outbox.Changes = {"participants": {}}
            await outbox.add(connection, outbox.Message(MEETING, seq, "participant.set", datetime.now(UTC), body))
        self.bus.wake(MEETING)


async def nothing(meeting: MeetingId, connection: AsyncConnection) -> dict[str, Any]:
    return {}


@pytest.fixture
async def world(tmp_path: Path, furnished: Furnished) -> AsyncIterator[World]:
    database = Database(f"{SQLITE}{shutil.copy(await furnished.sqlite(), tmp_path)}")
    world = World(database)
    world.may_answer.set()
    yield world
    await database.close()


@pytest.fixture
async def rooms(world: World) -> AsyncIterator[Rooms]:
    live = Live.of([Collection("participants", nothing)])
    async with asyncio.timeout(2 * LIMIT_S), asyncio.TaskGroup() as tasks:
        rooms = Rooms(
            world.database, world.bus, live, world.standing_of, world.me_of, world, world.on_refusal, tasks,
            grace_s=0.02, again_s=0.02,
        )  # fmt: skip
        yield rooms
        rooms.stop()


def viewer() -> Viewer:
    return Viewer("sid", "secret", SignedIn(MEMBER, SessionId("s"), is_admin=False), allowance=1, said_at=0)


async def test_a_connection_that_ends_while_it_enters_leaves_no_seat_behind(world: World, rooms: Rooms) -> None:
    member = viewer()
    world.may_answer.clear()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(rooms.enter(member, SEATED, None, world.send))
        await asyncio.sleep(0)
        await rooms.end(member)
        world.may_answer.set()
    assert not rooms.is_there(MEETING, MEMBER)
    assert world.presence.empty()


async def test_the_last_one_in_a_meeting_is_told_that_his_seat_is_lost(world: World, rooms: Rooms) -> None:
    await rooms.enter(viewer(), SEATED, None, world.send)
    world.role = None
    await world.happen()
    async with asyncio.timeout(LIMIT_S):
        assert await world.heard.get() == ("left", {"meeting": MEETING, "code": "not_found"})


async def test_news_that_could_not_be_sent_is_sent_again_without_further_news(world: World, rooms: Rooms) -> None:
    await rooms.enter(viewer(), SEATED, None, world.send)
    async with asyncio.timeout(LIMIT_S):
        await world.happen()
        await world.heard.get()
        world.failures = [OSError("the database is away")]
        await world.happen()
        name, event = await world.heard.get()
    assert (name, event["seq"]) == ("event", 2)


async def test_who_left_while_the_database_was_away_counts_as_gone_afterwards(world: World, rooms: Rooms) -> None:
    member = viewer()
    await rooms.enter(member, SEATED, None, world.send)
    world.failures = [OSError("the database is away"), OSError("still away")]
    await rooms.end(member)
    async with asyncio.timeout(LIMIT_S):
        assert [await world.presence.get(), await world.presence.get()] == ["connected", "disconnected"]
