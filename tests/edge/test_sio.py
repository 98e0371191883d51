"""The socket over a real connection: who gets in, what may be said, and what is heard in which order."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncConnection
from yarl import URL

from ecabinet.adapters import outbox
from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database
from ecabinet.edge.headers import Origins
from ecabinet.edge.live import Collection, Live, by_item
from ecabinet.edge.rooms import Rooms
from ecabinet.edge.routes import SignedIn
from ecabinet.edge.sio import WORDS, Sockets, Word, require_declared
from ecabinet.edge.web import Attempt, Door, Undeclared, application
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId, SessionId
from tests.conftest import SQLITE, Furnished

MEETING = MeetingId("phien-hop")
PAPERS = {"p1": {"id": "p1", "item": "i1"}, "p2": {"id": "p2", "item": "i2"}}
ROLES = {"chair": Role.CHAIR, "guest": Role.GUEST}
ORIGIN = "http://page"


@dataclass
class World:
    """A socket door with two people and one meeting; the rest of the house is not there."""

    database: Database
    bus: Bus = field(default_factory=Bus)
    live_sessions: set[str] = field(default_factory=lambda: {"chair", "guest", "stranger"})
    presence: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    url: URL = field(default_factory=URL)

    async def who_is(self, cookie: str) -> SignedIn | None:
        return SignedIn(PersonId(cookie), SessionId(cookie), is_admin=False) if cookie in self.live_sessions else None

    async def standing_of(self, who: SignedIn, meeting: MeetingId | None, body: BodyId | None) -> Standing:
        roles = {Role.ACCOUNT} | ({ROLES[who.person]} if meeting == MEETING and who.person in ROLES else set())
        items = frozenset({ItemId("i1")}) if who.person == "guest" else None
        return Standing(who.person, frozenset(roles), body, meeting, items)

    async def me_of(self, meeting: MeetingId, standing: Standing, connection: AsyncConnection) -> dict[str, Any]:
        return {"person": standing.person}

    async def connected(self, meeting: MeetingId, person: PersonId) -> None:
        self.presence.append(("connected", person))

    async def disconnected(self, meeting: MeetingId, person: PersonId) -> None:
        self.presence.append(("disconnected", person))

    async def on_refusal(self, attempt: Attempt) -> None:
        self.refusals.append((attempt.signed_in.person, attempt.refusal.code))

    async def happen(self, kind: str, body: outbox.Changes) -> None:
        async with self.database.writing() as connection:
            seq = await outbox.next_seq(connection, MEETING)
            await outbox.add(connection, outbox.Message(MEETING, seq, kind, datetime.now(UTC), body))
        self.bus.wake(MEETING)


async def papers(meeting: MeetingId, connection: AsyncConnection) -> dict[str, Any]:
    return PAPERS


@pytest.fixture
async def world(tmp_path: Path, furnished: Furnished) -> AsyncIterator[World]:
    database = Database(f"{SQLITE}{shutil.copy(await furnished.sqlite(), tmp_path)}")
    world = World(database)
    door = Door(Origins(ORIGIN, ("ws://page:7880",)), world.who_is, world.standing_of, world.on_refusal, 3600)
    live = Live.of([Collection("papers", papers, by_item)])
    async with asyncio.TaskGroup() as tasks:
        rooms = Rooms(
            database, world.bus, live, world.standing_of, world.me_of, world, world.on_refusal, tasks, grace_s=0.2
        )
        sockets = Sockets(door, rooms)
        app = application(door, [])
        sockets.attach(app)
        async with TestServer(app) as server:
            world.url = server.make_url("/socket.io/").with_query(EIO="4", transport="websocket")
            yield world
            await sockets.stop()
        rooms.stop()
    await database.close()


class Person:
    """A client that speaks Engine.IO and Socket.IO by hand, so that it can also speak them wrongly."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.asked = 0

    async def text(self) -> str:
        async with asyncio.timeout(5):
            while True:
                message = await self.socket.receive()
                if message.type is not WSMsgType.TEXT:
                    raise ConnectionResetError
                if message.data == "2":
                    await self.socket.send_str("3")
                    continue
                return str(message.data)

    async def ask(self, name: str, value: Any) -> Any:
        self.asked += 1
        await self.socket.send_str(f"42{self.asked}{json.dumps([name, value])}")
        while True:
            text = await self.text()
            if text.startswith(f"43{self.asked}"):
                return json.loads(text.removeprefix(f"43{self.asked}"))[0]

    async def heard(self) -> dict[str, Any]:
        while True:
            text = await self.text()
            if text.startswith("42"):
                name, value = json.loads(text[2:])
                return {"name": name, **value}

    async def is_cut(self) -> bool:
        """Whether the server ends the connection; what it says before is of no interest."""
        try:
            while True:
                await self.text()
        except ConnectionResetError:
            return True


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def connect(session: ClientSession, world: World, person: str, origin: str = ORIGIN) -> Person:
    headers = {"Cookie": f"sid={person}", "Origin": origin}
    socket = await session.ws_connect(world.url, headers=headers)
    await socket.receive()
    await socket.send_str("40")
    assert (await socket.receive()).data.startswith("40")
    return Person(socket)


