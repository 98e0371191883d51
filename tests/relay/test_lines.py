"""Calls of real clients on bad lines. What is asserted holds on a busy machine too; the figures are in tests/bench."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from livekit import rtc
from livekit.protocol.rtc import StreamState

from tests.relay.callers import Caller
from tests.relay.lines import BadLine, Terms, bad_line
from tests.relay.running import running_relay, token, until
from tests.relay.witness import Witness, move_hd

NARROW = Terms(rate_bps=256_000)
WIDTH, HEIGHT = 1280, 720


@dataclass
class Watched:
    """A receiver on a bad line, and who speaks to it."""

    line: BadLine
    witness: Witness

    def states(self) -> list[int]:
        return [
            state.state
            for _, signal in self.line.told("stream_state_update")
            for state in signal.stream_state_update.stream_states
        ]

    def seen(self, seconds: float) -> int:
        """Pictures of late."""
        now_s = time.monotonic()
        return sum(at_s > now_s - seconds for at_s, _ in self.witness.pictures)


@asynccontextmanager
async def watched() -> AsyncIterator[Watched]:
    """Somebody speaks in front of a 720p camera with simulcast; both are heard and seen, on a good line."""
    async with running_relay(ice_transports="udp") as relay, bad_line(relay) as line, asyncio.TaskGroup() as tasks:
        publisher, receiver, witness = Caller(tasks), Caller(tasks), Witness()
        witness.attend(receiver.room, tasks.create_task)
        await receiver.room.connect(line.ws_url, token("receiver", "hall"))
        await publisher.room.connect(relay.ws_url, token("publisher", "hall"))
        await publisher.speak()
        source = rtc.VideoSource(WIDTH, HEIGHT)
        track = rtc.LocalVideoTrack.create_video_track("camera", source)
        camera = rtc.TrackSource.SOURCE_CAMERA
        options = rtc.TrackPublishOptions(source=camera, simulcast=True, video_codec=rtc.VideoCodec.VP8)
        await publisher.room.local_participant.publish_track(track, options)
        moving = tasks.create_task(move_hd(source, WIDTH, HEIGHT))
        try:
            await until(lambda: witness.sounds and witness.pictures and witness.pictures[-1][1] == HEIGHT)
            yield Watched(line, witness)
        finally:
            moving.cancel()
            witness.stop()
            await publisher.leave()
            await receiver.leave()


async def test_on_a_line_of_256_kbits_the_voice_goes_on_and_the_picture_is_paused_until_the_line_is_good() -> None:
    async with watched() as call:
        await call.line.set(down=NARROW)
        await until(lambda: call.states()[-1:] == [StreamState.PAUSED])
        settled_s = time.monotonic() + 1
        await asyncio.sleep(6)  # to be heard
        gaps = call.witness.gaps(settled_s, settled_s + 5)
        assert gaps.share < 0.05
        await call.line.set()
        await until(lambda: call.states()[-1] == StreamState.ACTIVE and call.seen(1) > 5, patience_s=45)


async def test_a_line_that_loses_every_twentieth_packet_carries_voice_and_picture() -> None:
    async with watched() as call:
        await call.line.set(down=Terms(loss=0.05), up=Terms(loss=0.05))
        began_s = time.monotonic()
        await asyncio.sleep(6)
        assert call.witness.gaps(began_s, began_s + 6).share < 0.05
        assert call.seen(6) > 30
        assert call.states() == []


@pytest.mark.slow
async def test_after_ten_seconds_without_a_line_the_call_goes_on() -> None:
    async with watched() as call:
        await call.line.set(up=Terms(dead=True), down=Terms(dead=True))
        await asyncio.sleep(10)
        await call.line.set()
        await until(lambda: call.seen(1) > 5)
        await asyncio.sleep(5)
        assert call.witness.gaps(time.monotonic() - 3, time.monotonic()).count <= 1
