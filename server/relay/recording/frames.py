"""Frames out of packets, as a decoder wants them.

Source: RFC 7741 §4 (VP8), RFC 7587 §4 (Opus), RFC 6184 §5 (H.264), RFC 2198 §3 (redundant audio).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from relay.recording.sequence import Ordered
from relay.wire import Malformed, red, vp8

_SPS, _PPS, _IDR, _AGGREGATE, _FRAGMENT = 7, 8, 5, 24, 28
_RED_CLOCK_HZ: Final = 48_000
_MAX_PARTS: Final = 2_048
"""Packets of one picture; the largest that cameras send has some five hundred."""


class Frame(NamedTuple):
    """One picture, or one stretch of sound."""

    run: int
    timestamp_us: int
    """As `Ordered` has it."""
    at_us: int
    """When its last packet arrived."""
    keyframe: bool
    payload: bytes


class Assembler(Protocol):
    """Takes packets in order."""

    lost: int
    """Packets that never came."""

    def push(self, ordered: Ordered) -> Iterator[Frame]:
        """The frames that are whole with this packet."""


class _Row:
    """Whether packets follow one another."""

    def __init__(self) -> None:
        self._next: tuple[int, int] | None = None

    def missing(self, ordered: Ordered) -> int:
        """How many packets are missing before this one; -1 where another stream begins."""
        ssrc, number = ordered.packet.ssrc, ordered.number
        follows, self._next = self._next, (ssrc, number + 1)
        return number - follows[1] if follows is not None and follows[0] == ssrc else -1


class OpusFrames:
    """A packet is a frame; what was lost is taken from redundancy, if there is any."""

    def __init__(self) -> None:
        self.lost = 0
        self._row = _Row()
        self._run = -1
        self._last_us = 0

    def push(self, ordered: Ordered) -> Iterator[Frame]:
        self.lost += max(0, self._row.missing(ordered))
        if ordered.run != self._run:
            self._run, self._last_us = ordered.run, -(1 << 62)
        packet = ordered.packet
        stretches = [(0, packet.payload)] if packet.codec == "opus" else _stretches(packet.payload)
        for age, payload in stretches:
            timestamp_us = ordered.timestamp_us - age * 1_000_000 // _RED_CLOCK_HZ
            if payload and timestamp_us > self._last_us:
                self._last_us = timestamp_us
                yield Frame(ordered.run, timestamp_us, packet.at_us, True, payload)


def _stretches(payload: bytes) -> list[tuple[int, bytes]]:
    """Age (in units of the timestamp) and content of each frame, oldest first; nothing when it cannot be read."""
    try:
        blocks = red.parse(payload)
    except Malformed:
        return []
    return [*((age, payload[begin:end]) for age, begin, end in blocks.older), (0, payload[blocks.primary_at :])]


class VideoFrames:
    """Frames that can be decoded: after a loss, nothing until the next key frame."""

    def __init__(self, codec: "PictureCodec") -> None:
        self.lost = 0
        self.codec = codec
        self._row = _Row()
        self._run = -1
        self._timestamp_us = 0
        self._parts: list[bytes] = []
        """Payloads of the frame that is being put together; empty between frames."""
        self._broken = True

    def push(self, ordered: Ordered) -> Iterator[Frame]:
        packet = ordered.packet
        missing = self._row.missing(ordered)
        if missing:
            self.lost += max(0, missing)
            self._broken, self._parts = True, []
        if not packet.payload:
            return
        if self._parts and ordered.timestamp_us != self._timestamp_us:
            yield from self._complete(packet.at_us)
        if not self._parts and not self.codec.begins(packet.payload):
            return
        self._run, self._timestamp_us = ordered.run, ordered.timestamp_us
        if len(self._parts) >= _MAX_PARTS:
            self._broken, self._parts = True, []
            return
        self._parts.append(packet.payload)
        if packet.marker:
            yield from self._complete(packet.at_us)

    def _complete(self, at_us: int) -> Iterator[Frame]:
        payload, keyframe = self.codec.join(self._parts)
        self._parts = []
        if not payload or (self._broken and not keyframe):
            return
        self._broken = False
        yield Frame(self._run, self._timestamp_us, at_us, keyframe, payload)


class PictureCodec(Protocol):
    """What differs from one video codec to another."""

    def begins(self, payload: bytes) -> bool:
        """Whether a frame begins with this packet."""

    def join(self, payloads: list[bytes]) -> tuple[bytes, bool]:
        """The frame that these packets carry, and whether it is a key frame; nothing if they cannot be read."""


class Vp8:
    """The payload descriptor goes, what follows is the frame."""

    def begins(self, payload: bytes) -> bool:
        return payload[0] & 0x17 == 0x10

    def join(self, payloads: list[bytes]) -> tuple[bytes, bool]:
        try:
            frame = b"".join(payload[vp8.parse(payload).frame_at :] for payload in payloads)
        except Malformed:
            frame = b""
        return frame, bool(frame) and not frame[0] & 1


class H264:
    """NAL units, each behind its length in four bytes, as Matroska has them."""

    def __init__(self) -> None:
        self.parameters: tuple[bytes, bytes] = (b"", b"")
        """The first sequence and picture parameter sets that came."""

    def begins(self, payload: bytes) -> bool:
        """A frame is known by its timestamp; any packet but the rest of a fragmented unit can begin one."""
        return payload[0] & 0x1F != _FRAGMENT or (len(payload) > 1 and payload[1] & 0x80 != 0)

    def join(self, payloads: list[bytes]) -> tuple[bytes, bool]:
        units = _nal_units(payloads)
        kinds = {unit[0] & 0x1F for unit in units}
        if not all(self.parameters):
            found = {unit[0] & 0x1F: unit for unit in reversed(units)}
            self.parameters = (found.get(_SPS, b""), found.get(_PPS, b""))
        frame = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
        return frame, _IDR in kinds and all(self.parameters)


def _nal_units(payloads: list[bytes]) -> list[bytes]:
    units: list[bytearray] = []
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == _FRAGMENT and len(payload) > 2:
            if payload[1] & 0x80:
                units.append(bytearray((payload[0] & 0xE0 | payload[1] & 0x1F,)) + payload[2:])
            elif units:
                units[-1] += payload[2:]
        elif kind == _AGGREGATE:
            at = 1
            while at + 2 < len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                units.append(bytearray(payload[at + 2 : at + 2 + size]))
                at += 2 + size
        elif kind < _AGGREGATE:
            units.append(bytearray(payload))
    return [bytes(unit) for unit in units if unit]
