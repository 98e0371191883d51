"""Servers that speak LiveKit's protocol, ours among them, and a client for them."""

import asyncio
import json
import re
import socket
import subprocess
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate
from livekit.protocol.models import ClientInfo, DisconnectReason, TrackSource, TrackType, VideoLayer, VideoQuality
from livekit.protocol.rtc import (
    AddTrackRequest,
    ConnectionSettings,
    JoinRequest,
    Ping,
    SessionDescription,
    SignalRequest,
    SignalResponse,
    UpdateTrackSettings,
    WrappedJoinRequest,
)

from tests.bench.relaying import sdp
from tests.bench.relaying.content import Source
from tests.bench.relaying.line import Line, Remote
from tests.bench.relaying.loads import Load
from tests.bench.relaying.participant import Participant, Publishing
from tests.bench.relaying.places import own_address
from tests.relay.running import KEY, SECRET, running_relay, token

_PING_S: Final = 4.0
_PATIENCE_S: Final = 20.0
_RIDS: Final = ("q", "h", "f")
_SIZES: Final = {"q": (320, 180), "h": (640, 360), "f": (1280, 720)}
_SDK_SECTIONS: Final = ("audio",) * 3 + ("video",) * 3
"""What an SDK offers to receive at first."""
_LAG: Final = re.compile(r'^relay_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)


class LiveKitParticipant:
    """One peer connection for both directions, offered in the join request."""

    def __init__(self, url: str, certificate: RTCCertificate, identity: str, load: Load, *, publishes: bool) -> None:
        """`url` is where signalling is."""
        self._url = url
        self._identity = identity
        self._load = load
        self._signalling: aiohttp.ClientWebSocketResponse | None = None
        self._tracks: dict[str, dict[str, bool]] = {}
        """Publisher -> sid of a track -> whether it is video."""
        self._remote: Remote | None = None
        self._offers = 0
        self._farewell = "without a word"
        line = Line(certificate, own_address(), controls=True)
        self.lines = [line]
        self.publishing: Publishing | None = None
        self._sections: list[sdp.Section] = []
        if publishes:
            self._publish(line)
        if not publishes or load.is_meeting:
            self._sections += [sdp.Section("audio" if k == "audio" else "video", sends=False) for k in _SDK_SECTIONS]

    def _publish(self, line: Line) -> None:
        streams = self._load.streams
        kinds = sorted({stream.kind for stream in streams})
        sources = [Source(one, str(kinds.index(one.kind))) for one in streams]
        self.publishing = Publishing(line, sources)
        for kind in kinds:
            own = [source for source in sources if source.stream.kind == kind]
            rids = tuple(rid for rid in _RIDS if any(source.stream.rid == rid for source in own))
            self._sections.append(sdp.Section(kind, sends=True, track=kind, ssrc=own[0].ssrc, rids=rids))

    async def run(self) -> None:
        """See Participant."""
        query = {"access_token": token(self._identity, "bench"), "join_request": self._join_request()}
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{self._url}/rtc/v1", params=query) as signalling,
            asyncio.TaskGroup() as tasks,
        ):
            self._signalling = signalling
            tasks.create_task(self.lines[0].run())
            tasks.create_task(self._ping(signalling))
            async for message in signalling:
                await self._on_signal(signalling, SignalResponse.FromString(message.data))
            raise ConnectionError(f"the server sent {self._identity} away ({self._farewell})")

    def _join_request(self) -> str:
        join = JoinRequest(
            client_info=ClientInfo(sdk=ClientInfo.SDK.JS, protocol=16, version="2.15.0"),
            connection_settings=ConnectionSettings(auto_subscribe=True, adaptive_stream=self._load.has_simulcast),
            publisher_offer=self._offer(),
        )
        for section in self._sections:
            if section.sends:
                join.add_track_requests.add().CopyFrom(_track_request(section))
        wrapped = WrappedJoinRequest(join_request=join.SerializeToString()).SerializeToString()
        return urlsafe_b64encode(wrapped).decode()

    def _offer(self) -> SessionDescription:
        self._offers += 1
        text = sdp.describe(self.lines[0], self._sections, "active")
        return SessionDescription(type="offer", sdp=text, id=self._offers)

    async def _ping(self, signalling: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await asyncio.sleep(_PING_S)
            now_ms = time.time_ns() // 1_000_000
            await signalling.send_bytes(SignalRequest(ping_req=Ping(timestamp=now_ms)).SerializeToString())

    async def _on_signal(self, signalling: aiohttp.ClientWebSocketResponse, response: SignalResponse) -> None:
        kind = response.WhichOneof("message")
        if kind == "answer":
            self._on_answer(response.answer.sdp)
        elif kind == "leave":
            self._farewell = DisconnectReason.Name(response.leave.reason)
        elif kind == "trickle":
            self._on_candidate(json.loads(response.trickle.candidateInit).get("candidate", ""))
        elif kind == "media_sections_requirement":
            wanted = response.media_sections_requirement
            self._sections += [sdp.Section("audio", sends=False)] * wanted.num_audios
            self._sections += [sdp.Section("video", sends=False)] * wanted.num_videos
            await signalling.send_bytes(SignalRequest(offer=self._offer()).SerializeToString())
        elif kind in ("join", "update"):
            known = response.join.other_participants if kind == "join" else response.update.participants
            for one in known:
                self._tracks[one.identity] = {track.sid: track.type == TrackType.VIDEO for track in one.tracks}

    def _on_answer(self, text: str) -> None:
        remote = sdp.remote_of(text)
        if remote is not None:
            self.lines[0].connect(remote)
        else:
            named = sdp.attributes(text)
            self._remote = Remote(named["ice-ufrag"], named["ice-pwd"], ("", 0))

    def _on_candidate(self, candidate: str) -> None:
        address = sdp.candidate_address(candidate)
        if address is not None and self._remote is not None:
            self.lines[0].connect(replace(self._remote, address=address))

    async def watch(self, publishers: Sequence[str], large: str) -> None:
        """See Participant: the server subscribes to all by itself, what is chosen is the size."""
        if not self._load.has_simulcast:
            return
        async with asyncio.timeout(_PATIENCE_S):
            while any(len(self._tracks.get(one, {})) < self._load.tracks for one in publishers):
                await asyncio.sleep(0.05)
        assert self._signalling is not None
        for one in publishers:
            quality, name = (VideoQuality.HIGH, "f") if one == large else (VideoQuality.LOW, "q")
            width, height = _SIZES[name]
            sids = [sid for sid, is_video in self._tracks[one].items() if is_video]
            settings = UpdateTrackSettings(track_sids=sids, quality=quality, width=width, height=height)
            await self._signalling.send_bytes(SignalRequest(track_setting=settings).SerializeToString())


def _track_request(section: sdp.Section) -> AddTrackRequest:
    if section.kind == "audio":
        return AddTrackRequest(cid=section.track, type=TrackType.AUDIO, source=TrackSource.MICROPHONE)
    request = AddTrackRequest(
        cid=section.track, type=TrackType.VIDEO, source=TrackSource.CAMERA, width=1280, height=720
    )
    for quality, rid in enumerate(section.rids):
        width, height = _SIZES[rid]
        request.layers.append(VideoLayer(quality=quality, width=width, height=height))  # type: ignore[arg-type]
    return request


@dataclass(eq=False)
class LiveKitServer:
    """A server that is reached by LiveKit's protocol."""

    pid: int
    http_port: int
    certificate: RTCCertificate
    tells_lag: bool
    forwards: bool = True
    remark: str = ""

    def participant(self, identity: str, load: Load, *, publishes: bool) -> Participant:
        """See Server."""
        url = f"ws://127.0.0.1:{self.http_port}"
        return LiveKitParticipant(url, self.certificate, identity, load, publishes=publishes)

    async def loop_lag(self) -> dict[float, float] | None:
        """See Server."""
        if not self.tells_lag:
            return None
        async with aiohttp.ClientSession() as http:
            text = await (await http.get(f"http://127.0.0.1:{self.http_port}/metrics")).text()
        return {float(bound): float(count) for bound, count in _LAG.findall(text)} or None


@asynccontextmanager
async def our_relay(native: str = "1") -> AsyncIterator[LiveKitServer]:
    """The relay of this repository; with `native` 0, all of it in Python."""
    async with running_relay(native=native) as relay:
        yield LiveKitServer(relay.child.pid, relay.http_port, RTCCertificate.generateCertificate(), tells_lag=True)


def free_port() -> int:
    """A TCP port nobody listens on at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def livekit_server(path: str) -> AsyncIterator[LiveKitServer]:
    """A LiveKit server's binary, or anything that takes `--config FILE` and the keys of its YAML that we write."""
    http_port = free_port()
    config = {
        "port": http_port,
        "bind_addresses": ["127.0.0.1"],
        "keys": {KEY: SECRET},
        "rtc": {"udp_port": free_port(), "tcp_port": 0, "use_external_ip": False, "node_ip": own_address()},
        "logging": {"level": "error"},
    }
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as folder:
        written = Path(folder) / "livekit.yaml"
        written.write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML, too
        child = await asyncio.create_subprocess_exec(path, "--config", str(written), stdout=subprocess.DEVNULL)
        try:
            await listening(http_port)
            yield LiveKitServer(child.pid, http_port, RTCCertificate.generateCertificate(), tells_lag=False)
        finally:
            await ended(child)


async def listening(port: int) -> None:
    """Wait for a server we started to take connections on this port."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


async def ended(child: asyncio.subprocess.Process) -> None:
    """End a server we started."""
    if child.returncode is None:
        child.terminate()
    try:
        async with asyncio.timeout(5):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
