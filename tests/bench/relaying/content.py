"""RTP packets with something in them that their receiver can check, and the reports that go with them."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from struct import Struct
from typing import Final

from relay.wire import rtp
from tests.bench.relaying.loads import Stream

OPUS, VP8, RTX = 111, 96, 97
LEVEL_ID, ABS_SEND_TIME_ID, TWCC_ID, MID_ID, RID_ID = 1, 2, 3, 4, 10
CLOCK_RATE_HZ: Final = {"audio": 48_000, "video": 90_000}

_STAMP: Final = Struct("!QI")
"""When it was sent, nanoseconds since 1970 by the clock of this machine, and its number in the stream."""
_FILLING: Final = bytes(7 * number % 251 for number in range(1_500))
_DESCRIPTOR: Final = Struct("!BBHBB")
"""VP8 payload descriptor with a picture number of 15 bits and temporal layer indices (RFC 7741 §4.2)."""
_FRAME_HEADER: Final = bytes.fromhex("9d012a80026801")
"""Start code of a key frame and 640x360 (RFC 6386 §9.1)."""
_VIDEO_PREFIX: Final = _DESCRIPTOR.size + 3 + len(_FRAME_HEADER)
_AUDIO_PREFIX: Final = 1
_KEY_FRAME_S: Final = 1
"""A key frame every second: who joins or changes the layer need not ask."""
_EPOCH_1900: Final = 2_208_988_800
_REMB_BPS: Final = 100_000_000


Frame = Iterable[tuple[bytes, bool]]
"""Payloads, each with whether it is the last of its frame."""


def stamped(stream: Stream) -> Callable[[int, int], Frame]:
    """What frame of this number is made of, the packets before it being so many; stamped as it is asked for."""

    def frame(number: int, packets: int) -> Frame:
        is_key = number % (stream.per_s * _KEY_FRAME_S) == 0
        for place in range(stream.burst):
            prefix = _video_prefix(number, first=place == 0, key=is_key) if stream.kind == "video" else b"\xfc"
            stamp = _STAMP.pack(time.time_ns(), packets + place)
            filling = _FILLING[: stream.payload_bytes - len(prefix) - _STAMP.size]
            yield prefix + stamp + filling, place == stream.burst - 1

    return frame


def _video_prefix(frame: int, *, first: bool, key: bool) -> bytes:
    descriptor = _DESCRIPTOR.pack(0x90 if first else 0x80, 0xE0, 0x8000 | frame & 0x7FFF, frame & 0xFF, 0)
    return descriptor + (b"\x10\x02\x00" if key else b"\x11\x02\x00") + _FRAME_HEADER


class Source:
    """Makes the packets of one stream."""

    def __init__(self, stream: Stream, mid: str, frames: Callable[[int, int], Frame] | None = None) -> None:
        """`mid` names the section of the offer that the stream belongs to; `frames` are stamped ones unless given."""
        self.stream = stream
        self.ssrc = secrets.randbits(31)
        self.packets = self.octets = 0
        self._frames = frames or stamped(stream)
        self._number = 0
        self._mid = mid
        self._timestamp = 0

    def burst(self, transport_numbers: Iterator[int]) -> Iterator[bytes]:
        """The packets of the next frame."""
        self._timestamp = self._number * CLOCK_RATE_HZ[self.stream.kind] // self.stream.per_s & 0xFFFFFFFF
        for payload, is_last in self._frames(self._number, self.packets):
            self.packets += 1
            self.octets += len(payload)
            yield self._header(is_last, next(transport_numbers) & 0xFFFF) + payload
        self._number += 1

    def _header(self, marker: bool, transport_number: int) -> bytes:
        is_video = self.stream.kind == "video"
        elements = [(TWCC_ID, transport_number.to_bytes(2, "big")), (MID_ID, self._mid.encode())]
        if self.stream.rid:
            elements.append((RID_ID, self.stream.rid.encode()))
        if not is_video:
            elements.append((LEVEL_ID, b"\x94"))
        marker_type = (0x80 if marker else 0) | (VP8 if is_video else OPUS)
        fixed = rtp.HEADER.pack(0x90, marker_type, self.packets & 0xFFFF, self._timestamp, self.ssrc)
        return fixed + rtp.pack_elements(elements)

    def sender_report(self) -> bytes:
        """What maps its timestamps to the wall clock (RFC 3550 §6.4.1)."""
        now_ns = time.time_ns()
        ntp = ((now_ns // 10**9 + _EPOCH_1900) << 32) + ((now_ns % 10**9 << 32) // 10**9)
        body = ntp.to_bytes(8, "big") + self._timestamp.to_bytes(4, "big")
        body += (self.packets & 0xFFFFFFFF).to_bytes(4, "big") + (self.octets & 0xFFFFFFFF).to_bytes(4, "big")
        return b"\x80\xc8\x00\x06" + self.ssrc.to_bytes(4, "big") + body


def transport_numbers() -> Iterator[int]:
    """One sequence for all streams of a connection."""
    return count(1)


def read(packet: bytes) -> tuple[int, int] | None:
    """When a decrypted packet was sent, nanoseconds since 1970, and its number; None if it is not what was sent."""
    begin, _ = rtp.split(packet)
    begin += _VIDEO_PREFIX if packet[1] & 0x7F == VP8 else _AUDIO_PREFIX
    filling = packet[begin + _STAMP.size :]
    if len(filling) < 16 or filling != _FILLING[: len(filling)]:
        return None
    sent_at_ns, number = _STAMP.unpack_from(packet, begin)
    return sent_at_ns, number


_REPORT_BLOCK: Final = Struct("!IIIIII")
_BLOCKS_AT_MOST: Final = 31


def receiver_report(ours: int, highest: dict[int, int]) -> bytes:
    """Nothing was lost, and the line would carry much more: what a receiver on a good line says every second.

    highest  by SSRC, the extended highest sequence number
    """
    heard = list(highest.items())[:_BLOCKS_AT_MOST]
    blocks = b"".join(_REPORT_BLOCK.pack(ssrc, 0, number & 0xFFFFFFFF, 0, 0, 0) for ssrc, number in heard)
    report = (
        bytes((0x80 | len(heard), 201)) + (1 + 6 * len(heard)).to_bytes(2, "big") + ours.to_bytes(4, "big") + blocks
    )
    exponent = max(0, _REMB_BPS.bit_length() - 18)
    rate = exponent << 18 | _REMB_BPS >> exponent
    named = list(highest)[:_BLOCKS_AT_MOST]
    remb = b"REMB" + bytes((len(named),)) + rate.to_bytes(3, "big")
    remb += b"".join(ssrc.to_bytes(4, "big") for ssrc in named)
    size = (2 + len(remb) // 4).to_bytes(2, "big")
    return report + b"\x8f\xce" + size + ours.to_bytes(4, "big") + bytes(4) + remb
