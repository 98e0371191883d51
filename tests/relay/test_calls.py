"""Calls between real clients (libwebrtc) through a real relay process."""

import asyncio
import os
from contextlib import suppress
from dataclasses import replace

import aiohttp
import numpy as np
import pytest
from livekit import api, rtc
from livekit.protocol.models import DisconnectReason, TrackSource
from livekit.protocol.rtc import SignalResponse

from tests.relay.callers import SILENCE_RMS, TONE_RMS, Caller, callers
from tests.relay.running import RunningRelay, detour, running_relay, token, until


def hears(caller: Caller, who: str) -> bool:
    """Whether a caller hears the tone of another within 3 dB of how it was spoken."""
    ear = caller.ears.get(f"{who}/audio")
    return ear is not None and abs(20 * np.log10(max(1.0, ear.rms) / TONE_RMS)) < 3


def sees(caller: Caller, who: str, frames: int) -> bool:
    ear = caller.ears.get(f"{who}/video")
    return ear is not None and ear.frames >= frames


async def is_silent(caller: Caller, who: str) -> bool:
    """Whether nothing of another's tone came in the last half second."""
    ear = caller.ears[f"{who}/audio"]
    frames = ear.frames
    await asyncio.sleep(0.5)
    return ear.frames == frames or ear.rms < SILENCE_RMS


