"""What the relay costs: CPU microseconds per forwarded packet, one publisher to thirty receivers.

    python tests/bench/relay.py [--json] [--seconds N] [--load NAME]

Receivers are real on the wire (ICE, DTLS, SRTP, signalling), decrypt every fiftieth packet and count all; they and the
publisher live in this process, the relay in its own, whose user and system time is what is measured. On loopback the
kernel charges the receivers' softirq to the sender, so figures compare on one machine only.
"""

import argparse
import asyncio
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from aioice import stun
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate
from livekit.protocol.models import TrackSource, TrackType
from livekit.protocol.rtc import (
    AddTrackRequest,
    ConnectionSettings,
    JoinRequest,
    Ping,
    SessionDescription,
    SignalRequest,
    SignalResponse,
    WrappedJoinRequest,
)
from OpenSSL import SSL
from pylibsrtp import Policy, Session

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "server")]

from relay.wire import rtp  # noqa: E402
from tests.relay.running import RunningRelay, running_relay, token  # noqa: E402

RECEIVERS: Final = 30
DECRYPTED_OF: Final = 50
SETTLE_S: Final = 1.0
KEEP_ALIVE_S: Final = 4.0
MID_ID, LEVEL_ID, TWCC_ID = 4, 1, 3
OPUS, VP8, RTX = 111, 96, 97


@dataclass(frozen=True)
class Load:
    name: str
    kind: str
    burst: int
    """Packets sent at once, as a frame of video is."""
    per_s: int
    """Bursts a second."""
    payload_bytes: int


LOADS: Final = (
    Load("video-5k", "video", 7, 25, 1_100),
    Load("video-21k", "video", 28, 25, 1_100),
    Load("video-50k", "video", 28, 60, 1_100),
    Load("audio-50", "audio", 1, 50, 120),
    Load("audio-500", "audio", 1, 500, 120),
)


@dataclass(frozen=True)
class Run:
    """One line of the result."""

    server: str
    load: str
    packets_out: int
    cpu_us_per_packet: float
    cpu_share: float
    """Of one core."""
    loss: float
    undecryptable: int


