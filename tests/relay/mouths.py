"""Every way in which bytes of clients and strangers come into the relay: what feeds it, and what real clients sent.

A mouth takes any bytes. What it must never do is raise: what is malformed is its sender's loss alone. The gate feeds
them with Hypothesis (test_mouths.py), `./run bench fuzz` with coverage.
"""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import DecodeError
from livekit.protocol.models import TrackSource, TrackType
from livekit.protocol.rtc import (
    AddTrackRequest,
    ConnectionSettings,
    JoinRequest,
    SessionDescription,
    SignalRequest,
    WrappedJoinRequest,
)

from relay.forwarding import codecs
from relay.rooms.requests import carry_out
from relay.signal import parse_join_request
from relay.wire import Malformed, dtls, red, rtcp, rtp, stun
from tests.relay.datagrams import binding_request
from tests.relay.house import JOIN, MID_ID, PUBLISHING, REPAIRED_ID, RID_ID, SDP, Guest, House

_PACKETS = json.loads(Path(__file__).with_name("packets.json").read_text())
_RTP = [bytes.fromhex(packet) for packet in _PACKETS["rtp"]]
_RTCP = [bytes.fromhex(packet) for packet in _PACKETS["rtcp"]]
_MAX_BYTES = 1 << 20
_RENEWED_AFTER = 500
"""Inputs after which the participants are new ones: what one input leaves behind is met by many others."""

Feed = Callable[[bytes], None]


@dataclass(frozen=True)
class Mouth:
    name: str
    feed: Feed
    seeds: list[bytes]


def _reads(parse: Callable[[bytes], object]) -> Feed:
    def feed(raw: bytes) -> None:
        with suppress(Malformed):
            parse(raw)

    return feed


def _payloads(raw: bytes) -> None:
    for codec in codecs.CODECS:
        reading = codecs.read(codec, memoryview(raw))
        codecs.renumbered(memoryview(raw), reading, 1, 1)
    with suppress(Malformed):
        red.relabelled(raw, red.parse(raw), 111)


def _join_request(raw: bytes) -> None:
    with suppress(Malformed):
        parse_join_request(raw.decode("latin-1"), _MAX_BYTES)


class _Room:
    """Two participants, one of whom sends in layers to the other."""

    def __init__(self) -> None:
        self._fed = 0
        self._begin()

    def _begin(self) -> None:
        self._house = House()
        self.an, self._binh = self._house.enter("an"), self._house.enter("binh")
        self.an.publish_camera()
        self._binh.offer(JOIN, 2)

    def guest(self) -> Guest:
        self._fed += 1
        if self.an.is_gone() or self._fed % _RENEWED_AFTER == 0:
            self._begin()
        return self.an

    def signal(self, raw: bytes) -> None:
        guest = self.guest()
        with suppress(Malformed, DecodeError):
            carry_out(self._house.hall, guest.peer, SignalRequest.FromString(raw))
        self._house.pass_time(0.05)

    def offer(self, raw: bytes) -> None:
        guest = self.guest()
        with suppress(Malformed):
            guest.offer(raw.decode("utf-8", "replace"), self._fed)

    def media(self, raw: bytes) -> None:
        peer = self.guest().peer
        if len(raw) >= rtp.HEADER_LENGTH and peer.admits(raw):
            peer.on_rtp(raw, int(self._house.now_s * 1e6))
        self._house.pass_time(0.05)

    def control(self, raw: bytes) -> None:
        self.guest().peer.on_rtcp(raw, int(self._house.now_s * 1e6))
        self._house.pass_time(0.05)


def _admitted() -> list[bytes]:
    """What was captured, as the publisher in the room would send it: in its section, by layer and on repair."""
    seeds = []
    for number, packet in enumerate(_RTP):
        begin, elements = rtp.split(packet)
        layer = b"qhf"[number % 3 :][:1]
        repairs = number % 4 == 0
        named = [(MID_ID, b"8"), (REPAIRED_ID if repairs else RID_ID, layer)]
        kept = [(known, value) for known, value in elements if known not in (MID_ID, RID_ID, REPAIRED_ID)]
        head = bytes((packet[0] | 0x10, packet[1] & 0x80 | (97 if repairs else 96))) + packet[2:8]
        ssrc = (500 + number % 3 + 10 * repairs).to_bytes(4, "big")
        seeds.append(head + ssrc + rtp.pack_elements(named + kept) + packet[begin:])
    return seeds


def _requests() -> list[bytes]:
    """One of each kind a client sends."""
    track = AddTrackRequest(cid="x", type=TrackType.AUDIO, source=TrackSource.MICROPHONE)
    made = [
        SignalRequest(ping=1),
        SignalRequest(add_track=track),
        SignalRequest(offer=SessionDescription(type="offer", sdp=PUBLISHING, id=3)),
    ]
    for field in SignalRequest.DESCRIPTOR.fields:
        if field.message_type is not None:
            empty = SignalRequest()
            getattr(empty, field.name).SetInParent()
            made.append(empty)
    return [request.SerializeToString() for request in made]


def _join_requests() -> list[bytes]:
    join = JoinRequest(connection_settings=ConnectionSettings(auto_subscribe=True))
    join.publisher_offer.sdp = "v=0"
    wrapped = WrappedJoinRequest(join_request=join.SerializeToString()).SerializeToString()
    return [base64.urlsafe_b64encode(wrapped)]


def mouths() -> list[Mouth]:
    """Made anew: those with participants behind them remember what they were fed."""
    descriptions = [path.read_bytes() for path in sorted(SDP.glob("*-offer.sdp"))]
    records = [bytes([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 4]) + b"abcd"]
    return [
        Mouth("stun", _reads(stun.parse), [binding_request("ours", "secret")]),
        Mouth("rtp", _reads(rtp.split), _RTP),
        Mouth("rtcp", _reads(rtcp.parse), _RTCP),
        Mouth("payloads", _payloads, [packet[rtp.split(packet)[0] :] for packet in _RTP]),
        Mouth("dtls", _reads(lambda raw: dtls.trusted_records(raw, established=len(raw) % 2 == 0)), records),
        Mouth("join_request", _join_request, _join_requests()),
        Mouth("signal", _Room().signal, _requests()),
        Mouth("offer", _Room().offer, descriptions),
        Mouth("media", _Room().media, _admitted()),
        Mouth("control", _Room().control, _RTCP),
    ]
