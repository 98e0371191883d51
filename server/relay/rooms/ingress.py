"""What one participant sends: which stream belongs to which track.

Streams are known by the section and layer named in their packets' headers (mid, rid), or by an SSRC declared for a
section without simulcast; everything else is dropped. A (section, layer) has one SSRC at a time, so the tables are
bounded by what was negotiated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from relay.forwarding.forwarder import Flush, UpTrack
from relay.forwarding.layer import Layer
from relay.forwarding.twcc import ArrivalRecorder
from relay.wire import Malformed, rtp

_MAX_PACKETS_PER_S: Final = 3_000
"""Per stream; 4K video has some 1,500."""


@dataclass(frozen=True, slots=True)
class IncomingSection:
    """A section that the participant sends in."""

    up: UpTrack
    layers: tuple[str, ...]
    """The rids from the lowest layer up; empty without simulcast."""
    repairs: Mapping[int, int]
    """Payload type of a repair stream -> that of what it repairs."""
    ssrcs: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _Stream:
    up: UpTrack
    slot: tuple[str, int, bool]
    """Section, layer, and whether it is a repair stream."""
    layer: Layer | None
    repairs: Mapping[int, int]
    packets_this_second: int = 0


class Ingress:
    """Binds streams to tracks and passes their packets on."""

    def __init__(self, forget: Callable[[int], None], defer: Callable[[Flush], None]) -> None:
        """
        forget  is told the SSRC of a stream that ended
        defer  is given what to call once everything is read that has arrived by now
        """
        self._defer = defer
        self.arrivals = ArrivalRecorder()
        self._forget = forget
        self._sections: dict[str, IncomingSection] = {}
        self._streams: dict[int, _Stream] = {}
        self._slots: dict[tuple[str, int, bool], int] = {}
        self._mid_id = self._rid_id = self._repaired_id = self._transport_cc_id = 0

    def configure(self, extensions: Mapping[str, int]) -> None:
        """Header extension ids; the same for the whole bundle (RFC 9143 §9.2)."""
        self._mid_id = extensions.get(rtp.MID, self._mid_id)
        self._rid_id = extensions.get(rtp.RID, self._rid_id)
        self._repaired_id = extensions.get(rtp.REPAIRED_RID, self._repaired_id)
        self._transport_cc_id = extensions.get(rtp.TRANSPORT_CC, self._transport_cc_id)

    def open_section(self, mid: str, section: IncomingSection) -> None:
        self._sections[mid] = section
        for ssrc in section.ssrcs[:1]:
            if ssrc not in self._streams:
                self._bind(ssrc, mid, section, 0, is_repair=False)

    def close_section(self, mid: str) -> None:
        self._sections.pop(mid, None)
        for slot, ssrc in list(self._slots.items()):
            if slot[0] == mid:
                self._unbind(slot, ssrc)

    def admits(self, packet: bytes) -> bool:
        """Whether a packet, not yet proved authentic, claims to be of a negotiated stream; changes nothing."""
        try:
            _, elements = rtp.split(packet)
        except Malformed:
            return False
        ssrc = int.from_bytes(packet[8:12], "big")
        return ssrc in self._streams or self._locate(packet[1] & 0x7F, dict(elements)) is not None

    def receive(self, packet: bytes, at_us: int) -> None:
        """An authentic packet. Raises Malformed."""
        begin, elements = rtp.split(packet)
        ssrc = int.from_bytes(packet[8:12], "big")
        for number, value in elements:
            if number == self._transport_cc_id and len(value) == 2:
                self.arrivals.add(value[0] << 8 | value[1], at_us, ssrc)
        stream = self._streams.get(ssrc) or self._begin(ssrc, packet, elements)
        if stream is None:
            return
        stream.packets_this_second += 1
        if stream.packets_this_second > _MAX_PACKETS_PER_S:
            return
        if packet[0] & 0x20:
            packet = _unpadded(packet, begin)
        layer, original = stream.layer, packet
        if layer is None:
            layer = stream.up.layers[stream.slot[1]]
            unwrapped = _unwrapped(packet, begin, stream.repairs, layer) if layer is not None else None
            if layer is None or unwrapped is None:
                return
            original = unwrapped
        if stream.up.receive(layer, original, begin, elements, at_us):
            self._defer(stream.up.flush)

    def _locate(
        self, payload_type: int, elements: Mapping[int, bytes]
    ) -> tuple[str, IncomingSection, int, bool] | None:
        """Section and layer that a packet names, and whether it belongs to a repair stream."""
        mid = elements.get(self._mid_id, b"").decode("ascii", "replace")
        section = self._sections.get(mid)
        if section is None:
            return None
        is_repair = payload_type in section.repairs
        if not section.layers:
            return mid, section, 0, is_repair
        name = elements.get(self._repaired_id if is_repair else self._rid_id, b"").decode("ascii", "replace")
        if name not in section.layers:
            return None
        return mid, section, section.layers.index(name), is_repair

    def _bind(self, ssrc: int, mid: str, section: IncomingSection, number: int, is_repair: bool) -> _Stream:
        slot = (mid, number, is_repair)
        before = self._occupant(slot)
        if slot in self._slots:
            self._unbind(slot, self._slots[slot])
        layer = None if is_repair else section.up.add_layer(number, ssrc)
        stream = _Stream(section.up, slot, layer, section.repairs)
        stream.packets_this_second = before.packets_this_second if before is not None else 0
        self._streams[ssrc] = stream
        self._slots[slot] = ssrc
        return stream

    def _occupant(self, slot: tuple[str, int, bool]) -> _Stream | None:
        ssrc = self._slots.get(slot)
        return self._streams.get(ssrc) if ssrc is not None else None

    def _begin(self, ssrc: int, packet: bytes, elements: rtp.Elements) -> _Stream | None:
        """Bind the stream that a packet names; None for no stream, or one more SSRC in a flood."""
        location = self._locate(packet[1] & 0x7F, dict(elements))
        if location is None:
            return None
        mid, section, number, is_repair = location
        before = self._occupant((mid, number, is_repair))
        if before is not None and before.packets_this_second >= _MAX_PACKETS_PER_S:
            self._forget(ssrc)
            return None
        return self._bind(ssrc, mid, section, number, is_repair)

    def _unbind(self, slot: tuple[str, int, bool], ssrc: int) -> None:
        self._slots.pop(slot, None)
        self._streams.pop(ssrc, None)
        self._forget(ssrc)

    def layer_of(self, ssrc: int) -> tuple[UpTrack, Layer] | None:
        stream = self._streams.get(ssrc)
        return (stream.up, stream.layer) if stream is not None and stream.layer is not None else None

    def layers(self) -> list[tuple[UpTrack, Layer]]:
        return [(stream.up, stream.layer) for stream in self._streams.values() if stream.layer is not None]

    def begin_second(self) -> None:
        for stream in self._streams.values():
            stream.packets_this_second = 0


def _unpadded(packet: bytes, begin: int) -> bytes:
    """Without its padding: what a client fills its own line with, to find out what that carries, is not for others.

    A probe of nothing else keeps its number, so that receivers do not ask for it. Raises Malformed.
    """
    end = len(packet) - packet[-1]
    if end < begin:
        raise Malformed("RTP padding runs into the header")
    return bytes((packet[0] & 0xDF,)) + packet[1:end]


def _unwrapped(packet: bytes, begin: int, repairs: Mapping[int, int], layer: Layer) -> bytes | None:
    """The original of a packet sent again (RFC 4588 §4); None for a probe without one."""
    original_type = repairs.get(packet[1] & 0x7F)
    if original_type is None or begin + 2 > len(packet):
        return None
    head = rtp.HEADER.pack(
        packet[0],
        packet[1] & 0x80 | original_type,
        packet[begin] << 8 | packet[begin + 1],
        int.from_bytes(packet[4:8], "big"),
        layer.ssrc,
    )
    return head + packet[rtp.HEADER_LENGTH : begin] + packet[begin + 2 :]
