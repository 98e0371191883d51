"""H.264 payloads: whether a receiver can begin at one, without decoding.

NAL unit headers stay readable when frames are encrypted end to end. Source: RFC 6184 §5.2, §5.7, §5.8.
"""

from typing import Final

from relay.wire import Malformed

_SEQUENCE_PARAMETERS: Final = 7
_AGGREGATE: Final = 24
_FRAGMENT: Final = 28


def starts_keyframe(payload: bytes | memoryview) -> bool:
    """Whether the payload begins a picture that can be decoded without any other.

    Such a picture is preceded by its sequence parameters, alone in a packet or together with what follows them; an
    IDR slice without them is of no use to who has just come. Raises Malformed.
    """
    if not payload:
        raise Malformed("H.264 payload without a NAL unit")
    kind = payload[0] & 0x1F
    if kind == _FRAGMENT:
        if len(payload) < 2:
            raise Malformed("H.264 fragment without its header")
        return payload[1] & 0x80 != 0 and payload[1] & 0x1F == _SEQUENCE_PARAMETERS
    if kind == _AGGREGATE:
        return _SEQUENCE_PARAMETERS in _aggregated(payload)
    return kind == _SEQUENCE_PARAMETERS


def _aggregated(payload: bytes | memoryview) -> list[int]:
    """The kinds of the NAL units in a STAP-A."""
    kinds = []
    at = 1
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        if at + 2 >= len(payload) or not size or at + 2 + size > len(payload):
            raise Malformed("H.264 aggregate runs past the end")
        kinds.append(payload[at + 2] & 0x1F)
        at += 2 + size
    return kinds
