"""Who gets what, with real clients: by their own choice, and by their publishers'."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from livekit import rtc

from tests.relay.callers import Caller, callers
from tests.relay.running import RunningRelay, token, until
from tests.relay.test_calls import hears, is_silent, sees


@asynccontextmanager
async def coming(relay: RunningRelay, room: str, identity: str, options: rtc.RoomOptions) -> AsyncIterator[Caller]:
    """A participant whose program wants it otherwise than is usual."""
    async with asyncio.TaskGroup() as tasks:
        caller = Caller(tasks)
        await caller.room.connect(relay.ws_url, token(identity, room), options)
        yield caller
        await caller.leave()


async def test_who_wants_nothing_by_itself_gets_what_it_asks_for(relay: RunningRelay, room_name: str) -> None:
    choosing = coming(relay, room_name, "binh", rtc.RoomOptions(auto_subscribe=False))
    async with callers(relay, room_name, "an", "cuong") as (an, cuong), choosing as binh:
        await an.speak()
        shown = await an.show()
        await until(lambda: hears(cuong, "an"))
        assert not binh.ears
        await until(lambda: shown.sid in binh.room.remote_participants["an"].track_publications)
        binh.room.remote_participants["an"].track_publications[shown.sid].set_subscribed(True)
        await until(lambda: sees(binh, "an", 5))
        assert list(binh.ears) == ["an/video"]


async def test_a_publisher_admits_whom_it_likes(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh", "cuong") as (an, binh, cuong):
        await an.speak()
        await until(lambda: hears(binh, "an") and hears(cuong, "an"))
        only_cuong = rtc.ParticipantTrackPermission(participant_identity="cuong", allow_all=True)
        an.room.local_participant.set_track_subscription_permissions(
            allow_all_participants=False, participant_permissions=[only_cuong]
        )
        await until(lambda: is_silent(binh, "an"))
        assert hears(cuong, "an")
        binh.ears.clear()
        an.room.local_participant.set_track_subscription_permissions(allow_all_participants=True)
        await until(lambda: hears(binh, "an"))


@pytest.mark.parametrize("simulcast", [True, False])
async def test_a_picture_nobody_asks_for_is_not_sent_and_comes_at_once_when_somebody_does(
    relay: RunningRelay, room_name: str, simulcast: bool
) -> None:
    async with coming(relay, room_name, "an", rtc.RoomOptions(dynacast=True)) as an:
        shown = await an.show(640, 360, simulcast=simulcast)
        await until(lambda: sending(an, at_least=1), 10)

        async def rests() -> bool:
            return not await sending(an, at_least=1)

        await until(rests, 15)
        async with callers(relay, room_name, "binh") as (binh,):
            async with asyncio.timeout(5):
                await until(lambda: sees(binh, "an", 5))
            assert binh.ears["an/video"].sid == shown.sid


async def sending(caller: Caller, *, at_least: int) -> bool:
    """Whether a client sends video packets at present."""
    counts = [await sent_packets(caller)]
    await asyncio.sleep(0.5)
    counts.append(await sent_packets(caller))
    return counts[1] - counts[0] >= at_least


async def sent_packets(caller: Caller) -> int:
    stats = (await caller.room.get_rtc_stats()).publisher_stats
    return sum(one.outbound_rtp.sent.packets_sent for one in stats if one.HasField("outbound_rtp"))


async def test_who_describes_itself_at_too_great_a_length_is_told(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh", can_update_own_metadata=True) as (an, binh):
        await an.room.local_participant.set_attributes({"seat": "3"})
        await until(lambda: binh.room.remote_participants["an"].attributes == {"seat": "3"})
        await an.room.local_participant.set_metadata("m" * 70_000)
        await an.room.local_participant.set_name("Bà An")
        await until(lambda: binh.room.remote_participants["an"].name == "Bà An")
        assert not binh.room.remote_participants["an"].metadata


async def test_all_know_how_many_they_are(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an") as (an,):
        async with callers(relay, room_name, "binh", "cuong"):
            await until(lambda: an.room.num_participants == 3)
        await until(lambda: an.room.num_participants == 1)
