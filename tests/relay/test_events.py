"""What the application asks of the relay and is told by it."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from livekit import api
from livekit.protocol.webhook import WebhookEvent

from tests.relay.callers import callers
from tests.relay.running import KEY, SECRET, RunningRelay, running_relay, token, until


class Application:
    """Receives webhooks as livekit-api verifies them; the first post of all is answered with an outage."""

    def __init__(self) -> None:
        self.events: list[WebhookEvent] = []
        self.url = ""
        self._outages = 1
        self._receiver = api.WebhookReceiver(api.TokenVerifier(KEY, SECRET))

    async def receive(self, request: web.Request) -> web.Response:
        if self._outages:
            self._outages -= 1
            return web.Response(status=503)
        event = self._receiver.receive(await request.text(), request.headers["Authorization"])
        self.events.append(event)
        return web.Response()

    def told(self) -> list[str]:
        return [f"{event.event} {event.participant.identity}".strip() for event in self.events]


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    application = Application()
    app = web.Application()
    app.add_routes([web.post("/events", application.receive)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    application.url = f"http://127.0.0.1:{runner.addresses[0][1]}/events"
    yield application
    await runner.cleanup()


async def test_the_application_is_told_in_order_what_happens(application: Application, room_name: str) -> None:
    async with running_relay(webhook_url=application.url, departure_s="0.2") as relay:
        async with callers(relay, room_name, "an") as (an,):
            await until(lambda: "participant_joined an" in application.told())
            published = await an.speak()
            await until(lambda: "track_published an" in application.told())
            await an.room.local_participant.unpublish_track(published.sid)
            await until(lambda: "track_unpublished an" in application.told())
        await until(lambda: "room_finished" in application.told())
    assert application.told() == [
        "room_started",
        "participant_joined an",
        "track_published an",
        "track_unpublished an",
        "participant_left an",
        "room_finished",
    ]
    track = application.events[2].track
    assert (track.sid, track.source) == (published.sid, api.TrackSource.MICROPHONE)
    assert len({event.id for event in application.events}) == 6
    assert {event.room.name for event in application.events} == {room_name}


async def test_the_application_hears_the_end_from_a_relay_that_stops(application: Application, room_name: str) -> None:
    async with running_relay(webhook_url=application.url) as relay, callers(relay, room_name, "an"):
        await until(lambda: "participant_joined an" in application.told())
        relay.child.terminate()
        async with asyncio.timeout(2):
            await relay.child.wait()
    assert application.told()[-2:] == ["participant_left an", "room_finished"]


async def test_a_profile_changed_by_the_application_is_seen_by_all(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh), relay.client() as server:
        seen = binh.room.remote_participants["an"]
        for attributes in ({"seat": "3", "hand": "up"}, {"hand": ""}):
            update = api.UpdateParticipantRequest(
                room=room_name, identity="an", name="Bà An", metadata="m", attributes=attributes
            )
            await server.room.update_participant(update)
        await until(lambda: (seen.name, seen.metadata) == ("Bà An", "m"))
        await until(lambda: {name: value for name, value in seen.attributes.items() if value} == {"seat": "3"})
        await until(lambda: an.room.local_participant.name == "Bà An")


async def test_nobody_renames_itself_without_the_right(relay: RunningRelay, room_name: str) -> None:
    for granted, name in ((False, "An"), (True, "Somebody else")):
        grants = {"can_update_own_metadata": granted}
        async with callers(relay, room_name, "an", **grants) as (an,), relay.client() as server:
            await an.room.local_participant.set_name("Somebody else")
            await an.speak()  # requests are carried out in order: once this is answered, the other was
            who = await server.room.get_participant(api.RoomParticipantIdentity(room=room_name, identity="an"))
            assert who.name == name


async def test_calls_answer_in_json_as_well(relay: RunningRelay, room_name: str) -> None:
    granted = api.AccessToken(KEY, SECRET).with_grants(api.VideoGrants(room_create=True, room_list=True)).to_jwt()
    headers = {"Authorization": f"Bearer {granted}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(relay.url, headers=headers) as session:
        created = await session.post("/twirp/livekit.RoomService/CreateRoom", json={"name": room_name})
        assert (await created.json())["name"] == room_name
        listed = await session.post("/twirp/livekit.RoomService/ListRooms", json={"names": [room_name]})
        assert [room["sid"] for room in (await listed.json())["rooms"]] == [(await created.json())["sid"]]


@pytest.mark.parametrize(
    ("method", "grants", "body", "status", "code"),
    [
        ("ListRooms", None, b"{}", 401, "unauthenticated"),
        ("ListRooms", {"room_create": True}, b"{}", 403, "permission_denied"),
        ("ListParticipants", {"room_admin": True, "room": "other"}, b'{"room": "here"}', 403, "permission_denied"),
        ("ListParticipants", {"room_admin": True, "room": "none"}, b'{"room": "none"}', 404, "not_found"),
        ("CreateRoom", {"room_create": True}, b"{}", 400, "invalid_argument"),
        ("CreateRoom", {"room_create": True}, b"{", 400, "malformed"),
        ("CreateRoom", {"room_create": True}, b"\xff", 400, "malformed"),
        ("SendData", {"room_admin": True}, b"{}", 501, "unimplemented"),
        ("PerformRpc", {"room_admin": True}, b"{}", 501, "unimplemented"),
        ("PerformRpc", {}, b"{}", 403, "permission_denied"),
        ("Unknown", {"room_admin": True}, b"{}", 404, "bad_route"),
    ],
)
async def test_a_call_that_may_not_be_is_refused_with_a_code(
    relay: RunningRelay, method: str, grants: dict[str, object] | None, body: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    if grants is not None:
        minted = api.AccessToken(KEY, SECRET).with_grants(api.VideoGrants(**grants))  # type: ignore[arg-type]
        headers["Authorization"] = f"Bearer {minted.to_jwt()}"
    async with aiohttp.ClientSession(relay.url, headers=headers) as session:
        answer = await session.post(f"/twirp/livekit.RoomService/{method}", data=body)
        assert (answer.status, (await answer.json())["code"]) == (status, code)


async def test_a_page_of_another_origin_learns_whether_it_may_join(relay: RunningRelay) -> None:
    async with aiohttp.ClientSession(relay.url) as session:
        good = await session.get("/rtc/v1/validate", params={"access_token": token("an", "here")})
        bad = await session.get("/rtc/v1/validate", params={"access_token": "bad"})
        no_join = api.AccessToken(KEY, SECRET).with_identity("an").with_grants(api.VideoGrants(room="here")).to_jwt()
        forbidden = await session.get("/rtc/v1/validate", headers={"Authorization": f"Bearer {no_join}"})
        assert (good.status, await good.text()) == (200, "success")
        assert (bad.status, forbidden.status) == (401, 403)
        assert {answer.headers["Access-Control-Allow-Origin"] for answer in (good, bad, forbidden)} == {"*"}
        assert (await session.head("/")).status == 200
        assert (await session.get("/rtc")).status == 404


async def test_health_and_figures_are_there_for_the_operator(relay: RunningRelay) -> None:
    async with aiohttp.ClientSession(relay.url) as session:
        assert "version" in await (await session.get("/healthz")).json()
        assert "relay_participants " in await (await session.get("/metrics")).text()


async def test_a_bad_message_costs_its_sender_only(relay: RunningRelay, room_name: str) -> None:
    """Garbage on a signalling connection: the connection goes, the relay stays."""
    async with aiohttp.ClientSession(relay.url) as session:
        for junk in (b"\xff\xff\xff", b"\x0a\x03abc"):
            url = f"/rtc/v1?access_token={token('junk', room_name)}"
            async with asyncio.timeout(20), session.ws_connect(url) as socket:
                assert (await socket.receive()).type is aiohttp.WSMsgType.BINARY  # the welcome
                for _ in range(3):
                    await socket.send_bytes(junk)
                while (await socket.receive()).type is aiohttp.WSMsgType.BINARY:
                    pass
                assert socket.closed
        assert (await session.get("/healthz")).status == 200
