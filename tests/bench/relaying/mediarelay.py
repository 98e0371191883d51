"""aiortc's MediaRelay behind a door of a few lines, and a client for it.

MediaRelay hands decoded pictures and sound to each receiver's own encoder. So what is sent here are real frames, and
what arrives are other packets than those sent: no stamp is in them, and losses show only as gaps in their numbers.
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import aiohttp
import av
import numpy as np
from aiohttp import web
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.rtcdtlstransport import RTCCertificate

from relay.wire import rtp
from tests.bench.relaying import sdp
from tests.bench.relaying.content import Frame, Source
from tests.bench.relaying.line import Line
from tests.bench.relaying.livekit import ended
from tests.bench.relaying.loads import MTU, Load, Stream
from tests.bench.relaying.participant import NotApplicable, Participant, Publishing
from tests.bench.relaying.places import own_address

RECEIVERS: Final = 3
"""Each costs a tenth of a core for its encoder alone."""
_WIDTH, _HEIGHT, _PATCH = 640, 360, 20
_GRAIN: Final = 12
"""As much as makes an encoder want the 1.5 Mbit/s that aiortc lets it have."""
_ENCODED_S: Final = 1
"""Length of what is sent over and over again."""
_SOUND: Final = Stream("audio", 1, 50, 120)
_ROOT: Final = Path(__file__).parents[3]


def within_reach(load: Load) -> Load:
    """The same load for so many as it serves; many packets of sound a second are many microphones."""
    streams = load.streams
    if all(stream.kind == "audio" for stream in streams):
        streams = (_SOUND,) * (sum(stream.packets_per_s for stream in streams) // _SOUND.packets_per_s)
    return replace(load, streams=streams, receivers=min(RECEIVERS, load.receivers) if streams else load.receivers)


# --- what is sent


@cache
def _pictures(stream: Stream) -> tuple[bytes, ...]:
    """VP8 frames at the stream's rate, the first a key frame: patches that move, with some grain."""
    chance = np.random.default_rng(1)
    context: Any = av.CodecContext.create("libvpx", "w")
    context.width, context.height, context.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
    context.time_base = Fraction(1, stream.per_s)
    context.bit_rate = stream.packets_per_s * MTU * 8
    context.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "rc_max_rate": "0"}
    still = (
        chance.integers(16, 235, (_HEIGHT // _PATCH, _WIDTH // _PATCH), np.uint8).repeat(_PATCH, 0).repeat(_PATCH, 1)
    )
    encoded: list[bytes] = []
    for number in range(stream.per_s * _ENCODED_S):
        grain = chance.integers(0, _GRAIN, still.shape, np.uint8)
        picture: Any = av.VideoFrame(_WIDTH, _HEIGHT, "yuv420p")
        picture.planes[0].update(np.ascontiguousarray(np.roll(still, 2 * number, 1) + grain))
        for plane in picture.planes[1:]:
            plane.update(bytes((128,)) * plane.buffer_size)
        picture.pts, picture.time_base = number, context.time_base
        encoded += [bytes(packet) for packet in context.encode(picture)]
    return tuple(encoded)


@cache
def _sounds() -> tuple[bytes, ...]:
    """Opus packets of 20 ms."""
    chance = random.Random(1)
    context: Any = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format, context.bit_rate = 48_000, "stereo", "s16", 48_000
    encoded: list[bytes] = []
    for number in range(50 * _ENCODED_S):
        frame: Any = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(chance.randbytes(frame.planes[0].buffer_size))
        frame.sample_rate, frame.pts = 48_000, number * 960
        encoded += [bytes(packet) for packet in context.encode(frame)]
    return tuple(encoded)


def encoded(stream: Stream) -> Callable[[int, int], Frame]:
    """What frame of this number is made of."""
    if stream.kind == "audio":
        sounds = _sounds()
        return lambda number, _: [(sounds[number % len(sounds)], True)]
    pictures = _pictures(stream)

    def frame(number: int, _: int) -> Frame:
        picture = pictures[number % len(pictures)]
        room = MTU - 1
        for begin in range(0, len(picture), room):
            descriptor = b"\x10" if begin == 0 else b"\x00"
            yield descriptor + picture[begin : begin + room], begin + room >= len(picture)

    return frame


def judge(packet: bytes) -> tuple[int, int] | None:
    """Whether there is something in a decrypted packet; it does not tell when it was sent."""
    begin, _ = rtp.split(packet)
    return (0, 0) if len(packet) > begin + 1 else None


# --- the client


class MediaRelayParticipant:
    """One connection: to publish or to receive."""

    def __init__(self, url: str, certificate: RTCCertificate, load: Load, *, publishes: bool) -> None:
        """`url` is the door."""
        self._url = url
        self._load = load
        self._entered = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        line = Line(certificate, own_address(), controls=True, judge=judge)
        self.lines = [line]
        self.publishing: Publishing | None = None
        self._sections: list[sdp.Section] = []
        if publishes:
            sources = [Source(one, str(place), encoded(one)) for place, one in enumerate(load.streams)]
            self.publishing = Publishing(line, sources)
            for place, source in enumerate(sources):
                kind = source.stream.kind
                self._sections.append(sdp.Section(kind, sends=True, track=f"track-{place}", ssrc=source.ssrc))
        elif load.streams:
            self._sections += [sdp.Section(stream.kind, sends=False) for stream in load.streams]
        else:  # a line exists for something: here for a microphone that says nothing
            self._sections.append(sdp.Section("audio", sends=True, track="audio", ssrc=line.ssrc))

    async def run(self) -> None:
        """See Participant."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            if self.publishing is not None or not self._load.streams:
                await self._offer("publish")
            self._entered.set()
            await asyncio.Event().wait()

    async def _offer(self, purpose: str) -> None:
        line = self.lines[0]
        offer = sdp.describe(line, self._sections, "actpass")
        async with aiohttp.ClientSession() as http, http.post(f"{self._url}/{purpose}", data=offer) as response:
            answer = await response.text()
        remote = sdp.remote_of(answer)
        if remote is None or self._tasks is None:
            raise ConnectionError(f"no answer to {purpose}")
        line.connect(remote, dtls_client=sdp.attributes(answer)["setup"] != "active")
        self._tasks.create_task(line.run())

    async def watch(self, publishers: Sequence[str], large: str) -> None:
        """See Participant; there is nothing to choose."""
        await self._entered.wait()
        if publishers:
            await self._offer("receive")


# --- the server, as a process of its own


class _Door:
    """Takes offers by HTTP."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._tracks: list[MediaStreamTrack] = []
        self._connections: list[RTCPeerConnection] = []

    def _new_connection(self) -> RTCPeerConnection:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connections.append(connection)
        return connection

    async def publish(self, request: web.Request) -> web.Response:
        connection = self._new_connection()
        connection.on("track", self._tracks.append)
        return await self._answer(connection, await request.text())

    async def receive(self, request: web.Request) -> web.Response:
        connection = self._new_connection()
        for track in self._tracks:
            connection.addTrack(self._relay.subscribe(track))
        return await self._answer(connection, await request.text())

    async def _answer(self, connection: RTCPeerConnection, offer: str) -> web.Response:
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return web.Response(text=connection.localDescription.sdp)


async def serve() -> None:
    """Print the port, and serve until ended."""
    app, door = web.Application(), _Door()
    app.add_routes([web.post("/publish", door.publish), web.post("/receive", door.receive)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@dataclass(eq=False)
class MediaRelayServer:
    """A running one."""

    pid: int
    url: str
    certificate: RTCCertificate
    forwards: bool = False
    remark: str = "decodes and encodes"

    def participant(self, identity: str, load: Load, *, publishes: bool) -> Participant:
        """See Server."""
        if load.has_simulcast:
            raise NotApplicable("aiortc knows no simulcast, and 132 encoders would want a dozen cores")
        return MediaRelayParticipant(self.url, self.certificate, load, publishes=publishes)

    async def loop_lag(self) -> dict[float, float] | None:
        """It does not tell."""
        return None


@asynccontextmanager
async def media_relay() -> AsyncIterator[MediaRelayServer]:
    """aiortc's relay."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.relaying.mediarelay"),
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": f"{_ROOT / 'server'}:{_ROOT}"},
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(20):
            port = int(await child.stdout.readline())
        yield MediaRelayServer(child.pid, f"http://127.0.0.1:{port}", RTCCertificate.generateCertificate())
    finally:
        await ended(child)


if __name__ == "__main__":
    asyncio.run(serve())
