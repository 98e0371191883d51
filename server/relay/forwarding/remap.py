"""Numbering of an outgoing stream: continuous, whatever incoming streams it is fed from.

A receiver must see one stream without jumps when the layer changes, when forwarding pauses and resumes, and when
the publisher starts anew: sequence numbers, timestamps and VP8 picture numbers are shifted by offsets that change
only there.

Incoming packets are counted by an ordinal and outgoing ones by an index; neither wraps. Their low 16 bits are the
sequence number; the index above them is the roll-over counter that encryption needs (RFC 3711 §3.3.1).
"""

from typing import Final, NamedTuple

from relay.forwarding.leg import NOTHING, Leg, Outlet
from relay.wire.vp8 import Descriptor

_SPANS: Final = 4


class Span(NamedTuple):
    """A run of outgoing packets that came from one source under one offset."""

    source: int
    """Which incoming stream, see `forwarder.Layer.source`."""
    first: int
    """Index of the first outgoing packet."""
    index_offset: int
    timestamp_offset: int
    picture_offset: int
    tl0_offset: int


class Remap(Leg):
    """State of one outgoing stream."""

    __slots__ = ("_spans", "clock_rate_hz", "source")

    def __init__(self, clock_rate_hz: int, ssrc: int, index: int, outlet: Outlet) -> None:
        """`index` is a random number below 2**15."""
        super().__init__(ssrc, index, outlet)
        self.clock_rate_hz: Final = clock_rate_hz
        self.source = NOTHING
        """What it was fed from last, see `Layer.source`."""
        self._spans: tuple[Span, ...] = ()

    def begin(
        self, source: int, ordinal: int, timestamp: int, at_us: int, descriptor: Descriptor | None = None
    ) -> None:
        """The packet with these incoming numbers continues the stream: choose offsets that fit it on.

        From another source the timestamp advances by the time that passed; from the same one the clock is the same.
        """
        self.first_ordinal = ordinal
        self.index_offset = self.index + 1 - ordinal
        if self.source not in {source, NOTHING}:
            passed = max(1, (at_us - self.sent_at_us) * self.clock_rate_hz // 1_000_000)
            self.timestamp_offset = (self.timestamp + passed - timestamp) & 0xFFFFFFFF
        self.follows = self.source = source
        if descriptor is not None and self.picture_id >= 0:
            self.picture_offset = (self.picture_id + 1 - descriptor.picture_id) & 0x7FFF
        if descriptor is not None and self.tl0 >= 0:
            self.tl0_offset = (self.tl0 + 1 - descriptor.tl0) & 0xFF
        first = self.index + 1
        span = Span(source, first, self.index_offset, self.timestamp_offset, self.picture_offset, self.tl0_offset)
        self._spans = (*self._spans, span)[-_SPANS:]

    def advance(self, ordinal: int, timestamp: int, at_us: int, descriptor: Descriptor | None = None) -> None:
        """An incoming packet of the current source goes out; of several, it is enough to tell the newest."""
        index = ordinal + self.index_offset
        if index <= self.index:
            return
        self.index = index
        self.timestamp = (timestamp + self.timestamp_offset) & 0xFFFFFFFF
        self.sent_at_us = at_us
        if descriptor is None:
            return
        if descriptor.picture_id_at >= 0:
            self.picture_id = (descriptor.picture_id + self.picture_offset) & 0x7FFF
        if descriptor.tl0_at >= 0:
            self.tl0 = (descriptor.tl0 + self.tl0_offset) & 0xFF

    def timestamp_at(self, at_us: int) -> int:
        """What a packet sent now would be stamped with, if it were of the same clock as the last one."""
        return (self.timestamp + (at_us - self.sent_at_us) * self.clock_rate_hz // 1_000_000) & 0xFFFFFFFF

    def origin(self, sequence: int) -> tuple[Span, int] | None:
        """Where the packet last sent under this number came from: its span and its incoming sequence number.

        None when no packet was sent under it, or that is too long ago.
        """
        index = self.index - ((self.index - sequence) & 0xFFFF)
        for span in reversed(self._spans):
            if index >= span.first:
                return span, (index - span.index_offset) & 0xFFFF
        return None