@pytest.mark.parametrize(
    ("cookie", "origin", "status"), [("nobody", ORIGIN, 401), ("chair", "http://elsewhere", 403), ("", ORIGIN, 401)]
)
async def test_the_upgrade_is_refused_before_anything_is_kept(
    session: ClientSession, world: World, cookie: str, origin: str, status: int
) -> None:
    with pytest.raises(WSServerHandshakeError) as refusal:
        await connect(session, world, cookie, origin)
    assert refusal.value.status == status


async def test_long_polling_is_not_offered(session: ClientSession, world: World) -> None:
    headers = {"Cookie": "sid=chair", "Origin": ORIGIN}
    async with session.get(world.url.update_query(transport="polling"), headers=headers) as answer:
        assert answer.status == 403


async def test_who_enters_sees_everything_he_may_and_hears_what_follows(session: ClientSession, world: World) -> None:
    chair = await connect(session, world, "chair")
    entry = await chair.ask("enter", {"meeting": MEETING})
    assert entry == {"meeting": MEETING, "seq": 0, "view": {"papers": PAPERS}, "me": {"person": "chair"}}
    for number in range(20):
        await world.happen("paper.added", {"papers": {f"n{number}": {"id": f"n{number}", "item": "i1"}}})
    heard = [await chair.heard() for _ in range(20)]
    assert [event["seq"] for event in heard] == list(range(1, 21))
    assert heard[-1]["body"] == {"papers": {"n19": {"id": "n19", "item": "i1"}}}


async def test_a_guest_counts_what_he_may_not_see(session: ClientSession, world: World) -> None:
    guest = await connect(session, world, "guest")
    entry = await guest.ask("enter", {"meeting": MEETING})
    assert entry["view"] == {"papers": {"p1": PAPERS["p1"]}}
    await world.happen("paper.added", {"papers": {"p3": {"id": "p3", "item": "i2"}}})
    event = await guest.heard()
    assert (event["seq"], event["type"], event["body"]) == (1, "hidden", {})


async def test_who_comes_back_gets_what_was_missed(session: ClientSession, world: World) -> None:
    for number in range(3):
        await world.happen("paper.added", {"papers": {f"n{number}": {"id": f"n{number}", "item": "i1"}}})
    chair = await connect(session, world, "chair")
    entry = await chair.ask("enter", {"meeting": MEETING, "since": 1})
    assert [event["seq"] for event in entry["events"]] == [2, 3]
    assert "view" not in entry
    ahead = await chair.ask("enter", {"meeting": MEETING, "since": 99})
    assert ahead["seq"] == 3
    assert "view" in ahead


async def test_somebody_elses_meeting_and_no_meeting_answer_alike(session: ClientSession, world: World) -> None:
    stranger = await connect(session, world, "stranger")
    answers = [await stranger.ask("enter", {"meeting": meeting}) for meeting in (MEETING, "khong-co")]
    assert answers == [{"error": {"code": "not_found", "detail": {}}}] * 2
    assert world.refusals == [("stranger", "not_found")] * 2