class Client:
    """A participant made of a UDP socket, a DTLS association and a signalling connection."""

    def __init__(self, relay: RunningRelay, certificate: RTCCertificate, *, sends: str = "") -> None:
        """`sends` is "audio" or "video" for the publisher, empty for a receiver."""
        self.received = self.undecryptable = 0
        self.ready = asyncio.Event()
        self.receiving = asyncio.Event()
        """A track was answered with, or our own was accepted."""
        self._relay = relay
        self._sends = sends
        self._certificate = certificate
        self._ufrag, self._password = secrets.token_hex(4), secrets.token_hex(12)
        self._remote: tuple[str, str] | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.setblocking(False)
        self._socket.connect((relay.address, relay.media_port))
        context = certificate._create_ssl_context(srtp_profiles=SRTP_PROFILES)
        self._dtls = SSL.Connection(context)
        self._dtls.set_connect_state()
        self._incoming: Session | None = None
        self._outgoing: Session | None = None
        self._sequence = 0
        self._ssrc = secrets.randbits(31)

    # --- signalling

    async def run(self, http: aiohttp.ClientSession, identity: str, room: str) -> None:
        """Be in the room until cancelled."""
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)
        join = JoinRequest(
            connection_settings=ConnectionSettings(auto_subscribe=True),
            publisher_offer=SessionDescription(type="offer", sdp=self._offer(), id=1),
        )
        if self._sends:
            kind = TrackType.AUDIO if self._sends == "audio" else TrackType.VIDEO
            source = TrackSource.MICROPHONE if self._sends == "audio" else TrackSource.CAMERA
            join.add_track_requests.add().CopyFrom(AddTrackRequest(cid="track", type=kind, source=source))
        wrapped = WrappedJoinRequest(join_request=join.SerializeToString()).SerializeToString()
        query = {"access_token": token(identity, room), "join_request": _base64(wrapped)}
        try:
            async with http.ws_connect("/rtc/v1", params=query) as signalling, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_alive(signalling))
                async for message in signalling:
                    await self._on_signal(signalling, SignalResponse.FromString(message.data))
        finally:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()

    async def _keep_alive(self, signalling: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            self._check()
            if not self.ready.is_set():
                self._shake()
                await asyncio.sleep(0.1)
            else:
                await signalling.send_bytes(SignalRequest(ping_req=Ping(timestamp=1)).SerializeToString())
                await asyncio.sleep(KEEP_ALIVE_S)

    async def _on_signal(self, signalling: aiohttp.ClientWebSocketResponse, response: SignalResponse) -> None:
        kind = response.WhichOneof("message")
        if kind == "answer":
            lines = response.answer.sdp.split("\r\n")
            named = {line.partition(":")[0]: line.partition(":")[2] for line in lines}
            self._remote = (named["a=ice-ufrag"], named["a=ice-pwd"])
            if "a=sendonly" in lines or (self._sends and "a=recvonly" in lines):
                self.receiving.set()
        elif kind == "media_sections_requirement":
            offer = SessionDescription(type="offer", sdp=self._offer(), id=2)
            await signalling.send_bytes(SignalRequest(offer=offer).SerializeToString())

    def _offer(self) -> str:
        digest = next(f.value for f in self._certificate.getFingerprints() if f.algorithm == "sha-256")
        direction = "sendonly" if self._sends else "recvonly"
        kinds = [self._sends] if self._sends else ["audio", "video"]
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"]
        for mid, kind in enumerate(kinds):
            formats = f"{OPUS}" if kind == "audio" else f"{VP8} {RTX}"
            codecs = [f"{OPUS} opus/48000/2"] if kind == "audio" else [f"{VP8} VP8/90000", f"{RTX} rtx/90000"]
            lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {formats}", f"a=mid:{mid}", f"a={direction}"]
            lines += [f"a=ice-ufrag:{self._ufrag}", f"a=ice-pwd:{self._password}", "a=setup:active"]
            lines += [f"a=fingerprint:sha-256 {digest}", f"a=extmap:{MID_ID} {rtp.MID}"]
            lines += [f"a=extmap:{LEVEL_ID} {rtp.AUDIO_LEVEL}", f"a=extmap:{TWCC_ID} {rtp.TRANSPORT_CC}"]
            lines += [f"a=rtpmap:{codec}" for codec in codecs]
            lines += [f"a=fmtp:{RTX} apt={VP8}"] if kind == "video" else []
            lines += ["a=msid:- track"] if self._sends else []
        return "\r\n".join(lines) + "\r\n"

    # --- transport

    def _check(self) -> None:
        """A connectivity check, or the proof that we are still here."""
        if self._remote is None:
            return
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._remote[0]}:{self._ufrag}"
        request.attributes["PRIORITY"] = 1
        request.attributes["ICE-CONTROLLING"] = 1
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._remote[1].encode())
        self._socket.send(bytes(request))

    def _shake(self) -> None:
        if self._remote is None:
            return
        try:
            self._dtls.do_handshake()
        except SSL.WantReadError:
            pass
        else:
            if not self.ready.is_set():
                self._take_keys()
                self.ready.set()
        try:
            self._socket.send(self._dtls.bio_read(4096))
        except SSL.Error:
            pass  # nothing to send

    def _take_keys(self) -> None:
        chosen = self._dtls.get_selected_srtp_profile()
        profile = next(profile for profile in SRTP_PROFILES if profile.openssl_profile == chosen)
        length = 2 * (profile.key_length + profile.salt_length)
        material = self._dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", length)
        ours, theirs = (profile.get_key_and_salt(material, index) for index in (0, 1))
        self._outgoing = Session(_policy(ours, Policy.SSRC_ANY_OUTBOUND, profile.libsrtp_profile))
        self._incoming = Session(_policy(theirs, Policy.SSRC_ANY_INBOUND, profile.libsrtp_profile))

    def _readable(self) -> None:
        receive = self._socket.recv
        while True:
            try:
                datagram = receive(2048)
            except (BlockingIOError, ConnectionRefusedError):
                return
            first = datagram[0]
            if first > 127:
                self._on_media(datagram)
            elif first > 19:
                self._dtls.bio_write(datagram)
                self._shake()

    def _on_media(self, datagram: bytes) -> None:
        if rtp.is_rtcp(datagram) or self._incoming is None:
            return
        self.received += 1
        if self.received % DECRYPTED_OF == 0:
            try:
                self._incoming.unprotect(datagram)
            except Exception:  # whatever it is, it is counted
                self.undecryptable += 1

    def send(self, load: Load, at_s: float) -> None:
        """One burst: a video frame of several packets, or one audio packet."""
        assert self._outgoing is not None
        is_video = load.kind == "video"
        stamp = int(at_s * (90_000 if is_video else 48_000)) & 0xFFFFFFFF
        for number in range(load.burst):
            self._sequence += 1
            elements = [(MID_ID, b"0"), (TWCC_ID, (self._sequence & 0xFFFF).to_bytes(2, "big"))]
            if not is_video:
                elements.append((LEVEL_ID, b"\x94"))
            last = number == load.burst - 1
            header = rtp.HEADER.pack(
                0x90, (0x80 if last else 0) | (VP8 if is_video else OPUS), self._sequence & 0xFFFF, stamp, self._ssrc
            )
            start = b"\x10\x10" if number == 0 else b"\x00\x10"
            payload = start + bytes(load.payload_bytes - 2)
            packet = self._outgoing.protect(header + rtp.pack_elements(elements) + payload)
            try:
                self._socket.send(packet)
            except BlockingIOError:
                pass


