"""The hot path: one packet in, many out.

An `UpTrack` is what a participant publishes, in one to three layers; a `DownTrack` is that track on its way to one
receiver. Packets are never decoded: headers are rewritten, payloads pass as they came (VP8 picture numbers apart).
"""

from collections.abc import Callable
from typing import Final, Literal, Protocol

from relay.forwarding import codecs
from relay.forwarding.fan_out import OnError, fan_out
from relay.forwarding.layer import Layer
from relay.forwarding.leg import NOTHING, Outlet
from relay.forwarding.levels import SpeechLevel
from relay.forwarding.reception import Reception
from relay.forwarding.remap import Remap, Span
from relay.forwarding.runs import MAX_PACKETS, Arrivals, Batch, Incoming, Run, Shape, batches, shape
from relay.forwarding.selector import ALIVE_US, LayerSelector
from relay.wire import rtp
from relay.wire.rtcp import SenderReport

_KEYFRAME_PAUSE_US: Final = 500_000
"""At most one key frame request per layer in this time, however many receivers wait for one."""
_WATCHED_US: Final = 10_000
"""Who is on which layer is found out anew after so long, and after each time that packets were sent."""
_UNKNOWN: Final = -_WATCHED_US
_RESENDS_PER_TICK: Final = 100
_MAX_PADDING: Final = 255
_PADDING: Final = bytes(_MAX_PADDING - 1) + bytes((_MAX_PADDING,))
_PASSED_ON: Final = (rtp.AUDIO_LEVEL, rtp.ORIENTATION)
"""Header extensions that mean something to the receiver."""

Kind = Literal["audio", "video"]


class Tap(Protocol):
    """Listens to a track without being a receiver, a recorder for one."""

    def take(self, layer: Layer, packet: bytes, begin: int, at_us: int) -> None:
        """A packet that is forwarded, once, decrypted, in the order of arrival; never one of a shut track.

        begin  where the payload begins; it ends with the padding, if the packet has any
        at_us  when the kernel received it, microseconds since 1970
        """

    def report(self, layer: Layer, report: SenderReport, at_us: int) -> None:
        """What the publisher's clock showed at one of the stream's timestamps."""


FanOut = Callable[[Run, "list[DownTrack]", OnError], "list[DownTrack]"]
Flush = Callable[[OnError], None]
"""Sends what was received since the last time."""


