"""Packets on their way from one incoming stream to many receivers, read once and laid out once for all of them.

What arrived of a stream in one wake-up is a `Batch`. Receivers differ in numbers only, as long as they have the same
payload type and extension ids (their `Shape`); a `Run` is a batch laid out for one shape. Its buffer has a place for
each packet, one behind another, so that a sender only has to fill in numbers and encrypt, and can pass neighbours of
one size to the kernel at once.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from relay.forwarding import codecs
from relay.forwarding.leg import Leg
from relay.wire import rtp

SEAL_LENGTH: Final = 16
"""Bytes that AES-GCM adds to a payload."""
MAX_PACKETS: Final = 64
"""In a batch; as many as the kernel takes in one call."""
_MAX_BURST_BYTES: Final = 65_000
"""A little below what one UDP datagram could hold: the kernel's limit for all segments of one call together."""
_EXTENSION_BIT: Final = 0x1000


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What receivers must have in common to be served from one run. Made by `shape`."""

    payload_type: int
    extension_ids: tuple[tuple[str, int], ...]
    """URI and id of the header extensions passed on."""
    blocks_type: int | None = None
    """Payload type of the frames in redundant audio; None for receivers that get the newest frame alone."""


@lru_cache(maxsize=1024)
def shape(payload_type: int, extension_ids: tuple[tuple[str, int], ...], blocks_type: int | None = None) -> Shape:
    """The same object for the same values, so that it is found by identity."""
    return Shape(payload_type, extension_ids, blocks_type)


@dataclass(slots=True, eq=False)
class Incoming:
    """A packet, read once for all its receivers."""

    source: int
    """Which of its track's streams it is of, see `forwarder.Layer.source`."""
    layer: int
    word: int
    """The first 16 bits of its header, without extension bit, CSRC count and payload type."""
    ordinal: int
    timestamp: int
    codec: str
    payload: memoryview
    reading: codecs.Reading
    extensions: dict[str, bytes]
    at_us: int

    def extension(self, shape: Shape) -> bytes:
        """The header extension block for receivers of this shape, empty when nothing is to be said."""
        present = self.extensions
        if not present:
            return b""
        return rtp.pack_elements([(number, present[uri]) for uri, number in shape.extension_ids if uri in present])


class Slot(NamedTuple):
    """One packet of a run: what all receivers get, and where it is put together for the one being served."""

    at: int
    """Where in the buffer the packet begins."""
    word: int
    """The first 16 bits of its header."""
    ordinal: int
    timestamp: int
    payload: memoryview
    header: memoryview
    """Of the buffer; all but the first 12 bytes are in place."""
    sealed: memoryview
    """Of the buffer: room for the encrypted payload."""


class Burst(NamedTuple):
    """Neighbours in a run's buffer that can be sent by one call."""

    packets: memoryview
    size_bytes: int
    """Of each packet; the last may be shorter."""


class Layout:
    """The places of a run's packets, one behind another. It holds the packets of the receiver served last."""

    __slots__ = ("buffer", "bursts", "slots")

    def __init__(self, run: "Run") -> None:
        extensions = [packet.extension(run.shape) for packet in run.batch.packets]
        sizes = [
            rtp.HEADER_LENGTH + len(extension) + len(payload) + SEAL_LENGTH
            for extension, payload in zip(extensions, run.payloads, strict=True)
        ]
        self.buffer: Final = bytearray(sum(sizes))
        self.slots: Final[list[Slot]] = []
        view, at = memoryview(self.buffer), 0
        for packet, payload, extension, size in zip(run.batch.packets, run.payloads, extensions, sizes, strict=True):
            begin = at + rtp.HEADER_LENGTH + len(extension)
            self.buffer[at + rtp.HEADER_LENGTH : begin] = extension
            word = packet.word | run.shape.payload_type | (_EXTENSION_BIT if extension else 0)
            self.slots.append(
                Slot(at, word, packet.ordinal, packet.timestamp, payload, view[at:begin], view[begin : at + size])
            )
            at += size
        self.bursts: Final = _bursts(view, sizes)


class Run:
    """What goes out of a batch to receivers of one shape."""

    __slots__ = (
        "_layout",
        "batch",
        "count",
        "octets",
        "payloads",
        "picture_offset",
        "shape",
        "tl0_offset",
    )

    def __init__(self, batch: "Batch", payloads: list[memoryview], shape: Shape) -> None:
        """`payloads` are those of the batch, or what goes out in their place."""
        self.batch: Final = batch
        self.shape: Final = shape
        self.picture_offset = self.tl0_offset = 0
        """How the picture numbers in it are shifted at present."""
        self.payloads: Final = [
            payload if packet.reading.blocks is None else codecs.blocks_for(payload, packet.reading, shape.blocks_type)
            for packet, payload in zip(batch.packets, payloads, strict=True)
        ]
        self.count: Final = len(payloads)
        self.octets: Final = sum(map(len, self.payloads))
        """Of payload, for sender reports."""
        self._layout: Layout | None = None

    @property
    def layout(self) -> Layout:
        """Made when it is first asked for: the native twin of those who do lays packets out by itself."""
        if self._layout is None:
            self._layout = Layout(self)
        return self._layout


