"""What the relay must know of a codec: where a receiver can begin, and which numbers have to go on without a jump.

A codec is added by an entry in `CODECS`; nothing else in the packet path knows one from another. All of it lies outside
the encoded frame, so that it can be read when the frame is encrypted end to end.
"""

from collections.abc import Callable, Mapping
from struct import Struct
from typing import Final, NamedTuple

from relay.wire import Malformed, h264, red, vp8


class Reading(NamedTuple):
    """What one packet says."""

    startable: bool
    """A receiver can begin with it: it needs nothing that came before."""
    pictures: vp8.Descriptor | None
    """Picture numbers in the payload, which must go on when the source changes; None when there are none."""
    blocks: red.Blocks | None = None
    """The frames in redundant audio; None when the payload is one frame or a part of one."""


Codec = Callable[[memoryview], Reading]
"""Reads a payload; what cannot be read is not startable, and passes on as it came."""

_BEGIN_ANYWHERE: Final = Reading(startable=True, pictures=None)
_UNREADABLE: Final = Reading(startable=False, pictures=None)


def _opus(_: memoryview) -> Reading:
    return _BEGIN_ANYWHERE


def _red(payload: memoryview) -> Reading:
    try:
        return Reading(startable=True, pictures=None, blocks=red.parse(payload))
    except Malformed:
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


CODECS: Final[Mapping[str, Codec]] = {"opus": _opus, "red": _red, "vp8": _vp8, "h264": _h264}
"""By name in lower case, as SDP and `UpTrack.codecs` have it."""


def read(codec: str, payload: memoryview) -> Reading:
    """An unknown codec cannot be begun with."""
    reader = CODECS.get(codec)
    return reader(payload) if reader is not None else _UNREADABLE


_PICTURE_AND_TL0: Final = Struct("!HB")


def renumber(payload: memoryview, reading: Reading, picture_offset: int, tl0_offset: int) -> None:
    """Write the picture numbers that the packet came with, shifted, into a payload as long as its own."""
    pictures = reading.pictures
    if pictures is None:
        return
    at, tl0_at = pictures.picture_id_at, pictures.tl0_at
    if pictures.wide and tl0_at == at + 2:  # as every simulcast sender writes them: one write for both
        picture = 0x8000 | pictures.picture_id + picture_offset & 0x7FFF
        _PICTURE_AND_TL0.pack_into(payload, at, picture, pictures.tl0 + tl0_offset & 0xFF)
        return
    if at >= 0:
        picture = pictures.picture_id + picture_offset
        if pictures.wide:
            payload[at] = 0x80 | picture >> 8 & 0x7F
            payload[at + 1] = picture & 0xFF
        else:
            payload[at] = picture & 0x7F
    if tl0_at >= 0:
        payload[tl0_at] = pictures.tl0 + tl0_offset & 0xFF


def renumbered(payload: memoryview, reading: Reading, picture_offset: int, tl0_offset: int) -> bytes | memoryview:
    """The payload with its picture numbers shifted; as long as before, and the same object when nothing changes."""
    if reading.pictures is None or not (picture_offset or tl0_offset):
        return payload
    changed = bytearray(payload)
    renumber(memoryview(changed), reading, picture_offset, tl0_offset)
    return bytes(changed)


def blocks_for(payload: bytes | memoryview, reading: Reading, payload_type: int | None) -> memoryview:
    """Redundant audio as a receiver has it: its frames under the payload type it knows them by, or the newest alone.

    payload_type  None for a receiver without redundant audio
    """
    blocks = reading.blocks
    if blocks is None:
        return memoryview(payload)
    if payload_type is None:
        return memoryview(payload)[blocks.primary_at :]
    return memoryview(red.relabelled(payload, blocks, payload_type))