class UpTrack:
    """A published track: its layers, and the receivers it goes to."""

    def __init__(
        self, kind: Kind, layer_count: int, ask_keyframe: Callable[[int], None], fan_out: FanOut = fan_out
    ) -> None:
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
        self._fan_out: Final = fan_out
        self._open = True
        self._watched_at_us = _UNKNOWN
        """When it was last found out who is on which layer."""
        self._waiting: list[Incoming] = []
        """Bounded by what the door reads in one wake-up."""
        self._sources = 0
        """Streams that ever began."""

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
        self._sources += 1
        layer = Layer(ssrc, number, self._sources, Reception(ssrc, self.clock_rate_hz))
        self.layers[number] = layer
        self._watched_at_us = _UNKNOWN
        return layer

    def receive(self, layer: Layer, packet: bytes, begin: int, elements: rtp.Elements, at_us: int) -> bool:
        """Take a decrypted packet; `begin` and `elements` are what `rtp.split` found.

        It goes out with the next `flush`. Returns whether that has to be asked for now: it is the first packet since
        the last one.
        """
        first_byte, marker_type, sequence, timestamp, _ = rtp.HEADER.unpack_from(packet)
        ordinal = layer.reception.add(sequence, timestamp, at_us, len(packet))
        heard_at_us, layer.heard_at_us = layer.heard_at_us, at_us
        if not 0 <= at_us - self._watched_at_us < _WATCHED_US or not 0 <= at_us - heard_at_us < ALIVE_US:
            self._look_who_watches(at_us)
        codec = self.codecs.get(marker_type & 0x7F)
        if codec is None or not self._open:
            return False
        is_audio = self.kind == "audio"
        extensions = self._read(elements) if layer.watched or is_audio else {}
        if not layer.watched or not layer.forwarded.add(ordinal):
            return False
        if not is_audio:  # of which nothing is repeated
            layer.cache.put(ordinal, packet)
        payload = memoryview(packet)[begin:]
        word = (first_byte & 0xE0) << 8 | marker_type & 0x80
        reading = codecs.read(codec, payload)
        # In their order: by name they would take longer than all that was done so far.
        incoming = Incoming(
            layer.source, layer.number, word, ordinal, timestamp, codec, payload, reading, extensions, at_us
        )
        for tap in self.taps:  # before it waits: what a tap's fault kept from being flushed would wait for ever
            tap.take(layer, packet, begin, at_us)
        self._waiting.append(incoming)
        return len(self._waiting) == 1

    def _read(self, elements: rtp.Elements) -> dict[str, bytes]:
        """What is passed on of the header extensions; a voice's level is taken note of, whoever hears it."""
        found = {}
        for number, value in elements:
            uri = self.extensions.get(number)
            if uri in _PASSED_ON:
                found[uri] = value
                if uri == rtp.AUDIO_LEVEL and value:
                    self.speech.add(value[0] & 0x7F)
        return found

    def _look_who_watches(self, at_us: int) -> None:
        """Find out which layers somebody is on or moves to. Of the others nothing is kept and nothing goes out."""
        self._watched_at_us = at_us
        if len(self.layers) == 1:
            watched = {0} if any(not down.leg.paused for down in self.downs) else set()
        else:
            selectors = [down.selector for down in self.downs if not down.leg.paused]
            by_highest = {selector.highest: selector for selector in selectors}
            watched = {selector.current for selector in selectors}
            watched |= {self.target(selector, at_us) for selector in by_highest.values()}
        for layer in self.layers:
            if layer is not None:
                layer.watched = bool(self.taps) or layer.number in watched

    def add(self, down: "DownTrack") -> None:
        """It goes to one more receiver, who may begin with the very next packet."""
        self.downs.append(down)
        self.look_again()

    def look_again(self) -> None:
        """Who watches may have changed."""
        self._watched_at_us = _UNKNOWN

    def flush(self, on_error: OnError) -> None:
        """Send what was received; what goes wrong for one receiver is told and does not stop the others."""
        waiting, self._waiting = self._waiting, []
        while waiting and self._open:
            packets, waiting = waiting[:MAX_PACKETS], waiting[MAX_PACKETS:]
            if len(self.layers) == 1:
                for batch in batches(packets):
                    self._forward(batch, self.downs, on_error)
            else:
                self.look_again()
                self._forward_layers(Arrivals(packets), on_error)

    def _forward(self, batch: Batch, downs: list["DownTrack"], on_error: OnError) -> None:
        """Most often the batch goes on where the last one ended, for all of them, and in the same numbering."""
        run = next((run for down in downs if (run := batch.run_for(down.leg)) is not None), None)
        others = self._fan_out(run, downs, on_error) if run is not None else downs
        alike: dict[tuple[Shape, int, int], list[DownTrack]] = {}
        for down in others:
            if batch.continues(down.leg):
                alike.setdefault(batch.numbering(down.leg), []).append(down)
            else:
                down.forward(batch.packets, on_error)
        for numbering, some in alike.items():
            for down in self._fan_out(batch.run(*numbering), some, on_error):
                down.forward(batch.packets, on_error)

    def _forward_layers(self, arrivals: Arrivals, on_error: OnError) -> None:
        """Choose among the layers once, for all that came together."""
        on: dict[int, list[DownTrack]] = {}
        targets: dict[int, int] = {}
        for down in self.downs:
            if down.leg.paused:
                continue
            selector = down.selector
            target = targets.get(selector.highest)
            if target is None:
                target = targets[selector.highest] = self.target(selector, arrivals.at_us)
            if arrivals.plain and target in (selector.current, -1):
                on.setdefault(selector.current, []).append(down)
            else:
                down.forward_layers(arrivals.packets, target, on_error)
        for layer, downs in on.items():
            batch = arrivals.of(layer)
            if batch is not None:
                self._forward(batch, downs, on_error)

    def best_alive(self, now_us: int) -> int:
        """The highest layer that is being sent at present, the lowest when none is."""
        return max((one.number for one in self.layers if one is not None and one.is_alive(now_us)), default=0)

    def target(self, selector: LayerSelector, at_us: int) -> int:
        return selector.target([layer.heard_at_us if layer else 0 for layer in self.layers], at_us)

    def need_keyframe(self, number: int, at_us: int) -> None:
        """A receiver waits for a key frame of this layer; ask, unless somebody just did."""
        layer = self.layers[number] if 0 <= number < len(self.layers) else None
        if layer is not None and not 0 <= at_us - layer.asked_at_us < _KEYFRAME_PAUSE_US:  # clocks are put back, too
            layer.asked_at_us = at_us
            self._ask_keyframe(layer.ssrc)

    def layer_of(self, source: int) -> Layer | None:
        return next((layer for layer in self.layers if layer is not None and layer.source == source), None)

    def on_sender_report(self, layer: Layer, report: SenderReport, at_us: int) -> None:
        layer.reception.on_sender_report(report, at_us)
        if self._open:
            for down in self.downs:
                down.on_sender_report(layer.source, report)
            for tap in self.taps:
                tap.report(layer, report, at_us)