async def test_a_voice_arrives_at_the_level_it_was_spoken(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        await an.speak()
        await until(lambda: hears(binh, "an"))


async def test_everybody_sees_everybody_also_who_comes_late(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        await an.show()
        await binh.show()
        await until(lambda: sees(an, "binh", 15) and sees(binh, "an", 15))
        async with callers(relay, room_name, "cuong") as (cuong,):
            await until(lambda: sees(cuong, "an", 15) and sees(cuong, "binh", 15))


async def test_h264_is_shown_to_those_who_have_it(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        await an.show(codec=rtc.VideoCodec.H264)
        await until(lambda: sees(binh, "an", 15))
        (shown,) = binh.room.remote_participants["an"].track_publications.values()
        assert shown.mime_type == "video/H264"


async def test_a_speaker_is_shown_as_speaking(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        await an.speak()
        await until(lambda: binh.speakers == ["an"])


async def test_a_receiver_chooses_its_layer(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        published = await an.show(960, 540, simulcast=True)
        await until(lambda: sees(binh, "an", 15) and binh.ears["an/video"].size[0] >= 900)
        remote = binh.room.remote_participants["an"].track_publications[published.sid]
        remote.set_video_quality(rtc.VideoQuality.VIDEO_QUALITY_LOW)
        await until(lambda: binh.ears["an/video"].size[0] < 500)
        frames = binh.ears["an/video"].frames
        await until(lambda: sees(binh, "an", frames + 15))


async def test_who_unsubscribes_gets_nothing_until_it_subscribes_again(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        published = await an.speak()
        await until(lambda: hears(binh, "an"))
        remote = binh.room.remote_participants["an"].track_publications[published.sid]
        remote.set_subscribed(False)
        await until(lambda: is_silent(binh, "an"))
        binh.ears.clear()
        remote.set_subscribed(True)
        await until(lambda: hears(binh, "an"))


async def test_an_unpublished_track_is_gone_and_another_may_follow(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        published = await an.speak()
        await until(lambda: hears(binh, "an"))
        await an.room.local_participant.unpublish_track(published.sid)
        await until(lambda: not binh.room.remote_participants["an"].track_publications)
        binh.ears.clear()
        await an.speak()
        await until(lambda: hears(binh, "an"))


async def test_a_mute_by_the_server_stops_the_voice(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh), relay.client() as server:
        published = await an.speak()
        await until(lambda: hears(binh, "an"))
        mute = api.MuteRoomTrackRequest(room=room_name, identity="an", track_sid=published.sid, muted=True)
        answer = await server.room.mute_published_track(mute)
        assert answer.track.muted
        await until(lambda: is_silent(binh, "an"))
        await until(lambda: "track_muted" in binh.events)


async def test_only_its_owner_opens_a_muted_microphone(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh), relay.client() as server:
        published = await an.speak()
        await until(lambda: hears(binh, "an"))
        mute = api.MuteRoomTrackRequest(room=room_name, identity="an", track_sid=published.sid, muted=True)
        await server.room.mute_published_track(mute)
        await until(lambda: is_silent(binh, "an"))
        mute.muted = False
        with pytest.raises(api.TwirpError, match="only its owner"):
            await server.room.mute_published_track(mute)
        await until(lambda: published.muted)
        assert isinstance(published.track, rtc.LocalAudioTrack)
        published.track.unmute()
        await until(lambda: hears(binh, "an"))


async def test_a_right_taken_away_ends_the_voice_at_once_and_given_back_lets_it_sound(
    relay: RunningRelay, room_name: str
) -> None:
    def rights(*sources: TrackSource) -> api.UpdateParticipantRequest:
        permission = api.ParticipantPermission(can_subscribe=True, can_publish=True, can_publish_sources=list(sources))
        return api.UpdateParticipantRequest(room=room_name, identity="an", permission=permission)

    async with callers(relay, room_name, "an", "binh") as (an, binh), relay.client() as server:
        published = await an.speak()
        await until(lambda: hears(binh, "an"))
        updated = await server.room.update_participant(rights(TrackSource.CAMERA))
        assert [track.muted for track in updated.tracks] == [True]
        await until(lambda: is_silent(binh, "an"))
        assert isinstance(published.track, rtc.LocalAudioTrack)
        await until(lambda: published.muted)
        published.track.unmute()  # without the right
        assert await is_silent(binh, "an")
        await until(lambda: published.muted)
        await server.room.update_participant(rights(TrackSource.CAMERA, TrackSource.MICROPHONE))
        published.track.unmute()
        await until(lambda: hears(binh, "an"))


async def test_a_source_the_token_does_not_name_is_not_published(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", can_publish_sources=["camera"]) as (an,), relay.client() as server:
        await an.show()
        with pytest.raises(TimeoutError):  # the SDK waits for its track to be announced
            async with asyncio.timeout(1):
                await an.speak()
        who = await server.room.get_participant(api.RoomParticipantIdentity(room=room_name, identity="an"))
        assert [track.source for track in who.tracks] == [TrackSource.CAMERA]


async def test_who_is_removed_is_out_and_told_why(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh), relay.client() as server:
        await server.room.remove_participant(api.RoomParticipantIdentity(room=room_name, identity="an"))
        await until(lambda: an.disconnect_reason == rtc.DisconnectReason.PARTICIPANT_REMOVED)
        await until(lambda: "an" not in binh.room.remote_participants)


async def test_who_was_removed_does_not_come_back_with_the_old_token(relay: RunningRelay, room_name: str) -> None:
    old = token("an", room_name)
    async with callers(relay, room_name, "an"), relay.client() as server:
        await server.room.remove_participant(api.RoomParticipantIdentity(room=room_name, identity="an"))
        with pytest.raises(rtc.ConnectError):
            await rtc.Room().connect(relay.ws_url, old, rtc.RoomOptions(connect_timeout=5))
        await asyncio.sleep(1.1)  # tokens count whole seconds
        async with callers(relay, room_name, "an"):
            pass


async def test_a_deleted_room_is_empty(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an") as (an,), relay.client() as server:
        rooms = await server.room.list_rooms(api.ListRoomsRequest(names=[room_name]))
        assert [room.num_participants for room in rooms.rooms] == [1]
        await server.room.delete_room(api.DeleteRoomRequest(room=room_name))
        await until(lambda: an.disconnect_reason == rtc.DisconnectReason.ROOM_DELETED)
        assert not (await server.room.list_rooms(api.ListRoomsRequest(names=[room_name]))).rooms


async def test_the_same_person_again_takes_the_place_of_the_first(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "binh", "an") as (binh, first), callers(relay, room_name, "an") as (second,):
        await until(lambda: first.disconnect_reason == rtc.DisconnectReason.DUPLICATE_IDENTITY)
        await second.speak()
        await until(lambda: hears(binh, "an"))
        await first.leave()  # the late farewell of the one that was superseded
        binh.ears["an/audio"].rms = 0
        await until(lambda: hears(binh, "an"))


async def test_a_call_goes_on_while_signalling_is_lost_and_resumed(relay: RunningRelay, room_name: str) -> None:
    async with detour(relay.http_port) as line, callers(relay, room_name, "binh") as (binh,):
        by_detour = replace(relay, http_port=line.port)
        async with callers(by_detour, room_name, "an") as (an,):
            await an.speak()
            await until(lambda: hears(binh, "an"))
            sid, frames = an.room.local_participant.sid, binh.ears["an/audio"].frames
            line.cut()
            await until(lambda: "reconnected" in an.events)
            assert an.room.local_participant.sid == sid
            await until(lambda: binh.ears["an/audio"].frames > frames + 20)
            # The level is that of 100 ms; the receiver's jitter buffer may still be settling in the first of them.
            await until(lambda: hears(binh, "an"))
            assert "participant_disconnected" not in binh.events
            await an.show()  # signalling works again
            await until(lambda: sees(binh, "an", 5))


@pytest.mark.parametrize(
    "bad",
    [
        lambda room: token("an", room, secret="another-secret-that-is-long-enough-too"),
        lambda room: token("an", room, ttl_s=-60),
        lambda room: token("an", room).replace("eyJ", "eyK", 1),
        lambda _: api.AccessToken("other-key", "a-secret-of-the-tests-that-is-long-enough").to_jwt(),
        lambda _: "",
    ],
    ids=["wrong secret", "expired", "other header", "wrong key", "absent"],
)
async def test_a_token_that_is_not_ours_opens_nothing(relay: RunningRelay, room_name: str, bad: object) -> None:
    assert callable(bad)
    with pytest.raises(rtc.ConnectError):
        await rtc.Room().connect(relay.ws_url, bad(room_name), rtc.RoomOptions(connect_timeout=5))


async def test_a_call_goes_through_tcp_where_udp_is_blocked(room_name: str) -> None:
    async with running_relay(ice_transports="tcp") as relay, callers(relay, room_name, "an", "binh") as (an, binh):
        await an.speak()
        await an.show()
        await until(lambda: hears(binh, "an") and sees(binh, "an", 15))


@pytest.mark.parametrize("native", ["1", "0"])
async def test_a_call_goes_through_c_or_through_python_alone(room_name: str, native: str) -> None:
    async with running_relay(native=native) as relay, callers(relay, room_name, "an", "binh") as (an, binh):
        assert relay.is_native == (native == "1")
        await an.speak()
        await an.show()
        await until(lambda: hears(binh, "an") and sees(binh, "an", 15))


async def test_callers_come_back_by_themselves_when_the_relay_was_killed(room_name: str) -> None:
    async with running_relay() as relay, callers(relay, room_name, "an", "binh") as (an, binh):
        await an.speak()
        await until(lambda: hears(binh, "an"))
        relay.child.kill()
        await relay.child.wait()
        binh.ears.clear()
        ports = {"http_port": str(relay.http_port), "media_port": str(relay.media_port)}
        async with running_relay(**ports):
            await until(lambda: hears(binh, "an"))
            await an.leave()
            await binh.leave()


async def test_a_relay_that_is_told_to_stop_is_gone_within_two_seconds_and_says_so(room_name: str) -> None:
    async with running_relay() as relay, callers(relay, room_name, "an", "binh") as (an, binh):
        await an.show()
        await until(lambda: sees(binh, "an", 5))
        query = {"access_token": token("cuong", room_name)}
        async with aiohttp.ClientSession(relay.url) as session, session.ws_connect("/rtc/v1", params=query) as third:
            await third.receive()  # the welcome
            relay.child.terminate()
            async with asyncio.timeout(2):
                assert await relay.child.wait() == 0
            told = [SignalResponse.FromString(message.data) async for message in third]
        assert told[-1].leave.reason == DisconnectReason.SERVER_SHUTDOWN
        await until(lambda: "reconnecting" in an.events)


async def test_a_relay_nobody_calls_gives_up_its_lease() -> None:
    async with running_relay(lease_s="0.5") as relay:
        async with asyncio.timeout(5):
            assert await relay.child.wait() == 0


async def test_a_participant_does_not_keep_alive_what_its_application_has_left(room_name: str) -> None:
    async with running_relay(lease_s="1") as relay, aiohttp.ClientSession(relay.url) as http:
        headers = {"Authorization": f"Bearer {token('an', room_name)}"}

        async def gone() -> bool:
            with suppress(aiohttp.ClientError):
                await http.post("/twirp/livekit.RoomService/ListRooms", json={}, headers=headers)
            return relay.child.returncode is not None

        await until(gone, 8)


async def test_a_relay_outlives_its_parent(room_name: str) -> None:
    """Its standard output may be a pipe that nobody reads any more."""
    async with running_relay() as relay:
        assert os.getpgid(relay.child.pid)
        relay.child._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
        async with callers(relay, room_name, "an", "binh") as (an, binh):
            await an.speak()
            await until(lambda: hears(binh, "an"))
