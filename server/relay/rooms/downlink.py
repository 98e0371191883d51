"""What one receiver's line carries, and what is therefore sent of what it wants.

The arithmetic is in `forwarding.line` and `forwarding.allocator`; here it meets subscriptions, reports and the clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from typing import Final

from livekit.protocol.models import TrackSource
from livekit.protocol.rtc import SignalResponse, StreamState, StreamStateInfo, StreamStateUpdate

from relay.forwarding.allocator import PAUSED, Wish, allocate, expected_bps, needed_bps
from relay.forwarding.forwarder import DownTrack
from relay.forwarding.line import LineEstimate, SentRate
from relay.forwarding.quality import Arrival
from relay.rooms.ports import World
from relay.rooms.subscription import Subscription, Subscriptions
from relay.wire.rtcp import KeyframeRequest, Nack, Packet, ReceiverReport, Remb, Report

_TICKS_PER_ROUND: Final = 5
"""What is sent is decided anew every 250 ms."""
_TICKS_TO_REST: Final = 40
"""Who receives nothing for 2 s has nothing left to decide on."""
_SPEAKER_S: Final = 5.0
"""Whoever spoke so lately is still the speaker: people breathe."""
_ENOUGH_PACKETS: Final = 20
"""Loss among fewer packets says nothing."""
_ROUND_S: Final = 0.25
_PADDING_S: Final = 0.05
_PACKET_BYTES: Final = 1_100
_REPEATS_NEEDED, _REPEATS_SHARE = 0.3, 0.5
"""On a line that loses a fifth, a fourth has to be repeated, and what is lost comes in bursts."""
_LEAST_REPEATS: Final = 5
_REPEATS_KEPT: Final = 512
_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 0.02, 1.0
"""A repeat is not repeated before the first can have arrived."""
_EVERYTHING: Final = 2
_NONE: Final = -1
_MAX_ROUND_TRIP_S: Final = 10.0


@dataclass(slots=True)
class _Seen:
    report: Report
    rested: bool = False
    """Whether the stream rested since. What was lost at its end is noticed when it goes on, and no news of the line."""


class Downlink:
    """State of one receiver."""

    def __init__(self, subscriptions: Subscriptions, world: World, send: Callable[[SignalResponse], None]) -> None:
        """`send` tells the client."""
        self.may_pause = True
        """Whether the client lets us pause a video; otherwise it gets the lowest layer at least."""
        self.arrival = Arrival()
        self._subscriptions = subscriptions
        self._world = world
        self._send = send
        self._line = LineEstimate()
        self._media = SentRate()
        self._all = SentRate()
        self._octets: dict[int, tuple[int, int]] = {}
        """SSRC -> media and repair octets counted."""
        self._reported: dict[int, _Seen] = {}
        """SSRC -> what the receiver reported of it last."""
        self._expected = self._missed = 0
        """Video packets since loss was last weighed."""
        self._weighed_at_s = 0.0
        self._spoke_at_s: dict[str, float] = {}
        self._paused: set[str] = set()
        """Tracks the client was told are paused."""
        self._needed_bps = 0.0
        self._repeated_at_s: dict[int, dict[int, float]] = {}
        """SSRC -> sequence number -> when."""
        self._repeats = _LEAST_REPEATS
        """Packets that may still be repeated in this round."""
        self._ticks = 0
        self._empty_ticks = 0
        """Ticks since there was a subscription."""

    @property
    def limit_bps(self) -> float:
        return self._line.limit_bps

    def shortfalls(self) -> list[int | None]:
        """By how many layers each video is below what the receiver wants and there is; None for a paused one."""
        now_us = self._world.wall_us()
        short: list[int | None] = []
        for subscription in self._subscriptions.videos():
            down, up = subscription.down, subscription.publication.up
            if down.unwanted or not up.open:
                continue
            best = min(down.selector.ceiling, subscription.publication.best_layer(now_us))
            short.append(None if down.held else max(0, best - down.selector.carried))
        return short

    # --- what the receiver says

    def receive(self, packet: Packet, at_us: int) -> None:
        """What a receiver says of the streams it gets; `at_us` is when that came."""
        if isinstance(packet, Remb):
            self._on_remb(packet.bitrate_bps)
        elif isinstance(packet, ReceiverReport):
            self._on_reports(packet.reports, at_us)
        elif isinstance(packet, Nack):
            self._on_nack(packet)
        elif isinstance(packet, KeyframeRequest):
            down = self._subscriptions.down_of(packet.ssrc)
            if down is not None:
                down.on_keyframe_request(at_us)

    def _on_remb(self, bitrate_bps: int) -> None:
        before_bps = self._line.limit_bps
        self._line.on_remb(bitrate_bps, self._all.recent_bps, self._world.now_s())
        if self._line.limit_bps < before_bps:
            self._share()

    def _on_reports(self, reports: Iterable[Report], at_us: int) -> None:
        """Receiver reports about what we send."""
        for report in reports:
            down = self._subscriptions.down_of(report.ssrc)
            if down is None:
                continue
            before = self._reported.get(report.ssrc)
            self._reported[report.ssrc] = seen = _Seen(report)
            if before is None:
                continue
            if before.report.highest_sequence == report.highest_sequence:
                seen.rested = before.rested
            elif not before.rested:
                self._count_loss(down, before.report, report)
            if report.last_sr != before.report.last_sr:  # an old one says nothing new
                self._time(report, at_us)

    def _count_loss(self, down: DownTrack, before: Report, now: Report) -> None:
        expected = now.highest_sequence - before.highest_sequence
        if not 0 < expected < 1 << 15:
            return
        missed = max(0, min(expected, now.cumulative_lost - before.cumulative_lost))
        self.arrival.add(expected, missed, now.jitter / down.up.clock_rate_hz)
        if down.up.kind == "video" and (now.ssrc == down.ssrc or down.held):  # repeats come late, and are lost late
            self._expected += expected
            self._missed += missed

    def _time(self, report: Report, at_us: int) -> None:
        sent_at_us = self._subscriptions.reported_at_us(report.last_sr)
        if sent_at_us is None:
            return
        round_trip_s = (at_us - sent_at_us) / 1e6 - report.delay_since_sr / 65536
        if 0 <= round_trip_s < _MAX_ROUND_TRIP_S:
            self.arrival.add_round_trip(round_trip_s)
            self._line.on_round_trip(round_trip_s, self._loss(), self._all.bps, self._world.now_s())

    def _on_nack(self, nack: Nack) -> None:
        """Repeat what is missing, as far as repeats may take the line: what was repeated may still be on its way."""
        down = self._subscriptions.down_of(nack.ssrc)
        if down is None or self._repeats <= 0:
            return
        now_s = self._world.now_s()
        wait_s = min(_LONGEST_WAIT_S, max(_SHORTEST_WAIT_S, self.arrival.round_trip_s))
        asked = self._repeated_at_s.setdefault(nack.ssrc, {})
        wanted = [number for number in nack.sequences if now_s - asked.get(number, 0.0) > wait_s]
        wanted = wanted[: self._repeats]
        self._repeats -= len(wanted)
        for number in wanted:
            asked.pop(number, None)
            asked[number] = now_s
        while len(asked) > _REPEATS_KEPT:
            del asked[next(iter(asked))]
        if wanted:
            down.on_nack(tuple(wanted))

    def _allow_repeats(self) -> None:
        """For the next 250 ms: a share of what is sent, and more of it where the line has room."""
        media_bps = self._media.bps
        spare_bps = _REPEATS_SHARE * media_bps
        if self._line.limit_bps < inf:
            spare_bps = max(_REPEATS_NEEDED * media_bps, min(spare_bps, self._line.limit_bps - media_bps))
        self._repeats = _LEAST_REPEATS + int(spare_bps * _ROUND_S / 8 / _PACKET_BYTES)

    def _loss(self) -> float:
        """Since it was weighed last."""
        return self._missed / self._expected if self._expected >= _ENOUGH_PACKETS else 0.0

    def _weigh_loss(self, now_s: float) -> None:
        if now_s - self._weighed_at_s >= 1 and self._expected >= _ENOUGH_PACKETS:
            self._line.on_loss(self._loss(), self._all.bps, now_s)
            self._expected = self._missed = 0
            self._weighed_at_s = now_s

    # --- time passes

    def tick(self) -> None:
        """Every 50 ms."""
        self._empty_ticks = 0 if len(self._subscriptions) else self._empty_ticks + 1
        if self._empty_ticks > _TICKS_TO_REST and self._line.limit_bps == inf:
            return
        self._ticks += 1
        if self._ticks % _TICKS_PER_ROUND == 0:
            now_s = self._world.now_s()
            self._count(now_s)
            self._weigh_loss(now_s)
            self._share()
            self._allow_repeats()
            if self._line.limit_bps < inf:
                self._subscriptions.tell_clock()
        if self._line.limit_bps < inf:
            self._probe()

    def _count(self, now_s: float) -> None:
        """What was sent of video; a track that came or went makes no jump."""
        media = repairs = 0
        octets: dict[int, tuple[int, int]] = {}
        for subscription in self._subscriptions.videos():
            down = subscription.down
            now = octets[down.ssrc] = down.leg.octets, down.repair_octets
            before = self._octets.get(down.ssrc, now)
            media += now[0] - before[0]
            repairs += now[1] - before[1]
        self._octets = octets
        for ssrc in self._repeated_at_s.keys() - octets.keys():
            del self._repeated_at_s[ssrc]
        for ssrc in [ssrc for ssrc in self._reported if self._subscriptions.down_of(ssrc) is None]:
            del self._reported[ssrc]
        self._media.add(media, now_s)
        self._all.add(media + repairs, now_s)

    def _probe(self) -> None:
        now_s = self._world.now_s()
        bitrate_bps = self._line.padding_bps(self._media.bps, self._needed_bps, now_s)
        if bitrate_bps <= 0:
            return
        size_bytes, at_us = int(bitrate_bps * _PADDING_S / 8), self._world.wall_us()
        if not any(subscription.down.pad(size_bytes, at_us) for subscription in self._subscriptions.videos()):
            self._line.trust(self._needed_bps, now_s)

    def _share(self) -> None:
        """Decide what is sent of each video, and tell the client what is paused."""
        wanted = [s for s in self._subscriptions.videos() if not s.down.unwanted]
        if self._line.limit_bps == inf:
            for subscription in wanted:
                self._give(subscription, _EVERYTHING)
            self._needed_bps = 0.0
        else:
            ordered = self._ordered(wanted)
            wishes = [wish for _, wish in ordered]
            given = allocate(wishes, self._line.limit_bps)
            for (subscription, _), layer in zip(ordered, given, strict=True):
                self._give(subscription, layer)
            self._needed_bps = needed_bps(wishes, given)
        self._tell({s.publication.sid for s in wanted if s.down.held}, wanted)

    def _ordered(self, wanted: list[Subscription]) -> list[tuple[Subscription, Wish]]:
        """Wishes, the most important first; equals as they were subscribed."""
        now_s = self._world.now_s()
        for subscription in self._subscriptions.audios():
            if subscription.publication.up.speech.level > 0:
                self._spoke_at_s[subscription.owner_sid] = now_s
        self._spoke_at_s = {sid: at_s for sid, at_s in self._spoke_at_s.items() if now_s - at_s < _SPEAKER_S}
        ranked = []
        for subscription in wanted:
            own = subscription.priority
            screen = subscription.publication.info.source == TrackSource.SCREEN_SHARE
            speaks = subscription.owner_sid in self._spoke_at_s
            foremost = own == 1 or (own == 0 and (screen or speaks))
            rank = (own or _UNSAID, not screen, not speaks)
            ranked.append((rank, subscription, self._wish(subscription, foremost=foremost, now_s=now_s)))
        ranked.sort(key=lambda one: one[0])
        return [(subscription, wish) for _, subscription, wish in ranked]

    def _wish(self, subscription: Subscription, *, foremost: bool, now_s: float) -> Wish:
        publication, down = subscription.publication, subscription.down
        layers = publication.up.layers
        meter, now_us = publication.meter, self._world.wall_us()
        meter.measure([layer.reception.octets if layer else 0 for layer in layers], now_s)
        announced = sorted(publication.info.layers, key=lambda layer: layer.width)
        costs = []
        for number, layer in enumerate(layers):
            cost = meter.rates_bps[number]
            if layer is None or not layer.is_alive(now_us):
                cost = 0.0
            elif not cost and number < len(announced):
                cost = expected_bps(announced[number].width, announced[number].height, announced[number].bitrate)
            costs.append(cost)
        return Wish(
            costs_bps=tuple(costs),
            ceiling=down.selector.ceiling,
            given=PAUSED if down.held else min(down.selector.carried, len(layers) - 1),
            foremost=foremost,
            may_pause=self.may_pause,
        )

    def _give(self, subscription: Subscription, layer: int) -> None:
        down, selector = subscription.down, subscription.down.selector
        down.hold(layer == PAUSED)
        if layer != PAUSED:
            selector.carried = layer
            if layer < selector.current:
                selector.current = _NONE  # the key frame it goes on with must not queue behind what did not fit
                down.resume()  # whichever layer that is of: what is left out in between is no loss
        if (down.held or selector.current == _NONE) and (seen := self._reported.get(down.ssrc)) is not None:
            seen.rested = True

    def repeat(self) -> None:
        """Say again which videos are paused, to a client that may have missed it."""
        states = [
            StreamStateInfo(
                participant_sid=subscription.owner_sid,
                track_sid=subscription.publication.sid,
                state=StreamState.PAUSED if subscription.publication.sid in self._paused else StreamState.ACTIVE,
            )
            for subscription in self._subscriptions.videos()
        ]
        if states:
            self._send(SignalResponse(stream_state_update=StreamStateUpdate(stream_states=states)))

    def _tell(self, paused: set[str], wanted: list[Subscription]) -> None:
        states = []
        for subscription in wanted:
            sid = subscription.publication.sid
            if (sid in paused) != (sid in self._paused):
                state = StreamState.PAUSED if sid in paused else StreamState.ACTIVE
                states.append(StreamStateInfo(participant_sid=subscription.owner_sid, track_sid=sid, state=state))
        hidden = self._paused - {subscription.publication.sid for subscription in wanted}
        self._paused = paused | {sid for sid in hidden if sid in self._subscriptions}
        if states:
            self._send(SignalResponse(stream_state_update=StreamStateUpdate(stream_states=states)))


_UNSAID: Final = 1 << 32
"""Behind every priority that a receiver can name."""