@pytest.mark.parametrize(
    "forged",
    [
        '421["connect",{"person":"chair"}]',
        '421["disconnect","x"]',
        '421["event",{"seq":1}]',
        '421["cast",{"choice":"for"}]',
        '421["enter",{"meeting":"phien-hop","person":"chair"}]',
        '421["enter",{"meeting":{"$ne":null}}]',
        '421["enter",{"meeting":"phien-hop","meeting":"x"}]',
        '421["enter",{"meeting":"phien-hop","since":true}]',
        '421["enter"]',
        '421["enter",{},{}]',
        "421[]",
        "421{}",
        "42",
        "4",
        "49",
        "451-[{}]",
        "4" + "2" * 300,
    ],
)
async def test_a_forged_message_costs_its_sender_alone(session: ClientSession, world: World, forged: str) -> None:
    chair, forger = await connect(session, world, "chair"), await connect(session, world, "guest")
    await chair.ask("enter", {"meeting": MEETING})
    for _ in range(3):
        await forger.socket.send_str(forged)
    assert await forger.is_cut()
    await world.happen("paper.added", {"papers": {}})
    assert (await chair.heard())["seq"] == 1


async def test_binary_messages_end_the_connection(session: ClientSession, world: World) -> None:
    forger = await connect(session, world, "guest")
    for _ in range(3):
        await forger.socket.send_bytes(b"\x00" * 10)
    assert await forger.is_cut()


async def test_an_ended_session_may_not_enter_any_more(session: ClientSession, world: World) -> None:
    chair = await connect(session, world, "chair")
    world.live_sessions.discard("chair")
    assert (await chair.ask("enter", {"meeting": MEETING}))["error"]["code"] == "not_signed_in"


async def test_presence_follows_the_first_and_the_last_connection(session: ClientSession, world: World) -> None:
    first, second = await connect(session, world, "chair"), await connect(session, world, "chair")
    await first.ask("enter", {"meeting": MEETING})
    await second.ask("enter", {"meeting": MEETING})
    assert world.presence == [("connected", "chair")]
    await first.socket.close()
    await second.ask("leave", {"meeting": MEETING})
    async with asyncio.timeout(5):
        while len(world.presence) < 2:
            await asyncio.sleep(0.02)
    assert world.presence[1:] == [("disconnected", "chair")]


async def test_a_page_loaded_again_has_not_left(session: ClientSession, world: World) -> None:
    page = await connect(session, world, "chair")
    await page.ask("enter", {"meeting": MEETING})
    await page.socket.close()
    again = await connect(session, world, "chair")
    await again.ask("enter", {"meeting": MEETING})
    await asyncio.sleep(0.4)
    assert ("disconnected", "chair") not in world.presence


async def test_who_has_signed_out_hears_nothing_more(session: ClientSession, world: World) -> None:
    chair = await connect(session, world, "chair")
    await chair.ask("enter", {"meeting": MEETING})
    world.live_sessions.discard("chair")
    await world.happen("paper.added", {"papers": {"p3": {"id": "p3", "item": "i1"}}})
    with pytest.raises(ConnectionResetError):
        await chair.heard()


async def test_who_connects_twice_on_one_connection_is_still_gone_when_it_ends(
    session: ClientSession, world: World
) -> None:
    guest = await connect(session, world, "guest")
    await guest.ask("enter", {"meeting": MEETING})
    await guest.socket.send_str("40")
    await guest.ask("leave", {"meeting": "another"})
    await guest.socket.close()
    async with asyncio.timeout(5):
        while ("disconnected", "guest") not in world.presence:
            await asyncio.sleep(0.02)


def test_a_word_without_a_declared_act_stops_the_start() -> None:
    with pytest.raises(Undeclared):
        require_declared([Word("enter", None, frozenset())])  # type: ignore[arg-type]
    require_declared(WORDS)
