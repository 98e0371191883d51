"""The hot path: one packet in, many out.

An `UpTrack` is what a participant publishes, in one to three layers; a `DownTrack` is that track on its way to one
receiver. Packets are never decoded: headers are rewritten, payloads pass as they came (VP8 picture numbers apart).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from relay.forwarding import codecs
from relay.forwarding.cache import SLOTS, PacketCache
from relay.forwarding.levels import SpeechLevel
from relay.forwarding.reception import Reception
from relay.forwarding.remap import Remap
from relay.forwarding.selector import LayerSelector
from relay.wire import rtp
from relay.wire.rtcp import SenderReport

_KEYFRAME_PAUSE_US: Final = 500_000
"""At most one key frame request per layer in this time, however many receivers wait for one."""
_RESENDS_PER_TICK: Final = 100
_PASSED_ON: Final = (rtp.AUDIO_LEVEL, rtp.ORIENTATION)
"""Header extensions that mean something to the receiver."""

Kind = Literal["audio", "video"]


class SendRtp(Protocol):
    """Encrypts and sends one packet; never blocks, drops when it cannot send."""

    def __call__(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> None: ...


class Tap(Protocol):
    """Listens to a track without being a receiver, a recorder for one."""

    def take(self, layer: "Layer", packet: bytes, begin: int, at_us: int) -> None:
        """A packet that is forwarded, once, decrypted, in the order of arrival; never one of a shut track.

        begin  where the payload begins; it ends with the padding, if the packet has any
        at_us  when the kernel received it, microseconds since 1970
        """

    def report(self, layer: "Layer", report: SenderReport, at_us: int) -> None:
        """What the publisher's clock showed at one of the stream's timestamps."""


@dataclass(slots=True, eq=False)
class Layer:
    """One incoming stream of a track."""

    ssrc: int
    number: int
    """0 for the lowest simulcast layer, or for the only stream."""
    reception: Reception
    cache: PacketCache = field(default_factory=PacketCache)
    heard_at_us: int = 0
    asked_at_us: int = 0
    """When its publisher was last asked for a key frame."""

    def is_new(self, sequence: int) -> bool:
        """Whether no packet of this number was forwarded before; what cannot be told any more counts as old.

        A publisher can send a number twice with other content, by way of the repair stream. Forwarding both would
        encrypt two contents under one nonce, which gives the receivers' keys away (RFC 7714 §8.1).
        """
        return self.reception.age(sequence) < SLOTS and self.cache.get(sequence) is None


@dataclass(slots=True, eq=False)
class Incoming:
    """A packet, read once for all its receivers."""

    layer: Layer
    first_byte: int
    """Version and padding bit, without extension bit and CSRC count."""
    marker: int
    """0x80 or 0."""
    sequence: int
    timestamp: int
    codec: str
    payload: memoryview
    reading: codecs.Reading
    extensions: dict[str, bytes]
    at_us: int


class UpTrack:
    """A published track: its layers, and the receivers it goes to."""

    def __init__(self, kind: Kind, layer_count: int, ask_keyframe: Callable[[int], None]) -> None:
        """`ask_keyframe` sends a PLI for an SSRC to the publisher."""
        self.kind: Final = kind
        self.clock_rate_hz: Final = 48_000 if kind == "audio" else 90_000
        self.layers: list[Layer | None] = [None] * layer_count
        self.downs: list[DownTrack] = []
        self.taps: list[Tap] = []
        self.speech = SpeechLevel()
        self.codecs: dict[int, str] = {}
        """Payload type of the publisher -> codec name."""
        self.extensions: dict[int, str] = {}
        """Extension id of the publisher -> URI."""
        self._ask_keyframe = ask_keyframe
        self._open = True

    @property
    def open(self) -> bool:
        """Whether anything is forwarded: its owner may publish it, and it is not muted."""
        return self._open

    def set_open(self, is_open: bool) -> None:
        if is_open and not self._open:
            for down in self.downs:
                down.resume()
        self._open = is_open

    def add_layer(self, number: int, ssrc: int) -> Layer:
        """A stream begins under a new SSRC; it takes the place of the one that was there."""
        layer = Layer(ssrc, number, Reception(ssrc, self.clock_rate_hz))
        self.layers[number] = layer
        return layer

    def receive(self, layer: Layer, packet: bytes, begin: int, elements: rtp.Elements, at_us: int) -> None:
        """Forward a decrypted packet; `begin` and `elements` are what `rtp.split` found."""
        first_byte, marker_type, sequence, timestamp, _ = rtp.HEADER.unpack_from(packet)
        is_new = layer.is_new(sequence)
        layer.reception.add(sequence, timestamp, at_us, len(packet))
        layer.heard_at_us = at_us
        if not self._open or not is_new:
            return
        layer.cache.put(sequence, packet)
        codec = self.codecs.get(marker_type & 0x7F)
        if codec is None:
            return
        extensions = {uri: value for number, value in elements if (uri := self.extensions.get(number)) in _PASSED_ON}
        if rtp.AUDIO_LEVEL in extensions:
            self.speech.add(extensions[rtp.AUDIO_LEVEL][0] & 0x7F)
        payload = memoryview(packet)[begin:]
        incoming = Incoming(
            layer=layer,
            first_byte=first_byte & 0xE0,
            marker=marker_type & 0x80,
            sequence=sequence,
            timestamp=timestamp,
            codec=codec,
            payload=payload,
            reading=codecs.read(codec, payload),
            extensions=extensions,
            at_us=at_us,
        )
        for down in self.downs:
            down.forward(incoming)
        for tap in self.taps:
            tap.take(layer, packet, begin, at_us)

    def target(self, selector: LayerSelector, at_us: int) -> int:
        return selector.target([layer.heard_at_us if layer else 0 for layer in self.layers], at_us)

    def need_keyframe(self, number: int, at_us: int) -> None:
        """A receiver waits for a key frame of this layer; ask, unless somebody just did."""
        layer = self.layers[number] if 0 <= number < len(self.layers) else None
        if layer is not None and at_us - layer.asked_at_us >= _KEYFRAME_PAUSE_US:
            layer.asked_at_us = at_us
            self._ask_keyframe(layer.ssrc)

    def layer_of(self, ssrc: int) -> Layer | None:
        return next((layer for layer in self.layers if layer is not None and layer.ssrc == ssrc), None)

    def on_sender_report(self, layer: Layer, report: SenderReport, at_us: int) -> None:
        layer.reception.on_sender_report(report, at_us)
        if self._open:
            for down in self.downs:
                down.on_sender_report(report)
            for tap in self.taps:
                tap.report(layer, report, at_us)


class DownTrack:
    """A track on its way to one receiver, under an SSRC of ours."""

    def __init__(self, up: UpTrack, ssrc: int, repair_ssrc: int, first_index: int, send: SendRtp) -> None:
        """`first_index` is random, below 2**15."""
        self.up: Final = up
        self.ssrc: Final = ssrc
        self.repair_ssrc: Final = repair_ssrc
        self.selector = LayerSelector()
        self.packets = 0
        self.octets = 0
        self.resent = 0
        self._send = send
        self._send_report: Callable[[SenderReport, int, int], None] | None = None
        self._payload_types: dict[str, int] = {}
        self._repair_types: dict[str, int] = {}
        self._extension_ids: dict[str, int] = {}
        self._remap = Remap(up.clock_rate_hz, first_index)
        self._repair_index = first_index
        self._resume = True
        self._resend_budget = _RESENDS_PER_TICK
        self.paused = False

    def negotiated(
        self,
        payload_types: dict[str, int],
        repair_types: dict[str, int],
        extension_ids: dict[str, int],
        send_report: Callable[[SenderReport, int, int], None],
    ) -> None:
        """What the receiver's description says: codec -> payload type, codec -> its rtx type, URI -> extension id."""
        self._payload_types = payload_types
        self._repair_types = repair_types
        self._extension_ids = {uri: number for uri, number in extension_ids.items() if uri in _PASSED_ON}
        self._send_report = send_report

    def resume(self) -> None:
        """Forwarding had stopped: the next packet that can be begun with is numbered on from the last one sent."""
        self._resume = True

    def pause(self, paused: bool) -> None:
        """The receiver does not want it for now."""
        if self.paused and not paused:
            self._resume = True
        self.paused = paused

    def forward(self, incoming: Incoming) -> None:
        if self.paused:
            return
        layer = incoming.layer
        payload_type = self._payload_types.get(incoming.codec)
        if payload_type is None or (self.up.kind == "video" and not self._selects(incoming)):
            return
        remap = self._remap
        reading = incoming.reading
        if self._resume or remap.source != layer.ssrc:
            if not reading.startable:
                self.up.need_keyframe(layer.number, incoming.at_us)
                return
            self._resume = False
            remap.begin(layer.ssrc, incoming.sequence, incoming.timestamp, incoming.at_us, reading.pictures)
        index, timestamp = remap.advance(incoming.sequence, incoming.timestamp, incoming.at_us)
        if index < remap.first:
            return
        extension = self._extension(incoming)
        header = rtp.HEADER.pack(
            incoming.first_byte | (0x10 if extension else 0),
            incoming.marker | payload_type,
            index & 0xFFFF,
            timestamp,
            self.ssrc,
        )
        if reading.pictures is not None:
            remap.advance_picture(reading.pictures)
        payload = codecs.renumbered(incoming.payload, reading, remap.picture_offset, remap.tl0_offset)
        self.packets += 1
        self.octets += len(payload)
        self._send(self.ssrc, index, header + extension, payload)

    def _selects(self, incoming: Incoming) -> bool:
        if len(self.up.layers) == 1:
            return True
        target = self.up.target(self.selector, incoming.at_us)
        if target not in (self.selector.current, -1):
            waits_for = incoming.layer.number == target
            if not (waits_for and incoming.reading.startable):
                self.up.need_keyframe(target, incoming.at_us)
        return self.selector.takes(incoming.layer.number, keyframe=incoming.reading.startable, target=target)

    def _extension(self, incoming: Incoming) -> bytes:
        if not incoming.extensions:
            return b""
        ids = self._extension_ids
        return rtp.pack_elements([(ids[uri], value) for uri, value in incoming.extensions.items() if uri in ids])

    def on_nack(self, sequences: tuple[int, ...]) -> None:
        """Send lost packets again from the cache, on the repair stream (RFC 4588).

        Never under the old SSRC and number: a packet encrypted twice under one number must be the same to the bit.
        """
        for sequence in sequences[:_RESENDS_PER_TICK]:
            origin = self._remap.origin(sequence)
            if origin is None or self._resend_budget <= 0 or self.paused or not self.up.open:
                continue
            span, source_sequence = origin
            layer = self.up.layer_of(span.source)
            packet = layer.cache.get(source_sequence) if layer else None
            if packet is not None:
                self._resend_budget -= 1
                self._resend(packet, sequence, span.picture_offset, span.tl0_offset)

    def _resend(self, packet: bytes, sequence: int, picture_offset: int, tl0_offset: int) -> None:
        first_byte, marker_type, _, timestamp, _ = rtp.HEADER.unpack_from(packet)
        codec = self.up.codecs.get(marker_type & 0x7F, "")
        payload_type = self._repair_types.get(codec)
        if payload_type is None:
            return
        begin, _ = rtp.split(packet)
        whole = memoryview(packet)[begin:]
        payload = codecs.renumbered(whole, codecs.read(codec, whole), picture_offset, tl0_offset)
        self._repair_index += 1
        header = rtp.HEADER.pack(
            first_byte & 0xE0,
            marker_type & 0x80 | payload_type,
            self._repair_index & 0xFFFF,
            (timestamp + self._remap.timestamp_offset) & 0xFFFFFFFF,
            self.repair_ssrc,
        )
        self.resent += 1
        self._send(self.repair_ssrc, self._repair_index, header, sequence.to_bytes(2, "big") + payload)

    def on_keyframe_request(self, at_us: int) -> None:
        current = self.selector.current if len(self.up.layers) > 1 else 0
        self.up.need_keyframe(current, at_us)

    def on_sender_report(self, report: SenderReport) -> None:
        """The publisher's clock, told in the numbers of our stream, so that the receiver keeps lips in time."""
        if report.ssrc == self._remap.source and not self.paused and self._send_report is not None:
            timestamp = (report.rtp_timestamp + self._remap.timestamp_offset) & 0xFFFFFFFF
            self._send_report(SenderReport(self.ssrc, report.ntp, timestamp), self.packets, self.octets)

    def tick(self) -> None:
        self._resend_budget = _RESENDS_PER_TICK
