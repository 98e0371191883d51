"""A registry without sockets: captured offers, links that are up when the test says so, a clock that the test moves."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from livekit.protocol.models import ParticipantInfo, TrackInfo, TrackSource, TrackType, VideoLayer, VideoQuality
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.rtc import (
    AddTrackRequest,
    ConnectionSettings,
    JoinRequest,
    RequestResponse,
    SessionDescription,
    SignalRequest,
    SignalResponse,
)

from relay.forwarding.forwarder import Flush
from relay.forwarding.leg import Leg
from relay.forwarding.runs import Run
from relay.rooms.peer import Peer
from relay.rooms.permission import Permission
from relay.rooms.ports import Limits, LinkListener, Surroundings, World
from relay.rooms.registry import Capacity, Registry
from relay.rooms.requests import carry_out
from relay.rooms.room import Room
from relay.tokens import Claims
from relay.wire import rtp
from relay.wire.sdp import Credentials, Fingerprint

SDP = Path(__file__).parent / "sdp"
JOIN = (SDP / "chromium156-join-offer.sdp").read_text()
PUBLISHING = (SDP / "chromium156-publishing-and-subscribed-offer.sdp").read_text()
FIREFOX = (SDP / "firefox153-publishing-offer.sdp").read_text()
CAMERA_CID = "a17a55eb-ab11-42db-af2f-c9645e01a60f"
MID_ID, RID_ID, REPAIRED_ID = 4, 10, 11
"""Header extension ids in Chromium's offers."""


def fail(error: Exception) -> None:
    raise error


ALL_RIGHTS = Permission()
EVERYTHING = ConnectionSettings(auto_subscribe=True)
"""What clients say unless their program wants it otherwise."""


