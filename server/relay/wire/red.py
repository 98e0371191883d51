"""Redundant audio: a packet that repeats the frames before it, so that a single loss is not heard.

Source: RFC 2198 §3.
"""

from typing import Final, NamedTuple

from relay.wire import Malformed

_MAX_BLOCKS: Final = 10


class Blocks(NamedTuple):
    """Where things are in a redundant payload; offsets count from its start."""

    labels: tuple[int, ...]
    """Where each block's payload type is written; the last is the primary block's."""
    primary_at: int
    """Where the newest frame begins; it runs to the end."""


def parse(payload: bytes | memoryview) -> Blocks:
    """Raises Malformed."""
    labels: list[int] = []
    at = repeated = 0
    while at < len(payload) and payload[at] & 0x80:
        if at + 4 > len(payload) or len(labels) >= _MAX_BLOCKS:
            raise Malformed("redundant audio with too many blocks")
        labels.append(at)
        repeated += (payload[at + 2] & 0x03) << 8 | payload[at + 3]
        at += 4
    labels.append(at)
    primary_at = at + 1 + repeated
    if primary_at > len(payload):
        raise Malformed("redundant audio runs past the end")
    return Blocks(tuple(labels), primary_at)


def relabelled(payload: bytes | memoryview, blocks: Blocks, payload_type: int) -> bytes:
    """The same frames under the payload type that a receiver knows their codec by."""
    changed = bytearray(payload)
    for at in blocks.labels:
        changed[at] = changed[at] & 0x80 | payload_type
    return bytes(changed)