class DownTrack:
    """A track on its way to one receiver, under an SSRC of ours."""

    def __init__(self, up: UpTrack, ssrc: int, repair_ssrc: int, first_index: int, outlet: Outlet) -> None:
        """`first_index` is random, below 2**15."""
        self.up: Final = up
        self.ssrc: Final = ssrc
        self.repair_ssrc: Final = repair_ssrc
        self.selector = LayerSelector()
        self.leg: Final = Remap(up.clock_rate_hz, ssrc, first_index, outlet)
        self.resent = 0
        self._send_report: Callable[[SenderReport, int, int], None] | None = None
        self._repair_types: dict[str, int] = {}
        """By codec."""
        self._repair_index = first_index
        self._resend_budget = _RESENDS_PER_TICK
        self.unwanted = self.held = False
        self.repair_octets = 0
        """Repeats and padding."""

    def negotiated(
        self,
        payload_types: dict[str, int],
        repair_types: dict[str, int],
        extension_ids: dict[str, int],
        send_report: Callable[[SenderReport, int, int], None],
    ) -> None:
        """What the receiver's description says: codec -> payload type, codec -> its rtx type, URI -> extension id."""
        ids = tuple((uri, extension_ids[uri]) for uri in _PASSED_ON if uri in extension_ids)
        shapes = {codec: shape(number, ids) for codec, number in payload_types.items()}
        if (opus := payload_types.get("opus")) is not None:
            redundant = payload_types.get("red")
            shapes["red"] = shape(opus, ids) if redundant is None else shape(redundant, ids, opus)
        self.leg.shapes = shapes
        self._repair_types = repair_types
        self._send_report = send_report

    def resume(self) -> None:
        """Forwarding had stopped: the next packet that can be begun with is numbered on from the last one sent."""
        self.up.look_again()
        self.leg.follows = NOTHING

    def pause(self, unwanted: bool) -> None:
        """The receiver does not want it for now."""
        self.unwanted = unwanted
        self._settle()

    def hold(self, held: bool) -> None:
        """The receiver's line does not carry it for now."""
        self.held = held
        self._settle()

    def _settle(self) -> None:
        paused = self.unwanted or self.held
        if self.leg.paused and not paused:
            self.resume()
        self.leg.paused = paused

    def forward(self, packets: list[Incoming], on_error: OnError) -> None:
        """Send packets one by one: the way of `fan_out`, written plainly, and what else a stream may meet."""
        if self.leg.paused:
            return
        try:
            for packet in packets:
                self._forward_one(packet)
        except Exception as error:  # on_error logs the traceback
            on_error(error)

    def forward_layers(self, packets: list[Incoming], target: int, on_error: OnError) -> None:
        """Send those of the layer that goes out, which may change to the target on the way."""
        try:
            for packet in packets:
                if self._selects(packet, target):
                    self._forward_one(packet)
        except Exception as error:  # on_error logs the traceback
            on_error(error)

    def _forward_one(self, packet: Incoming) -> None:
        leg, reading = self.leg, packet.reading
        shape = leg.shapes.get(packet.codec)
        if shape is None:
            return
        if leg.follows != packet.source:
            if not reading.startable:
                self.up.need_keyframe(packet.layer, packet.at_us)
                return
            leg.begin(packet.source, packet.ordinal, packet.timestamp, packet.at_us, reading.pictures)
        if packet.ordinal < leg.first_ordinal:
            return
        leg.advance(packet.ordinal, packet.timestamp, packet.at_us, reading.pictures)
        index = packet.ordinal + leg.index_offset
        extension = packet.extension(shape)
        header = rtp.HEADER.pack(
            packet.word >> 8 | (0x10 if extension else 0),
            packet.word & 0x80 | shape.payload_type,
            index & 0xFFFF,
            (packet.timestamp + leg.timestamp_offset) & 0xFFFFFFFF,
            self.ssrc,
        )
        payload = codecs.renumbered(packet.payload, reading, leg.picture_offset, leg.tl0_offset)
        payload = codecs.blocks_for(payload, reading, shape.blocks_type)
        leg.packets += 1
        leg.octets += len(payload)
        leg.outlet.send(self.ssrc, index, header + extension, payload)

    def _selects(self, packet: Incoming, target: int) -> bool:
        """Whether a packet of a track with several layers is of the one that goes out, or begins the target layer."""
        startable = packet.reading.startable
        if target not in (self.selector.current, -1) and not (packet.layer == target and startable):
            self.up.need_keyframe(target, packet.at_us)
        return self.selector.takes(packet.layer, keyframe=startable, target=target)

    def on_nack(self, sequences: tuple[int, ...]) -> None:
        """Send lost packets again from the cache, on the repair stream (RFC 4588).

        Never under the old SSRC and number: a packet encrypted twice under one number must be the same to the bit.
        """
        for sequence in sequences[:_RESENDS_PER_TICK]:
            origin = self.leg.origin(sequence)
            if origin is None or self._resend_budget <= 0 or self.leg.paused or not self.up.open:
                continue
            span, source_sequence = origin
            layer = self.up.layer_of(span.source)
            packet = layer.cache.get(source_sequence) if layer else None
            if packet is not None:
                self._resend_budget -= 1
                self._resend(packet, sequence, span)

    def _resend(self, packet: bytes, sequence: int, span: Span) -> None:
        first_byte, marker_type, _, timestamp, _ = rtp.HEADER.unpack_from(packet)
        codec = self.up.codecs.get(marker_type & 0x7F, "")
        payload_type, shape = self._repair_types.get(codec), self.leg.shapes.get(codec)
        if payload_type is None or shape is None:
            return
        begin, elements = rtp.split(packet)
        present = {self.up.extensions.get(number): value for number, value in elements}
        extension = rtp.pack_elements([(number, present[uri]) for uri, number in shape.extension_ids if uri in present])
        whole = memoryview(packet)[begin:]
        payload = codecs.renumbered(whole, codecs.read(codec, whole), span.picture_offset, span.tl0_offset)
        self._repair_index += 1
        header = rtp.HEADER.pack(
            first_byte & 0xE0 | (0x10 if extension else 0),
            marker_type & 0x80 | payload_type,
            self._repair_index & 0xFFFF,
            (timestamp + span.timestamp_offset) & 0xFFFFFFFF,
            self.repair_ssrc,
        )
        self.resent += 1
        self.repair_octets += 2 + len(payload)
        self.leg.outlet.send(
            self.repair_ssrc, self._repair_index, header + extension, sequence.to_bytes(2, "big") + payload
        )

    def pad(self, size_bytes: int, at_us: int) -> bool:
        """Send so much padding on the repair stream, to find out what the line carries; False where there is none."""
        if not self._repair_types:
            return False
        payload_type = next(iter(self._repair_types.values()))
        timestamp = self.leg.timestamp_at(at_us)
        for _ in range((size_bytes + _MAX_PADDING - 1) // _MAX_PADDING):
            self._repair_index += 1
            header = rtp.HEADER.pack(0xA0, payload_type, self._repair_index & 0xFFFF, timestamp, self.repair_ssrc)
            self.repair_octets += _MAX_PADDING
            self.leg.outlet.send(self.repair_ssrc, self._repair_index, header, _PADDING)
        return True

    def on_keyframe_request(self, at_us: int) -> None:
        current = self.selector.current if len(self.up.layers) > 1 else 0
        self.up.need_keyframe(current, at_us)

    def on_sender_report(self, source: int, report: SenderReport) -> None:
        """The publisher's clock, told in the numbers of our stream, so that the receiver keeps lips in time."""
        if source == self.leg.source and not self.leg.paused and self._send_report is not None:
            timestamp = (report.rtp_timestamp + self.leg.timestamp_offset) & 0xFFFFFFFF
            self._send_report(SenderReport(self.ssrc, report.ntp, timestamp), self.leg.packets, self.leg.octets)

    def tick(self) -> None:
        self._resend_budget = _RESENDS_PER_TICK