@dataclass
class FakeLink:
    """A link that is up when the test says so."""

    listener: LinkListener
    up: bool = False
    closed: bool = False
    restarts: int = 0
    silence_s: float = 0.0
    peer: Fingerprint | None = None
    rtp: list[bytes] = field(default_factory=list)
    rtcp: list[bytes] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)

    @property
    def credentials(self) -> Credentials:
        ufrag = f"ufrag{self.restarts}"
        return Credentials(ufrag, "password", Fingerprint("sha-256", "AA"), ("1 1 udp 1 192.0.2.9 7882 typ host",))

    def silent_s(self) -> float:
        return self.silence_s

    def start(self, peer: Fingerprint) -> None:
        self.peer = peer

    def restart(self) -> None:
        self.restarts += 1

    @property
    def outlet(self) -> "FakeLink":
        return self

    def send(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> None:
        self.rtp.append(header + bytes(payload))

    def send_run(self, run: Run, leg: Leg) -> None:
        self.rtp += in_clear(run, leg)

    def send_rtcp(self, compound: bytes) -> None:
        self.rtcp.append(compound)

    def defer(self, flush: Flush) -> None:
        flush(fail)

    def forget(self, ssrc: int) -> None:
        self.forgotten.append(ssrc)

    def end(self, ssrc: int) -> None:
        self.ended.append(ssrc)

    def close(self) -> None:
        self.closed, self.up = True, False

    def connect(self) -> None:
        self.up = True
        self.listener.on_up()


def in_clear(run: Run, leg: Leg) -> Iterator[bytes]:
    """The packets of a run as this receiver decrypts them."""
    for slot in run.layout.slots:
        index = slot.ordinal + leg.index_offset & 0xFFFF
        stamp = slot.timestamp + leg.timestamp_offset & 0xFFFFFFFF
        yield struct.pack("!HHII", slot.word, index, stamp, leg.ssrc) + slot.header[12:] + slot.payload


@dataclass
class FakeOutbox:
    sent: list[SignalResponse] = field(default_factory=list)
    closed: bool = False

    def put(self, response: SignalResponse) -> None:
        self.sent.append(response)

    def close(self) -> None:
        self.closed = True

    def kinds(self) -> list[str | None]:
        return [response.WhichOneof("message") for response in self.sent]

    def last(self, kind: str) -> SignalResponse:
        return next(response for response in reversed(self.sent) if response.WhichOneof("message") == kind)


class House:
    """A registry with a clock that the test moves."""

    def __init__(self, *, simulations: bool = True) -> None:
        self.now_s = 1_000.0
        self.links: list[FakeLink] = []
        self.events: list[str] = []
        numbers = count(1)
        world = World(
            now_s=lambda: self.now_s,
            wall_us=lambda: int(self.now_s * 1e6),
            new_sid=lambda prefix: f"{prefix}_{next(numbers)}",
            random_bits=lambda bits: next(numbers) % (1 << bits),
        )
        self.renewed: list[tuple[Claims, Permission]] = []
        limits = Limits(tracks=3, sdp_bytes=1 << 20, sections=64, metadata_bytes=1_000)
        surroundings = Surroundings(self.open, world, limits, self.renew, simulations=simulations)
        capacity = Capacity(participants=10, participants_per_room=5, rooms=2)
        self.registry = Registry(surroundings, self.tell, capacity=capacity, departure_s=20)

    def open(self, listener: LinkListener) -> FakeLink:
        self.links.append(FakeLink(listener))
        return self.links[-1]

    def renew(self, claims: Claims, permission: Permission) -> str:
        self.renewed.append((claims, permission))
        return "renewed"

    @property
    def hall(self) -> Room:
        return self.registry.rooms["hall"]

    def tell(self, name: str, room: RoomInfo, who: ParticipantInfo | None, track: TrackInfo | None) -> None:
        self.events.append(f"{name} {who.identity}" if who else name)

    def enter(
        self,
        identity: str,
        *,
        offer: str = JOIN,
        room: str = "hall",
        not_before_s: int = 1,
        settings: ConnectionSettings = EVERYTHING,
        permission: Permission = ALL_RIGHTS,
    ) -> "Guest":
        outbox = FakeOutbox()
        claims = Claims(identity, "", "", room=room, room_join=True, not_before_s=not_before_s, permission=permission)
        request = JoinRequest(connection_settings=settings)
        _, peer = self.registry.join(claims, request, outbox)
        guest = Guest(self, claims, peer, outbox, self.links[-1])
        if offer:
            guest.offer(offer)
            guest.link.connect()
        return guest

    def pass_time(self, seconds: float) -> None:
        """Let the clock run, tick by tick."""
        for _ in range(int(seconds * 20)):
            self.now_s += 0.05
            self.registry.tick(_fail)


def _fail(error: Exception) -> None:
    raise error


@dataclass
class Guest:
    house: House
    claims: Claims
    peer: Peer
    outbox: FakeOutbox
    link: FakeLink

    def is_gone(self) -> bool:
        return self.link.closed

    def ask(self, **request: Any) -> None:
        """Send a signalling request; see `SignalRequest`."""
        carry_out(self.house.hall, self.peer, SignalRequest(**request))

    def refusals(self) -> list[RequestResponse]:
        return [sent.request_response for sent in self.outbox.sent if sent.HasField("request_response")]

    def receives(self, track: TrackInfo) -> bool:
        """Whether the relay means to send it this track."""
        return track.sid in self.peer.subscriptions

    def offer(self, sdp: str, number: int = 1) -> None:
        self.peer.on_offer(SessionDescription(type="offer", sdp=sdp, id=number))

    def publish_camera(self, cid: str = CAMERA_CID, codec: str = "vp8") -> TrackInfo:
        layers = [
            VideoLayer(quality=quality, width=320 << step, height=180 << step)
            for step, quality in enumerate((VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH))
        ]
        request = AddTrackRequest(
            cid=cid, type=TrackType.VIDEO, source=TrackSource.CAMERA, name="camera", layers=layers
        )
        request.simulcast_codecs.add(codec=codec, cid=cid)
        self.peer.add_track(request)
        self.offer(PUBLISHING, 2)
        return self.outbox.last("track_published").track_published.track

    def receive(self, ssrc: int, sequence: int, elements: rtp.Elements, payload: bytes, kind: int = 96) -> None:
        """A packet of this guest reaches the relay, as from an authenticated address."""
        block = rtp.pack_elements(elements)
        packet = rtp.HEADER.pack(0x90 if block else 0x80, kind, sequence, 0, ssrc) + block + payload
        if self.peer.admits(packet):
            self.peer.on_rtp(packet, int(self.house.now_s * 1e6))


KEYFRAME = bytes([0x10, 0x10, 0, 0]) + b"picture"
DELTA = bytes([0x10, 0x11, 0, 0]) + b"picture"
