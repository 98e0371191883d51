"""What every media server must do that records: the one in memory, and our relay with libwebrtc in the call."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from livekit import rtc

from ecabinet.adapters.egress import LiveKitEgress
from ecabinet.adapters.livekit import ApiKey, LiveKitRooms, MediaServer
from ecabinet.adapters.takes import FolderTakes
from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId
from ecabinet.recordings.model import TakePhase
from ecabinet.recordings.ports import MediaRecorder
from tests.fakes.gathering import AN
from tests.fakes.recordings import MemoryRecorder
from tests.relay.running import KEY, SECRET, RunningRelay, running_relay, until

PATIENCE_S = 40


@dataclass
class Server:
    """A media server, and the way into a room of it."""

    recorder: MediaRecorder
    come: Callable[[], Awaitable[None]]
    room: MeetingId


Check = Callable[[Server], Awaitable[None]]


async def check_an_empty_room_is_not_recorded(server: Server) -> None:
    assert await server.recorder.takes(server.room) == []
    with pytest.raises(NotFound):
        await server.recorder.start(server.room, "nobody-there")
    assert await server.recorder.takes(server.room) == []


async def check_a_take_runs_until_it_is_stopped(server: Server) -> None:
    await server.come()
    take = await server.recorder.start(server.room, "film")
    assert (take.name, take.phase) == ("film", TakePhase.RUNNING)
    assert [(each.id, each.phase) for each in await server.recorder.takes(server.room)] == [(take.id, take.phase)]
    assert await server.recorder.takes(MeetingId("another")) == []
    await server.recorder.stop(take.id)
    [stopped] = await server.recorder.takes(server.room)
    assert stopped.phase != TakePhase.RUNNING
    await server.recorder.stop(take.id)
    await server.recorder.stop("EG_never_heard_of")


async def check_a_room_is_recorded_again_under_another_name(server: Server) -> None:
    await server.come()
    first = await server.recorder.start(server.room, "one")
    await server.recorder.stop(first.id)
    second = await server.recorder.start(server.room, "two")
    takes = {each.id: each.phase for each in await server.recorder.takes(server.room)}
    assert (takes[second.id], takes[first.id] == TakePhase.RUNNING, len(takes)) == (TakePhase.RUNNING, False, 2)
    await server.recorder.stop(second.id)


async def check_a_room_is_recorded_once_at_a_time(server: Server) -> None:
    await server.come()
    take = await server.recorder.start(server.room, "first")
    with pytest.raises(Unavailable):
        await server.recorder.start(server.room, "second")
    assert [each.id for each in await server.recorder.takes(server.room)] == [take.id]
    await server.recorder.stop(take.id)


CONTRACT = [
    check_an_empty_room_is_not_recorded,
    check_a_take_runs_until_it_is_stopped,
    check_a_room_is_recorded_again_under_another_name,
    check_a_room_is_recorded_once_at_a_time,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_recording_in_memory(check: Check) -> None:
    recorder, room = MemoryRecorder(), MeetingId("room")

    async def come() -> None:
        recorder.rooms.add(room)

    await check(Server(recorder, come, room))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="module")
async def relay(folder: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(recordings=str(folder), recordings_reserve="0") as running:
        yield running


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_recording_by_our_relay(check: Check, relay: RunningRelay, folder: Path) -> None:
    caller, room = rtc.Room(), MeetingId(check.__name__)
    async with LiveKitRooms([MediaServer(relay.url, relay.ws_url)], ApiKey(KEY, SECRET)) as rooms:
        recorder = LiveKitEgress(rooms.servers, rooms.asking)

        async def come() -> None:
            await caller.connect(relay.ws_url, rooms.token(room, AN, "An", frozenset({"microphone"})))

        try:
            await check(Server(recorder, come, room))
        finally:
            await caller.disconnect()


async def becomes(recorder: MediaRecorder, room: MeetingId, phase: TakePhase) -> None:
    """Wait until the room's one take is there."""

    async def is_so() -> bool:
        return [each.phase for each in await recorder.takes(room)] == [phase]

    await until(is_so, PATIENCE_S)


async def speak(caller: rtc.Room) -> None:
    """Two seconds of silence are a sound, too."""
    source = rtc.AudioSource(48000, 1)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    track = rtc.LocalAudioTrack.create_audio_track("voice", source)
    await caller.local_participant.publish_track(track, options)
    for _ in range(100):
        await source.capture_frame(rtc.AudioFrame(bytes(960 * 2), 48000, 1, 960))


async def test_what_our_relay_leaves_is_found_and_what_failed_is_made_again(relay: RunningRelay, folder: Path) -> None:
    caller, room, takes = rtc.Room(), MeetingId("left"), FolderTakes(folder)
    async with LiveKitRooms([MediaServer(relay.url, relay.ws_url)], ApiKey(KEY, SECRET)) as rooms:
        recorder = LiveKitEgress(rooms.servers, rooms.asking)
        await caller.connect(relay.ws_url, rooms.token(room, AN, "An", frozenset({"microphone"})))
        try:
            take = await recorder.start(room, "left-behind")
            await speak(caller)
        finally:
            await caller.disconnect()
        in_the_way = folder / "left-behind" / "left-behind.webm"
        in_the_way.mkdir()
        await recorder.stop(take.id)
        await becomes(recorder, room, TakePhase.FAILED)
        assert not await takes.has("left-behind")
        in_the_way.rmdir()
        await recorder.stop(take.id)
        await becomes(recorder, room, TakePhase.COMPLETE)
    assert await takes.has("left-behind")
    film = b"".join([piece async for piece in takes.film("left-behind")])
    assert len(film) == await takes.size_bytes("left-behind") > 0


async def test_of_two_relays_the_living_one_tells_what_the_dead_one_left(folder: Path) -> None:
    settings = {"recordings": str(folder), "recordings_reserve": "0"}
    caller, room = rtc.Room(), MeetingId("moved")
    async with running_relay(**settings) as one, running_relay(**settings) as other:
        servers = [MediaServer(each.url, each.ws_url) for each in (one, other)]
        async with LiveKitRooms(servers, ApiKey(KEY, SECRET)) as rooms:
            recorder = LiveKitEgress(rooms.servers, rooms.asking)
            url = await rooms.place(room)
            holder = one if url == one.ws_url else other
            await caller.connect(url, rooms.token(room, AN, "An", frozenset({"microphone"})))
            try:
                take = await recorder.start(room, "moved-film")
                await becomes(recorder, room, TakePhase.RUNNING)
                holder.child.kill()
                # Until it is given up nobody knows; from then on it runs no more, whatever its folder says.
                await until(partial(knows, rooms, recorder, room), PATIENCE_S)
                assert [(each.id, each.phase) for each in await recorder.takes(room)] == [
                    (take.id, TakePhase.COMPOSING)
                ]
            finally:
                await caller.disconnect()


async def knows(rooms: LiveKitRooms, recorder: LiveKitEgress, room: MeetingId) -> bool:
    """Whether the servers can tell what is recorded; somebody asks for a ticket meanwhile."""
    await rooms.keep_together()
    try:
        await rooms.place(room)
        await recorder.takes(room)
    except Unavailable:
        return False
    return True


async def test_a_relay_that_is_away_is_unavailable() -> None:
    async with LiveKitRooms([MediaServer("http://127.0.0.1:1", "ws://nowhere")], ApiKey(KEY, SECRET)) as rooms:
        recorder = LiveKitEgress(rooms.servers, rooms.asking)
        with pytest.raises(Unavailable):
            await recorder.takes(MeetingId("room"))
        with pytest.raises(Unavailable):
            await recorder.stop("EG_1")
