"""What the relay must know of a codec: where a receiver can begin, and which numbers have to go on without a jump.

A codec is added by an entry in `CODECS`; nothing else in the packet path knows one from another. All of it lies outside
the encoded frame, so that it can be read when the frame is encrypted end to end.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from relay.wire import Malformed, h264, vp8


class Reading(NamedTuple):
    """What one packet says."""

    startable: bool
    """A receiver can begin with it: it needs nothing that came before."""
    pictures: vp8.Descriptor | None
    """Picture numbers in the payload, which must go on when the source changes; None when there are none."""


Codec = Callable[[memoryview], Reading]
"""Reads a payload; what cannot be read is not startable, and passes on as it came."""

_BEGIN_ANYWHERE: Final = Reading(startable=True, pictures=None)
_UNREADABLE: Final = Reading(startable=False, pictures=None)


def _opus(_: memoryview) -> Reading:
    return _BEGIN_ANYWHERE


def _vp8(payload: memoryview) -> Reading:
    try:
        descriptor = vp8.parse(payload)
    except Malformed:
        return _UNREADABLE
    return Reading(descriptor.keyframe, descriptor)


def _h264(payload: memoryview) -> Reading:
    try:
        return Reading(h264.starts_keyframe(payload), None)
    except Malformed:
        return _UNREADABLE


CODECS: Final[Mapping[str, Codec]] = {"opus": _opus, "vp8": _vp8, "h264": _h264}
"""By name in lower case, as SDP and `UpTrack.codecs` have it."""


def read(codec: str, payload: memoryview) -> Reading:
    """An unknown codec cannot be begun with."""
    reader = CODECS.get(codec)
    return reader(payload) if reader is not None else _UNREADABLE


def renumbered(payload: memoryview, reading: Reading, picture_offset: int, tl0_offset: int) -> bytes | memoryview:
    """The payload with its picture numbers shifted; as long as before, and the same object when nothing changes."""
    pictures = reading.pictures
    if pictures is None or not (picture_offset or tl0_offset):
        return payload
    changed = bytearray(payload)
    at = pictures.picture_id_at
    if at >= 0:
        picture = pictures.picture_id + picture_offset
        if pictures.wide:
            changed[at] = 0x80 | picture >> 8 & 0x7F
            changed[at + 1] = picture & 0xFF
        else:
            changed[at] = picture & 0x7F
    if pictures.tl0_at >= 0:
        changed[pictures.tl0_at] = (pictures.tl0 + tl0_offset) & 0xFF
    return bytes(changed)
