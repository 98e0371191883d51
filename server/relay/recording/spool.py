"""The raw form of a recorded stream: packets as they came, one record after the other.

A file begins with `MAGIC`; a record is kind (1 byte), length of the body (2), CRC-32 of both kind and body (4), body;
numbers are big endian. It can be read up to the last whole record: a program that is killed, or a disk that is
full, leaves at most one that is not.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from struct import Struct
from typing import Any, BinaryIO, Final

MAGIC: Final = b"RELAYSP1"
CODECS: Final[Mapping[str, int]] = {"opus": 1, "vp8": 2, "h264": 3, "red": 4}
"""Name -> its number in a packet's record."""

_NAMES: Final = {number: name for name, number in CODECS.items()}
_HEAD: Final = Struct("!BHI")
_PACKET: Final = Struct("!QIIHB")
_REPORT: Final = Struct("!QIQI")
_TURN: Final = Struct("!QB")
_DESCRIPTION, _RECEIVED, _CLOCK, _TURNED = 0, 1, 2, 3
_MARKER: Final = 0x80


@dataclass(frozen=True, slots=True)
class Description:
    """Whose stream it is, as of its beginning."""

    track: str
    participant: str
    """Sid of the participant; its streams have one clock."""
    identity: str
    name: str
    kind: str
    """audio or video."""
    source: str
    """LiveKit's name of the track source in lower case: camera, microphone, screen_share, screen_share_audio."""
    clock_rate_hz: int
    began_at_us: int
    width: int = 0
    height: int = 0
    """Of pictures, as their publisher announced them."""


@dataclass(frozen=True, slots=True)
class Packet:
    at_us: int
    """When the relay's kernel received it, microseconds since 1970."""
    ssrc: int
    timestamp: int
    sequence: int
    marker: bool
    codec: str
    """Empty for one that a later version knows."""
    payload: bytes
    """Without padding."""


@dataclass(frozen=True, slots=True)
class ClockReport:
    """The publisher's clock (NTP format, 64 bits) at a timestamp of one of its streams."""

    at_us: int
    ssrc: int
    ntp: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Turned:
    """From here on, the publisher's camera is held otherwise (3GPP TS 26.114 §7.4.5)."""

    at_us: int
    quarters: int
    """Quarter turns clockwise that a viewer has to make, 0 to 3."""


Record = Description | Packet | ClockReport | Turned


def pack_description(description: Description) -> bytes:
    """Names of more than some ten thousand characters do not fit."""
    return _record(_DESCRIPTION, json.dumps(asdict(description), ensure_ascii=False).encode())


def pack_packet(at_us: int, ssrc: int, timestamp: int, sequence: int, marker_codec: tuple[int, int]) -> bytes:
    """The fixed part of a packet's body, which its payload follows; `marker_codec` is (0x80 or 0, codec number)."""
    return _PACKET.pack(at_us, ssrc, timestamp, sequence, marker_codec[0] | marker_codec[1])


def received(fixed: bytes, payload: bytes) -> bytes:
    """A packet's record, of its fixed part and its payload."""
    return _record(_RECEIVED, fixed + payload)


def pack_report(report: ClockReport) -> bytes:
    return _record(_CLOCK, _REPORT.pack(report.at_us, report.ssrc, report.ntp, report.timestamp))


def pack_turned(turned: Turned) -> bytes:
    return _record(_TURNED, _TURN.pack(turned.at_us, turned.quarters))


def _record(kind: int, body: bytes) -> bytes:
    return _HEAD.pack(kind, len(body), zlib.crc32(body, kind)) + body


def read(file: BinaryIO) -> Iterator[Record]:
    """The whole records of a spool in the order they were written; what follows a broken one is left out.

    Kinds of a later version are passed over.
    """
    if file.read(len(MAGIC)) != MAGIC:
        return
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        kind, length, checksum = _HEAD.unpack(head)
        body = file.read(length)
        if len(body) != length or zlib.crc32(body, kind) != checksum:
            return
        record = _parse(kind, body)
        if record is not None:
            yield record


def _parse(kind: int, body: bytes) -> Record | None:
    if kind == _RECEIVED:
        at_us, ssrc, timestamp, sequence, label = _PACKET.unpack_from(body)
        codec = _NAMES.get(label & ~_MARKER, "")
        return Packet(at_us, ssrc, timestamp, sequence, bool(label & _MARKER), codec, body[_PACKET.size :])
    if kind == _CLOCK:
        return ClockReport(*_REPORT.unpack(body))
    if kind == _TURNED:
        return Turned(*_TURN.unpack(body))
    if kind == _DESCRIPTION:
        fields: dict[str, Any] = json.loads(body)
        return Description(**fields)
    return None
