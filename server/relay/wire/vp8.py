"""The VP8 payload descriptor: enough of it to switch layers without decoding; and of a key frame how large it is.

The descriptor lies outside the frame, so it stays readable when the frame is encrypted end to end.
Source: RFC 7741 §4.2; RFC 6386 §9.1 for the frame.
"""

from typing import NamedTuple

from relay.wire import Malformed


class Descriptor(NamedTuple):
    """What a VP8 payload says about itself; offsets count from the start of the payload, -1 when absent."""

    keyframe: bool
    """The payload begins a frame that can be decoded without any other."""
    picture_id: int
    picture_id_at: int
    wide: bool
    """The picture id has 15 bits instead of 7."""
    tl0: int
    tl0_at: int
    frame_at: int
    """Where the encoded frame, or this piece of it, begins."""


def parse(payload: bytes | memoryview) -> Descriptor:
    """Raises Malformed when the payload ends inside its descriptor."""
    try:
        return _parse(payload)
    except IndexError as error:
        raise Malformed("VP8 descriptor runs past the end") from error


def _parse(payload: bytes | memoryview) -> Descriptor:
    first = payload[0]
    at = 1
    picture_id, picture_id_at, wide, tl0, tl0_at = 0, -1, False, 0, -1
    if first & 0x80:
        present = payload[1]
        at = 2
        if present & 0x80:
            picture_id_at = at
            wide = payload[at] & 0x80 != 0
            picture_id = (payload[at] & 0x7F) << 8 | payload[at + 1] if wide else payload[at]
            at += 2 if wide else 1
        if present & 0x40:
            tl0_at, tl0 = at, payload[at]
            at += 1
        if present & 0x30:
            at += 1
    starts_frame = first & 0x10 and not first & 0x07
    keyframe = bool(starts_frame) and not payload[at] & 1
    return Descriptor(keyframe, picture_id, picture_id_at, wide, tl0, tl0_at, at)


def picture_size(keyframe: bytes) -> tuple[int, int]:
    """Width and height of a key frame in pixels, as it says itself; (0, 0) when it ends before."""
    width, height = (int.from_bytes(keyframe[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return width, height
