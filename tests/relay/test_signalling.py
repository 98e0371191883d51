"""The signalling door: a real WebSocket, rooms without media behind it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from livekit.protocol.models import DisconnectReason
from livekit.protocol.rtc import (
    ConnectionSettings,
    JoinRequest,
    LeaveRequest,
    Ping,
    SessionDescription,
    SignalRequest,
    SignalResponse,
    SyncState,
    TrackPublishedResponse,
    UpdateParticipantMetadata,
)

from relay.signal import SignalLimits, Signalling, SocketOutbox
from tests.relay.house import House
from tests.relay.running import KEY, PATIENCE_S, SECRET, token, until
from tests.relay.test_doors import wrapped

LIMITS = SignalLimits(message_bytes=1 << 16, silence_s=60)


@dataclass
class Client:
    socket: aiohttp.ClientWebSocketResponse

    async def receive(self) -> SignalResponse:
        message = await self.socket.receive(PATIENCE_S)
        assert message.type is aiohttp.WSMsgType.BINARY, message
        return SignalResponse.FromString(message.data)

    async def receive_until(self, kind: str) -> SignalResponse:
        while (response := await self.receive()).WhichOneof("message") != kind:
            pass
        return response

    async def say(self, **request: Any) -> None:
        await self.socket.send_bytes(SignalRequest(**request).SerializeToString())

    async def is_cut_off(self) -> bool:
        """Read on to the end of the connection, which comes by itself."""
        while (await self.socket.receive(PATIENCE_S)).type is aiohttp.WSMsgType.BINARY:
            pass
        return True


class Door:
    """Signalling on a port of its own."""

    def __init__(self, house: House, session: aiohttp.ClientSession) -> None:
        self.house = house
        self.session = session
        self._clients: list[Client] = []

    async def join(self, identity: str, *, may_describe: bool = False, **request: Any) -> Client:
        settings = ConnectionSettings(auto_subscribe=True)
        permit = token(identity, "hall", can_update_own_metadata=may_describe)
        return await self._connect(permit, JoinRequest(connection_settings=settings, **request))

    async def resume(self, identity: str, sid: str, **request: Any) -> Client:
        return await self._connect(token(identity, "hall"), JoinRequest(reconnect=True, participant_sid=sid, **request))

    async def _connect(self, permit: str, request: JoinRequest) -> Client:
        query = {"access_token": permit, "join_request": wrapped(request.SerializeToString(), 0)}
        client = Client(await self.session.ws_connect("/rtc/v1", params=query))
        self._clients.append(client)
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.socket.close()

    async def validate(self, identity: str) -> int:
        answer = await self.session.get("/rtc/v1/validate", params={"access_token": token(identity, "hall")})
        return answer.status


@pytest.fixture
def limits() -> SignalLimits:
    return LIMITS


@pytest.fixture
async def door(limits: SignalLimits) -> AsyncIterator[Door]:
    house = House()
    app = web.Application()
    app.add_routes(Signalling(house.registry, {KEY: SECRET}, limits, "*").routes())
    runner = web.AppRunner(app, shutdown_timeout=0.1, max_line_size=1 << 17, max_field_size=1 << 17)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
        opened = Door(house, session)
        yield opened
        await opened.close()
    await runner.cleanup()


async def test_pings_of_both_kinds_are_answered(door: Door) -> None:
    an = await door.join("an")
    assert (await an.receive()).HasField("join")
    await an.say(ping=1)
    assert (await an.receive_until("pong")).pong > 0
    await an.say(ping_req=Ping(timestamp=17))
    assert (await an.receive_until("pong_resp")).pong_resp.last_ping_timestamp == 17


@pytest.mark.parametrize("limits", [replace(LIMITS, silence_s=0.3)])
async def test_who_falls_silent_is_cut_off_and_may_come_back(door: Door) -> None:
    an = await door.join("an")
    sid = (await an.receive()).join.participant.sid
    assert await an.is_cut_off()
    await until(lambda: door.house.hall.peers["an"].signal_lost_at_s is not None)
    again = await door.resume("an", sid)
    assert (await again.receive()).HasField("reconnect")
    assert door.house.hall.peers["an"].signal_lost_at_s is None


@pytest.mark.parametrize("limits", [replace(LIMITS, silence_s=0.5)])
@pytest.mark.parametrize("ping", [{"ping": 1}, {"ping_req": Ping(timestamp=1)}])
async def test_one_kind_of_ping_is_enough_to_stay(door: Door, ping: dict[str, Any]) -> None:
    an = await door.join("an")
    for _ in range(8):
        await an.say(**ping)
        await asyncio.sleep(0.1)
    assert door.house.hall.peers["an"].signal_lost_at_s is None


async def test_who_comes_back_to_a_session_that_is_gone_hears_so_first(door: Door) -> None:
    for sid in ("PA_gone", ""):
        an = await door.resume("an", sid)
        leave = (await an.receive()).leave
        assert (leave.reason, leave.action) == (DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT)
        assert await an.is_cut_off()


async def test_who_comes_back_takes_its_old_connections_place(door: Door) -> None:
    an = await door.join("an")
    sid = (await an.receive()).join.participant.sid
    again = await door.resume("an", sid)
    assert (await again.receive()).HasField("reconnect")
    assert [who.identity for who in (await again.receive()).update.participants] == ["an"]
    assert await an.is_cut_off()
    await again.say(ping=1)
    await again.receive_until("pong")
    assert door.house.hall.peers["an"].signal_lost_at_s is None


async def test_who_comes_back_may_say_in_the_same_breath_what_it_publishes(door: Door) -> None:
    an = await door.join("an")
    sid = (await an.receive()).join.participant.sid
    unknown = TrackPublishedResponse()
    unknown.track.sid = "TR_unknown"
    again = await door.resume("an", sid, sync_state=SyncState(publish_tracks=[unknown]))
    leave = (await again.receive_until("leave")).leave
    assert (leave.reason, leave.action) == (DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT)


async def test_who_may_describe_itself_does_so_when_it_comes(door: Door) -> None:
    an = await door.join("an", may_describe=True, metadata="m", participant_attributes={"seat": "3", "empty": ""})
    who = (await an.receive()).join.participant
    assert (who.name, who.metadata, dict(who.attributes)) == ("An", "m", {"seat": "3"})


@pytest.mark.parametrize(
    ("may_describe", "request_", "status"),
    [
        (False, {"metadata": "m"}, 401),
        (False, {"participant_attributes": {"seat": "3"}}, 401),
        (True, {"metadata": "m" * 1_001}, 400),
        (True, {"participant_attributes": {"seat": "3" * 1_001}}, 400),
    ],
)
async def test_who_may_not_describe_itself_does_not_come_in(
    door: Door, may_describe: bool, request_: dict[str, Any], status: int
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await door.join("an", may_describe=may_describe, **request_)
    assert refused.value.status == status
    assert not door.house.registry.rooms


async def test_who_offers_nonsense_begins_anew(door: Door) -> None:
    an = await door.join("an")
    await an.receive()
    await an.say(offer=SessionDescription(type="offer", sdp="nonsense"))
    leave = (await an.receive_until("leave")).leave
    assert (leave.reason, leave.action) == (DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT)


async def test_the_same_person_again_takes_over(door: Door) -> None:
    first = await door.join("an")
    await first.receive()
    second = await door.join("an")
    assert (await first.receive_until("leave")).leave.reason == DisconnectReason.DUPLICATE_IDENTITY
    assert await first.is_cut_off()
    sid = (await second.receive()).join.participant.sid
    assert door.house.hall.peers["an"].sid == sid
    assert door.house.hall.peers["an"].signal_lost_at_s is None


async def test_who_resumes_without_end_must_wait(door: Door) -> None:
    sid = (await (await door.join("an")).receive()).join.participant.sid
    for _ in range(20):
        assert (await (await door.resume("an", sid)).receive()).HasField("reconnect")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await door.resume("an", sid)
    assert refused.value.status == 429
    door.house.now_s += 1
    assert (await (await door.resume("an", sid)).receive()).HasField("reconnect")


async def test_who_comes_without_end_must_wait(door: Door) -> None:
    for _ in range(21):
        await (await door.join("an")).receive()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await door.join("an")
    assert refused.value.status == 429
    sid = door.house.hall.peers["an"].sid
    assert (await (await door.resume("an", sid)).receive()).HasField("reconnect"), "coming back is no coming"
    assert (await (await door.join("binh")).receive()).HasField("join")
    door.house.now_s += 10
    assert (await (await door.join("an")).receive()).HasField("join")


async def test_who_says_too_much_is_cut_off_and_may_come_back(door: Door) -> None:
    an = await door.join("an")
    sid = (await an.receive()).join.participant.sid
    for _ in range(600):
        await an.say(ping=1)
    assert await an.is_cut_off()
    assert (await (await door.resume("an", sid)).receive()).HasField("reconnect")


async def test_who_says_it_at_too_great_a_length_is_cut_off(door: Door) -> None:
    an = await door.join("an")
    await an.receive()
    long = UpdateParticipantMetadata(metadata="m" * (LIMITS.message_bytes - 100))
    for _ in range(9):
        await an.say(update_metadata=long)
    assert await an.is_cut_off()


async def test_a_message_beyond_measure_ends_its_connection_only(door: Door) -> None:
    an = await door.join("an")
    await an.receive()
    await an.say(update_metadata=UpdateParticipantMetadata(metadata="m" * LIMITS.message_bytes))
    assert await an.is_cut_off()
    assert (await (await door.join("binh")).receive()).HasField("join")


async def test_a_relay_that_stops_sends_everybody_elsewhere_and_takes_nobody_in(door: Door) -> None:
    an = await door.join("an")
    sid = (await an.receive()).join.participant.sid
    door.house.registry.drain()
    leave = (await an.receive_until("leave")).leave
    assert (leave.reason, leave.action) == (DisconnectReason.SERVER_SHUTDOWN, LeaveRequest.RECONNECT)
    assert await door.validate("binh") == 503
    for coming in (door.join("binh"), door.resume("an", sid)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await coming
        assert refused.value.status == 503


def fill(outbox: SocketOutbox, message: SignalResponse) -> int:
    """How many such messages fit."""
    count = 0
    while not outbox.is_closed:
        outbox.put(message)
        count += 1
    return count - 1


def test_who_does_not_read_is_cut_off_however_large_its_messages_are() -> None:
    assert fill(SocketOutbox(), SignalResponse(pong=1)) == 1_000
    assert fill(SocketOutbox(), SignalResponse(refresh_token="x" * (1 << 20))) == 15
    assert fill(SocketOutbox(), SignalResponse(refresh_token="x" * (20 << 20))) == 1, "the first one always fits"
