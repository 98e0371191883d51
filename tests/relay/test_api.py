"""RoomService as an application calls it: LiveKit's own library, and plain JSON."""

import io
from typing import Any

import aiohttp
import pytest
from livekit import api

from tests.relay.callers import callers
from tests.relay.running import KEY, SECRET, RunningRelay, until
from tests.relay.test_calls import hears, is_silent


def bearer(**grants: Any) -> dict[str, str]:
    token = api.AccessToken(KEY, SECRET).with_grants(api.VideoGrants(**grants)).to_jwt()
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("method", "request_", "code", "status"),
    [
        ("create_room", api.CreateRoomRequest(), "invalid_argument", 400),
        ("create_room", api.CreateRoomRequest(name="n" * 257), "invalid_argument", 400),
        ("create_room", api.CreateRoomRequest(name="hall", metadata="m" * 70_000), "invalid_argument", 400),
        ("delete_room", api.DeleteRoomRequest(room="none"), "not_found", 404),
        ("list_participants", api.ListParticipantsRequest(room="none"), "not_found", 404),
        ("get_participant", api.RoomParticipantIdentity(identity="nobody"), "not_found", 404),
        ("remove_participant", api.RoomParticipantIdentity(identity="nobody"), "not_found", 404),
        ("mute_published_track", api.MuteRoomTrackRequest(identity="an", track_sid="x", muted=True), "not_found", 404),
        ("update_participant", api.UpdateParticipantRequest(identity="nobody"), "not_found", 404),
        ("update_participant", api.UpdateParticipantRequest(identity="an", name="n" * 257), "invalid_argument", 400),
        (
            "update_participant",
            api.UpdateParticipantRequest(identity="an", attributes={"k": "v" * 70_000}),
            "invalid_argument",
            400,
        ),
        ("update_subscriptions", api.UpdateSubscriptionsRequest(identity="nobody"), "not_found", 404),
        ("update_room_metadata", api.UpdateRoomMetadataRequest(metadata="m" * 70_000), "invalid_argument", 400),
        ("send_data", api.SendDataRequest(data=b"x"), "unimplemented", 501),
        ("move_participant", api.MoveParticipantRequest(identity="an", destination_room="b"), "unimplemented", 501),
        (
            "forward_participant",
            api.ForwardParticipantRequest(identity="an", destination_room="b"),
            "unimplemented",
            501,
        ),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_code(
    relay: RunningRelay, room_name: str, method: str, request_: Any, code: str, status: int
) -> None:
    """Called in a room where only An is, unless another is named."""
    if "room" in request_.DESCRIPTOR.fields_by_name and not request_.room:
        request_.room = room_name
    async with aiohttp.ClientSession() as session, callers(relay, room_name, "an"):
        server = api.LiveKitAPI(relay.url, KEY, SECRET, session=session, failover=False)
        with pytest.raises(api.ServerError) as refused:
            await getattr(server.room, method)(request_)
        assert (refused.value.code, refused.value.status) == (code, status)


async def test_a_room_is_made_changed_listed_and_deleted(relay: RunningRelay, room_name: str) -> None:
    async with relay.client() as server:
        made = await server.room.create_room(
            api.CreateRoomRequest(
                name=room_name, empty_timeout=7, departure_timeout=8, max_participants=1, metadata="m"
            )
        )
        assert (made.name, made.empty_timeout, made.departure_timeout, made.metadata) == (room_name, 7, 8, "m")
        again = await server.room.create_room(api.CreateRoomRequest(name=room_name))
        assert (again.sid, again.max_participants, again.metadata) == (made.sid, 1, "m")
        async with callers(relay, room_name, "an") as (an,):
            await server.room.update_room_metadata(api.UpdateRoomMetadataRequest(room=room_name, metadata="other"))
            await until(lambda: an.room.metadata == "other")
            (listed,) = (await server.room.list_rooms(api.ListRoomsRequest(names=[room_name]))).rooms
            assert (listed.num_participants, listed.metadata) == (1, "other")
            (who,) = (await server.room.list_participants(api.ListParticipantsRequest(room=room_name))).participants
            assert (who.identity, who.state) == ("an", api.ParticipantInfo.State.ACTIVE)
        await server.room.delete_room(api.DeleteRoomRequest(room=room_name))
        assert not (await server.room.list_rooms(api.ListRoomsRequest(names=[room_name]))).rooms


async def test_the_application_says_who_hears_whom(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh), relay.client() as server:
        published = await an.speak()
        await until(lambda: hears(binh, "an"))

        async def rule(subscribe: bool) -> None:
            request = api.UpdateSubscriptionsRequest(
                room=room_name, identity="binh", track_sids=[published.sid], subscribe=subscribe
            )
            await server.room.update_subscriptions(request)

        remote = binh.room.remote_participants["an"].track_publications[published.sid]
        for _ in range(2):
            await rule(subscribe=False)
            await until(lambda: is_silent(binh, "an"))
            binh.ears.clear()
            remote.set_subscribed(True)  # of no use against the application's word
            await rule(subscribe=True)
            await until(lambda: hears(binh, "an"))


async def test_a_right_to_listen_is_taken_and_given_back_at_once(relay: RunningRelay, room_name: str) -> None:
    def rights(can_subscribe: bool) -> api.UpdateParticipantRequest:
        permission = api.ParticipantPermission(can_subscribe=can_subscribe, can_publish=True)
        return api.UpdateParticipantRequest(room=room_name, identity="binh", permission=permission)

    async with callers(relay, room_name, "an", "binh") as (an, binh), relay.client() as server:
        await an.speak()
        await until(lambda: hears(binh, "an"))
        await server.room.update_participant(rights(can_subscribe=False))
        await until(lambda: is_silent(binh, "an"))
        binh.ears.clear()
        await server.room.update_participant(rights(can_subscribe=True))
        await until(lambda: hears(binh, "an"))


async def test_json_is_written_as_by_livekit(relay: RunningRelay, room_name: str) -> None:
    async with aiohttp.ClientSession(relay.url, headers=bearer(room_create=True, room_list=True)) as session:
        made = await (await session.post("/twirp/livekit.RoomService/CreateRoom", json={"name": room_name})).json()
        assert (made["num_participants"], made["active_recording"], made["max_participants"]) == (0, False, 0)


@pytest.mark.parametrize(
    ("method", "body", "kind", "status", "code"),
    [
        ("POST", b"{}", "text/plain", 404, "bad_route"),
        ("GET", None, "application/json", 404, "bad_route"),
        ("POST", b"\xff", "application/protobuf", 400, "malformed"),
        ("POST", b'{"names": "' + b"n" * (1 << 20) + b'"}', "application/json", 429, "resource_exhausted"),
    ],
)
async def test_what_is_no_call_is_refused_as_twirp_has_it(
    relay: RunningRelay, method: str, body: bytes | None, kind: str, status: int, code: str
) -> None:
    headers = bearer(room_list=True) | {"Content-Type": kind}
    async with aiohttp.ClientSession(relay.url, headers=headers) as session:
        answer = await session.request(
            method, "/twirp/livekit.RoomService/ListRooms", data=io.BytesIO(body) if body else None
        )
        assert (answer.status, (await answer.json())["code"]) == (status, code)
