"""Packets of a spool in the order they were sent, with numbers that do not wrap, cut where a stream begins anew.

Source: RFC 3550 §5.1 (sequence numbers and timestamps wrap), appendix A.1.
"""

import heapq
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from relay.recording.spool import ClockReport, Packet, Record, Turned

_HELD_US: Final = 1_000_000
"""A packet that is sent again arrives within this time, or not at all."""
_PAUSE_US: Final = 500_000
_JUMP_US: Final = 200_000
"""After a pause, timestamps may have gone on or not; a difference of more than this is a new beginning."""
_MAX_JUMP_US: Final = 10_000_000
_MAX_RUNS: Final = 10_000
"""What begins anew more often is no sound and no picture; each beginning is remembered."""


class Ordered(NamedTuple):
    packet: Packet
    run: int
    """Counts beginnings: another layer, another SSRC, timestamps that do not go on after a pause."""
    number: int
    """Sequence number that does not wrap, within one SSRC's run of packets."""
    timestamp_us: int
    """Of the stream's own clock, from any beginning; only differences within a run mean something."""


class Sequencer:
    """State of one stream."""

    def __init__(self, clock_rate_hz: int) -> None:
        self._clock_rate_hz = clock_rate_hz
        self._waiting: list[tuple[int, int, Packet]] = []
        self._ssrc = -1
        self._highest = 0
        self._released = -1
        self._run = -1
        self._timestamp = 0
        self._last: tuple[int, int] | None = None
        """Arrival and timestamp of the last packet released, microseconds."""

    def push(self, packet: Packet) -> Iterator[Ordered]:
        """What is in order by now; a packet is held for a second, in case one before it comes late."""
        if packet.ssrc != self._ssrc:
            yield from self.flush()
            self._ssrc = packet.ssrc
            self._highest = 0x10000 + packet.sequence
            self._released = -1
            self._last = None
        index = self._highest + ((packet.sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        self._highest = max(self._highest, index)
        if index > self._released:
            heapq.heappush(self._waiting, (index, packet.at_us, packet))
        while self._waiting and packet.at_us - self._waiting[0][1] > _HELD_US:
            yield from self._release()

    def flush(self) -> Iterator[Ordered]:
        while self._waiting:
            yield from self._release()

    def _release(self) -> Iterator[Ordered]:
        index, _, packet = heapq.heappop(self._waiting)
        if index == self._released:
            return
        self._released = index
        self._timestamp += ((packet.timestamp - self._timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        timestamp_us = self._timestamp * 1_000_000 // self._clock_rate_hz
        if self._begins_anew(packet.at_us, timestamp_us):
            self._run += 1
        self._last = (packet.at_us, timestamp_us)
        if self._run < _MAX_RUNS:
            yield Ordered(packet, self._run, index, timestamp_us)

    def _begins_anew(self, at_us: int, timestamp_us: int) -> bool:
        if self._last is None:
            return True
        waited_us, advanced_us = at_us - self._last[0], timestamp_us - self._last[1]
        differs_us = abs(waited_us - advanced_us)
        return differs_us > _MAX_JUMP_US or (waited_us > _PAUSE_US and differs_us > _JUMP_US)


def in_order(records: Iterable[Record], clock_rate_hz: int) -> Iterator[Ordered | ClockReport | Turned]:
    """The packets in order; what else is told between them as it came."""
    sequencer = Sequencer(clock_rate_hz)
    for record in records:
        if isinstance(record, Packet):
            yield from sequencer.push(record)
        elif isinstance(record, ClockReport | Turned):
            yield record
    yield from sequencer.flush()
