"""Listens to one track and hands what it hears to the spool: one simulcast layer, undecoded."""

from collections.abc import Callable
from typing import Final

from relay.forwarding import codecs
from relay.forwarding.forwarder import UpTrack
from relay.forwarding.layer import Layer
from relay.recording import spool
from relay.wire import rtp
from relay.wire.rtcp import SenderReport

_KEYFRAME_EVERY_US: Final = 10_000_000
"""So far apart are the places where playing can begin; browsers send key frames only when asked."""
_LOST_US: Final = 500_000
"""A packet that was not sent again by then will not be."""
_MAX_MISSING: Final = 512


class Capture:
    """Tap on one track; see `forwarding.forwarder.Tap`."""

    def __init__(self, up: UpTrack, write: Callable[[bytes], bool]) -> None:
        """`write` takes a record of the spool; False when it had to be dropped."""
        self.dropped = 0
        """Packets that the disk was too slow for."""
        self._up = up
        self._write = write
        self._source: Layer | None = None
        """The layer that is recorded now."""
        self._keyframe_at_us = 0
        self._quarters = 0
        self._highest = -1
        self._missing: dict[int, int] = {}
        """Sequence number -> when its absence was seen."""

    def take(self, layer: Layer, packet: bytes, begin: int, at_us: int) -> None:
        """Spool a packet of the chosen layer."""
        _, marker_type, sequence, timestamp, ssrc = rtp.HEADER.unpack_from(packet)
        name = self._up.codecs.get(marker_type & 0x7F, "")
        codec = spool.CODECS.get(name)
        end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
        if codec is None or end < begin:
            return
        payload = packet[begin:end]  # empty in a probe of padding only, whose number must not be missed
        if self._up.kind == "video" and not self._chooses(layer, codecs.read(name, memoryview(payload)), at_us):
            return
        self._note(sequence, at_us)
        if marker_type & 0x80 and packet[0] & 0x10 and self._up.kind == "video":
            self._note_turn(packet, at_us)
        fixed = spool.pack_packet(at_us, ssrc, timestamp, sequence, (marker_type & 0x80, codec))
        if not self._write(spool.received(fixed, payload)):
            self.dropped += 1
            self._keyframe_at_us = 0

    def _note_turn(self, packet: bytes, at_us: int) -> None:
        """Phones turn their pictures by saying so, in the last packet of one."""
        for number, value in rtp.split(packet)[1]:
            is_turn = self._up.extensions.get(number) == rtp.ORIENTATION and len(value) == 1
            if is_turn and value[0] & 3 != self._quarters:
                self._quarters = value[0] & 3
                self._write(spool.pack_turned(spool.Turned(at_us, self._quarters)))

    def _chooses(self, layer: Layer, reading: codecs.Reading, at_us: int) -> bool:
        """Whether a video packet is of the layer to record; changes to a better one on its key frame."""
        if layer is not self._source:
            if layer.number != self._up.best_alive(at_us):
                return False
            if not reading.startable:
                self._up.need_keyframe(layer.number, at_us)
                return False
            self._source = layer
            self._highest = -1
            self._missing.clear()
        if reading.startable:
            self._keyframe_at_us = at_us
        elif at_us - self._keyframe_at_us > _KEYFRAME_EVERY_US:
            self._up.need_keyframe(layer.number, at_us)
        return True

    def _note(self, sequence: int, at_us: int) -> None:
        ahead = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if self._highest < 0 or ahead > _MAX_MISSING:
            if self._highest >= 0:
                self._keyframe_at_us = 0  # it was muted for a while, say
            self._highest = sequence
            return
        if ahead <= 0:
            self._missing.pop(sequence, None)
            return
        for number in range(1, ahead):
            if len(self._missing) < _MAX_MISSING:
                self._missing[(self._highest + number) & 0xFFFF] = at_us
        self._highest = sequence

    def report(self, layer: Layer, report: SenderReport, at_us: int) -> None:
        """Spool the publisher's clock."""
        if self._up.kind == "audio" or layer is self._source:
            self._write(spool.pack_report(spool.ClockReport(at_us, report.ssrc, report.ntp, report.rtp_timestamp)))

    def tick(self, now_us: int) -> None:
        """Now and then: a picture that lost a packet for good stays broken until the next key frame."""
        lost = [number for number, at_us in self._missing.items() if now_us - at_us > _LOST_US]
        for number in lost:
            del self._missing[number]
        if lost and self._source is not None:
            self._up.need_keyframe(self._source.number, now_us)
