"""What every media server must do: the one in memory, and our relay with libwebrtc in the call."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from livekit import rtc

from ecabinet.adapters.livekit import ApiKey, LiveKitRooms, LiveKitServers, MediaServer
from ecabinet.adapters.whereabouts import Gone
from ecabinet.kernel.errors import NotAllowed, NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.media.ports import MediaRooms
from relay.tokens import sign_body
from tests.fakes.gathering import AN, BINH
from tests.fakes.media import MemoryRooms
from tests.relay.running import KEY, SECRET, RunningRelay, running_relay, until

CAMERA = frozenset({"camera"})
ROOM = MeetingId("abcdefghijklmnopqrstuvwxyz")
KEYS = ApiKey(KEY, SECRET)
ALL = frozenset({"camera", "microphone", "screen_share", "screen_share_audio"})


@dataclass
class Server:
    """A media server and the way into its rooms."""

    rooms: MediaRooms
    join: Callable[[str], Awaitable[None]]
    room: MeetingId

    async def come(self, person: PersonId, sources: frozenset[str]) -> None:
        await self.join(self.rooms.token(self.room, person, person.title(), sources))

    async def becomes(self, expected: dict[PersonId, frozenset[str]]) -> None:
        """A connection takes a moment to come and to go."""

        async def is_so() -> bool:
            return await self.rooms.participants(self.room) == expected

        await until(is_so)


Check = Callable[[Server], Awaitable[None]]


async def check_who_is_in_the_room_and_may_publish_what(server: Server) -> None:
    assert await server.rooms.participants(server.room) == {}
    await server.come(AN, ALL)
    await server.come(BINH, CAMERA)
    await server.becomes({AN: ALL, BINH: CAMERA})
    assert await server.rooms.participants(MeetingId("another")) == {}


async def check_permission_given_and_taken(server: Server) -> None:
    await server.come(AN, CAMERA)
    for sources in (ALL, frozenset({"microphone"}), frozenset[str](), CAMERA):
        await server.rooms.permit(server.room, AN, sources)
        await server.becomes({AN: sources})


async def check_removing_and_ending(server: Server) -> None:
    await server.come(AN, CAMERA)
    await server.come(BINH, CAMERA)
    await server.rooms.remove(server.room, AN)
    await server.becomes({BINH: CAMERA})
    await server.rooms.delete_room(server.room)
    await server.becomes({})
    await server.rooms.delete_room(server.room)


async def check_who_is_not_there_is_not_found(server: Server) -> None:
    await server.come(AN, CAMERA)
    for act in (
        server.rooms.permit(server.room, BINH, CAMERA),
        server.rooms.mute(server.room, BINH),
        server.rooms.remove(server.room, BINH),
        server.rooms.remove(MeetingId("another"), AN),
    ):
        with pytest.raises(NotFound):
            await act
    await server.rooms.mute(server.room, AN)


CONTRACT = [
    check_who_is_in_the_room_and_may_publish_what,
    check_permission_given_and_taken,
    check_removing_and_ending,
    check_who_is_not_there_is_not_found,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_rooms_in_memory(check: Check) -> None:
    rooms = MemoryRooms()

    async def join(token: str) -> None:
        rooms.join(token)

    await check(Server(rooms, join, MeetingId("room")))


@pytest.fixture(scope="module")
async def relay() -> AsyncIterator[RunningRelay]:
    async with running_relay() as running:
        yield running


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_rooms_of_our_relay(check: Check, relay: RunningRelay) -> None:
    callers: list[rtc.Room] = []

    async def join(token: str) -> None:
        callers.append(rtc.Room())
        await callers[-1].connect(relay.ws_url, token)

    async with LiveKitRooms([MediaServer(relay.url, relay.ws_url)], ApiKey(KEY, SECRET)) as rooms:
        assert await rooms.place(MeetingId(check.__name__)) == relay.ws_url
        try:
            await check(Server(rooms, join, MeetingId(check.__name__)))
        finally:
            for caller in callers:
                await caller.disconnect()


async def test_what_is_open_on_our_relay_and_how_busy_it_is_is_seen() -> None:
    async with (
        running_relay(max_rooms="1") as relay,
        LiveKitServers([MediaServer(relay.url, relay.ws_url), MediaServer("http://127.0.0.1:1", "")], KEYS) as servers,
        LiveKitRooms(servers.servers[:1], KEYS) as rooms,
    ):
        empty = await servers.look(0)
        assert (dict(empty.rooms), empty.is_full) == ({}, False)
        caller = rtc.Room()
        await caller.connect(relay.ws_url, rooms.token(ROOM, AN, "An", ALL))
        full = await servers.look(0)
        assert (dict(full.rooms), full.is_full) == ({ROOM: 1}, True)

        async def is_busy() -> bool:
            return (await servers.look(0)).cpu > 0

        await until(is_busy)
        await servers.end(0, ROOM)
        await servers.end(0, ROOM)
        assert dict((await servers.look(0)).rooms) == {}
        await caller.disconnect()
        for call in (servers.ping(1), servers.look(1), servers.end(1, ROOM)):
            with pytest.raises(Gone):
                await call


async def test_a_wrong_key_or_a_dead_address_is_unavailable(relay: RunningRelay) -> None:
    for url, secret in ((relay.url, "x" * 32), ("http://127.0.0.1:1", SECRET)):
        async with LiveKitRooms([MediaServer(url, "ws://nowhere")], ApiKey(KEY, secret)) as rooms:
            with pytest.raises(Unavailable):
                await rooms.place(MeetingId("room"))
            with pytest.raises(Unavailable):
                await rooms.participants(MeetingId("room"))


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_some_other_server_at_the_address_is_unavailable(status: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="Welcome to nginx!", status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with (
        TestServer(app) as server,
        LiveKitRooms([MediaServer(str(server.make_url("/")), "")], ApiKey(KEY, SECRET)) as rooms,
    ):
        with pytest.raises(Unavailable):
            await rooms.place(MeetingId("room"))
        with pytest.raises(Unavailable):
            await rooms.participants(MeetingId("room"))


TOLD = f'{{"event": "participant_joined", "room": {{"name": "{ROOM}"}}}}'.encode()


async def test_a_webhook_counts_only_when_the_media_server_signed_these_very_bytes() -> None:
    rooms, now = LiveKitRooms([MediaServer("http://127.0.0.1:1", "")], ApiKey(KEY, SECRET)), int(time.time())
    signed = sign_body(TOLD, KEY, SECRET, now)
    assert rooms.heard(TOLD, signed) == ROOM
    assert rooms.heard(TOLD, f"Bearer {signed}") == ROOM
    for body, authorization in (
        (TOLD + b" ", signed),
        (TOLD, ""),
        (TOLD, "nonsense"),
        (TOLD, sign_body(TOLD, KEY, "x" * 32, now)),
        (TOLD, sign_body(TOLD, "another-key", SECRET, now)),
        (TOLD, sign_body(TOLD, KEY, SECRET, now - 3600)),
        # A ticket to a call is signed with the same key and vouches for no body.
        (TOLD, rooms.token(ROOM, AN, "An", CAMERA)),
    ):
        with pytest.raises(NotAllowed):
            rooms.heard(body, authorization)


@pytest.mark.parametrize("body", [b"not json", b"\xff", b'{"event": 5}'])
async def test_a_signed_webhook_that_is_no_event_is_refused(body: bytes) -> None:
    rooms = LiveKitRooms([MediaServer("http://127.0.0.1:1", "")], ApiKey(KEY, SECRET))
    with pytest.raises(NotAllowed):
        rooms.heard(body, sign_body(body, KEY, SECRET, int(time.time())))


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"event": "egress_started"}', b'{"room": {"name": "a room of others"}}']
)
async def test_a_webhook_about_something_else_concerns_no_meeting(body: bytes) -> None:
    rooms = LiveKitRooms([MediaServer("http://127.0.0.1:1", "")], ApiKey(KEY, SECRET))
    assert rooms.heard(body, sign_body(body, KEY, SECRET, int(time.time()))) is None