def _bursts(view: memoryview, sizes: list[int]) -> list[Burst]:
    """As few as possible: a burst goes on while packets are of one size, and ends with the first shorter one."""
    bursts: list[Burst] = []
    begin = end = 0
    size = 0
    for this in sizes:
        if begin < end and (this > size or end - begin + this > _MAX_BURST_BYTES or (end - begin) % size):
            bursts.append(Burst(view[begin:end], size))
            begin = end
        if begin == end:
            size = this
        end += this
    if begin < end:
        bursts.append(Burst(view[begin:end], size))
    return bursts


class Batch:
    """What arrived of one incoming stream since the last time packets were sent: one packet or more."""

    __slots__ = (
        "_payloads",
        "_picture_offset",
        "_runs",
        "_tl0_offset",
        "codec",
        "layer",
        "lowest",
        "newest",
        "packets",
        "source",
    )

    def __init__(self, first: Incoming) -> None:
        self.source: Final = first.source
        self.layer: Final = first.layer
        self.packets: Final = [first]
        """In the order of arrival, at most MAX_PACKETS."""
        self.lowest = first.ordinal
        self.newest = first
        """The packet of the highest ordinal."""
        self.codec = first.codec
        """Of all packets; empty when they differ in that, or in whether they have picture numbers: no run then."""
        self._payloads: list[memoryview] | None = None
        self._picture_offset = self._tl0_offset = 0
        self._runs: dict[Shape, Run] = {}

    def add(self, packet: Incoming) -> None:
        newest = self.newest
        self.packets.append(packet)
        if packet.codec != newest.codec or (packet.reading.pictures is None) != (newest.reading.pictures is None):
            self.codec = ""
        if packet.ordinal > newest.ordinal:
            self.newest = packet
        elif packet.ordinal < self.lowest:
            self.lowest = packet.ordinal

    def run(self, shape: Shape, picture_offset: int, tl0_offset: int) -> Run:
        """Laid out for one shape and picture numbering; valid until it is asked for another numbering."""
        run = self._runs.get(shape)
        if run is None:
            if self._payloads is None:
                self._payloads = self._copies()
            run = self._runs[shape] = Run(self, self._payloads, shape)
        if picture_offset != self._picture_offset or tl0_offset != self._tl0_offset:
            self._renumber(picture_offset, tl0_offset)
        run.picture_offset, run.tl0_offset = picture_offset, tl0_offset
        return run

    def run_for(self, leg: Leg) -> Run | None:
        """Laid out for this receiver and all who differ from it in numbers only; None when it cannot go on with it."""
        return self.run(*self.numbering(leg)) if self.continues(leg) else None

    def continues(self, leg: Leg) -> bool:
        """Whether this receiver's stream goes on with it, without a look at each packet."""
        return (
            not leg.paused
            and leg.follows == self.source
            and self.lowest >= leg.first_ordinal
            and self.codec in leg.shapes
        )

    def numbering(self, leg: Leg) -> tuple[Shape, int, int]:
        """What receivers have in common who can be served from one run, if their streams go on."""
        return leg.shapes[self.codec], leg.picture_offset, leg.tl0_offset

    def _copies(self) -> list[memoryview]:
        """Payloads whose picture numbers may be changed; those without are left where they are."""
        if self.newest.reading.pictures is None:
            return [packet.payload for packet in self.packets]
        return [memoryview(bytearray(packet.payload)) for packet in self.packets]

    def _renumber(self, picture_offset: int, tl0_offset: int) -> None:
        """Change the payloads that all runs share."""
        self._picture_offset, self._tl0_offset = picture_offset, tl0_offset
        if self._payloads is not None:
            for packet, payload in zip(self.packets, self._payloads, strict=True):
                codecs.renumber(payload, packet.reading, picture_offset, tl0_offset)


def batches(packets: list[Incoming]) -> list[Batch]:
    """What arrived of a track with one layer; that is one batch, unless the stream began anew on the way."""
    found = [Batch(packets[0])]
    for packet in packets[1:]:
        if packet.source == found[-1].source:
            found[-1].add(packet)
        else:
            found.append(Batch(packet))
    return found


class Arrivals:
    """The batches of a track with several layers."""

    __slots__ = ("_by_layer", "packets", "plain")

    def __init__(self, packets: list[Incoming]) -> None:
        """`packets` in the order of arrival, at least one and at most MAX_PACKETS."""
        self.packets: Final = packets
        self._by_layer: Final[dict[int, Batch]] = {}
        self.plain = True
        """No layer came as two streams, one after the other."""
        for packet in packets:
            batch = self._by_layer.get(packet.layer)
            if batch is None:
                self._by_layer[packet.layer] = Batch(packet)
            elif batch.source == packet.source:
                batch.add(packet)
            else:
                self.plain = False

    def of(self, layer: int) -> Batch | None:
        return self._by_layer.get(layer)

    @property
    def at_us(self) -> int:
        """When the last of them came."""
        return self.packets[-1].at_us