def _policy(key: bytes, direction: int, profile: int) -> Policy:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile)
    policy.window_size = 1024
    return policy


def _base64(raw: bytes) -> str:
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(raw).decode()


def cpu_s(pid: int) -> float:
    """User and system time of a process, all threads, from the scheduler's own nanosecond count."""
    tasks = Path(f"/proc/{pid}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


@asynccontextmanager
async def _room(relay: RunningRelay, load: Load) -> AsyncIterator[tuple[Client, list[Client]]]:
    """The publisher and its receivers, all connected and the track negotiated."""
    certificate = RTCCertificate.generateCertificate()
    async with aiohttp.ClientSession(relay.url) as http, asyncio.TaskGroup() as tasks:
        publisher = Client(relay, certificate, sends=load.kind)
        receivers = [Client(relay, certificate) for _ in range(RECEIVERS)]
        running = [tasks.create_task(publisher.run(http, "publisher", load.name))]
        running += [tasks.create_task(r.run(http, f"receiver-{n}", load.name)) for n, r in enumerate(receivers)]
        async with asyncio.timeout(60):
            for client in (publisher, *receivers):
                await client.ready.wait()
                await client.receiving.wait()
        yield publisher, receivers
        for task in running:
            task.cancel()


async def _send(publisher: Client, load: Load, seconds: float) -> int:
    """Send at an even pace; how many packets went out."""
    begin = time.monotonic()
    bursts = int(seconds * load.per_s)
    for burst in range(bursts):
        due = begin + burst / load.per_s
        await asyncio.sleep(max(0, due - time.monotonic()))
        publisher.send(load, due)
    return bursts * load.burst


async def measure(load: Load, seconds: float) -> Run:
    async with running_relay(max_participants_per_room=str(RECEIVERS + 1)) as relay:
        async with _room(relay, load) as (publisher, receivers):
            await _send(publisher, load, SETTLE_S)
            await asyncio.sleep(0.3)
            before, cpu_before, began = sum(r.received for r in receivers), cpu_s(relay.child.pid), time.monotonic()
            sent = await _send(publisher, load, seconds)
            await asyncio.sleep(0.3)
            used, wall = cpu_s(relay.child.pid) - cpu_before, time.monotonic() - began
            arrived = sum(r.received for r in receivers) - before
        expected = sent * RECEIVERS
        return Run(
            server="relay",
            load=load.name,
            packets_out=arrived,
            cpu_us_per_packet=round(used / max(1, arrived) * 1e6, 2),
            cpu_share=round(used / wall, 3),
            loss=round(max(0.0, 1 - arrived / expected), 5),
            undecryptable=sum(r.undecryptable for r in receivers),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--seconds", type=float, default=8.0, help="measured time of each load")
    parser.add_argument("--load", choices=[load.name for load in LOADS], help="only this one")
    options = parser.parse_args()
    os.environ.setdefault("PYTHONHASHSEED", "0")
    runs: list[dict[str, Any]] = []
    if not options.json:
        print(f"{'load':<11}{'packets out':>13}{'µs/packet':>11}{'of a core':>11}{'loss':>9}")
    for load in LOADS:
        if options.load in (None, load.name):
            run = asyncio.run(measure(load, options.seconds))
            runs.append(asdict(run))
            if not options.json:
                print(
                    f"{run.load:<11}{run.packets_out:>13}{run.cpu_us_per_packet:>11.2f}"
                    f"{run.cpu_share:>10.1%} {run.loss:>8.3%}",
                    flush=True,
                )
    if options.json:
        print(json.dumps({"runs": runs}))


if __name__ == "__main__":
    main()
