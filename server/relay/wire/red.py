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
    older: tuple[tuple[int, int, int], ...]
    """The repeated frames, oldest first: age in units of the timestamp, begin, end."""
    primary_at: int
    """Where the newest frame begins; it runs to the end."""


def parse(payload: bytes | memoryview) -> Blocks:
    """Raises Malformed."""
    at = 0
    while at < len(payload) and payload[at] & 0x80:
        at += 4
    end = at + 1
    if at > 4 * _MAX_BLOCKS:
        raise Malformed("redundant audio with too many blocks")
    older = []
    for head in range(1, at, 4):
        begin, word = end, int.from_bytes(payload[head : head + 3], "big")
        end += word & 0x3FF
        older.append((word >> 10, begin, end))
    if end > len(payload):
        raise Malformed("redundant audio runs past the end")
    return Blocks(tuple(range(0, at + 1, 4)), tuple(older), end)


def relabelled(payload: bytes | memoryview, blocks: Blocks, payload_type: int) -> bytes:
    """The same frames under the payload type that a receiver knows their codec by."""
    changed = bytearray(payload)
    for at in blocks.labels:
        changed[at] = changed[at] & 0x80 | payload_type
    return bytes(changed)
