"""How a line is shared: against the arithmetic, and against a simulated line with a receiver that reports."""

import random
from collections import deque
from dataclasses import dataclass, field
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.forwarding.allocator import PAUSED, Meter, Wish, allocate, needed_bps
from relay.forwarding.line import LineEstimate, SentRate

CAMERA = (160e3, 480e3, 2_000e3)
"""Bits per second of the layers of a 720p camera."""
TICK_S = 0.05


# --- sharing


def wish(costs: tuple[float, ...] = CAMERA, *, ceiling: int = 2, **more: object) -> Wish:
    return Wish(costs, ceiling, **more)  # type: ignore[arg-type]


def test_on_a_line_without_limit_everybody_gets_what_it_wants() -> None:
    assert allocate([wish(), wish(ceiling=1), wish(ceiling=0)], inf) == [2, 1, 0]


def test_the_lowest_layer_of_all_comes_before_a_better_one_of_some() -> None:
    assert allocate([wish()] * 3, 700e3) == [0, 0, 0]
    assert allocate([wish()] * 3, 1_000e3) == [1, 0, 0]


def test_the_foremost_is_shown_well_before_others_are_shown_at_all() -> None:
    assert allocate([wish(foremost=True), wish(), wish(), wish()], 1_000e3) == [1, 0, 0, PAUSED]


def test_what_does_not_fit_is_paused_unless_the_receiver_forbids_it() -> None:
    assert allocate([wish(), wish()], 150e3) == [PAUSED, PAUSED]
    assert allocate([wish(may_pause=False), wish(may_pause=False)], 150e3) == [0, 0]


def test_room_is_kept_for_the_sound() -> None:
    assert allocate([wish()], 180e3) == [PAUSED]


def test_a_layer_that_is_not_sent_is_not_given() -> None:
    assert allocate([wish((160e3, 0.0, 0.0))], 5_000e3) == [0]
    assert allocate([wish((0.0, 480e3, 0.0), ceiling=0)], 5_000e3) == [1], "better than wanted, but all there is"
    assert allocate([wish((0.0, 0.0, 0.0))], 100e3) == [2], "costs nothing"


def test_a_layer_stays_where_it_would_not_have_been_taken_up() -> None:
    assert allocate([wish(given=PAUSED)], 205e3) == [PAUSED]
    assert allocate([wish(given=0)], 205e3) == [0]


WISHES = st.lists(
    st.builds(
        Wish,
        st.tuples(st.floats(5e4, 3e5), st.floats(3e5, 8e5), st.floats(8e5, 4e6)),
        st.integers(0, 2),
        given=st.integers(-1, 2),
        foremost=st.booleans(),
    ),
    max_size=8,
)


@given(wishes=WISHES, limit_bps=st.floats(3e4, 2e7))
def test_no_line_is_given_more_than_it_carries_and_none_is_left_idle(wishes: list[Wish], limit_bps: float) -> None:
    given_layers = allocate(wishes, limit_bps)
    spent_bps = sum(one.cost_bps(layer) for one, layer in zip(wishes, given_layers, strict=True))
    assert spent_bps <= limit_bps / 0.85
    assert all(layer <= one.ceiling for one, layer in zip(wishes, given_layers, strict=True))
    need_bps = needed_bps(wishes, given_layers)
    if need_bps:
        assert need_bps > spent_bps
    else:
        assert given_layers == [one.ceiling for one in wishes]


@given(wishes=WISHES, limit_bps=st.floats(3e4, 2e7))
def test_what_was_decided_once_is_decided_again(wishes: list[Wish], limit_bps: float) -> None:
    """Nothing comes and goes while nothing changes."""
    decided = wishes
    seen = []
    for _ in range(4):
        layers = allocate(decided, limit_bps)
        seen.append(layers)
        decided = [
            Wish(one.costs_bps, one.ceiling, layer, one.foremost) for one, layer in zip(decided, layers, strict=True)
        ]
    assert seen[2] == seen[3]


def test_a_layer_that_rests_keeps_its_price() -> None:
    meter = Meter()
    for step in range(40):
        meter.measure([10_000 * step, 30_000 * min(step, 20)], 0.5 * step)
    assert meter.rates_bps == pytest.approx([160e3, 480e3])


# --- the line


@dataclass
class Receiver:
    """A line with a queue, and what libwebrtc would say at its end (AimdRateControl, much simplified)."""

    capacity_bps: float = inf
    """For video; the sound has its own share here."""
    loss: float = 0.0
    queue_bits: float = 0.0
    remb_bps: float = 0.0
    overuse: bool = False
    arrived: deque[float] = field(default_factory=lambda: deque(maxlen=20))
    delays_s: deque[float] = field(default_factory=lambda: deque([0.0] * 5, maxlen=5))
    worst_delay_s: float = 0.0
    offered: float = 0.0
    dropped: float = 0.0

    def send(self, bits: float) -> None:
        """50 ms of packets; the queue holds 400 ms."""
        kept = bits * (1 - self.loss)
        room = self.capacity_bps * 0.4 - self.queue_bits if self.capacity_bps < inf else inf
        taken = min(kept, room + self.capacity_bps * TICK_S)
        self.offered += bits
        self.dropped += bits - taken
        passed = min(self.queue_bits + taken, self.capacity_bps * TICK_S)
        self.queue_bits += taken - passed
        self.arrived.append(passed)
        self.delays_s.append(self.queue_bits / self.capacity_bps if self.capacity_bps < inf else 0.0)
        self.worst_delay_s = max(self.worst_delay_s, self.delays_s[-1])

    def __post_init__(self) -> None:
        self.remb_bps = self.remb_bps or 4e6

    @property
    def throughput_bps(self) -> float:
        return sum(self.arrived) / (len(self.arrived) * TICK_S)

    def remb(self) -> float:
        """Each 200 ms."""
        growing = self.delays_s[-1] - self.delays_s[0] > 0.015
        if growing or (self.overuse and self.delays_s[-1] > 0.03):
            self.overuse = True
            self.remb_bps = min(self.remb_bps or inf, max(5e3, 0.85 * self.throughput_bps))
        elif self.delays_s[-1] < 0.03:
            self.overuse = False
            self.remb_bps = max(self.remb_bps, min(self.remb_bps * 1.016, 1.5 * self.throughput_bps + 10e3))
        return self.remb_bps

    def take_loss(self) -> float:
        loss = self.dropped / self.offered if self.offered else 0.0
        self.offered = self.dropped = 0.0
        return loss


@dataclass
class Call:
    """One receiver of some cameras, for as long as one likes."""

    wishes: list[Wish]
    receiver: Receiver = field(default_factory=Receiver)
    round_trip_s: float = 0.05
    reports: bool = True
    line: LineEstimate = field(default_factory=LineEstimate)
    given: list[int] = field(default_factory=list)
    now_s: float = 100.0
    padding_bits: float = 0.0
    layers: list[list[int]] = field(default_factory=list)
    """What was given, each 250 ms."""
    _chance: random.Random = field(default_factory=lambda: random.Random(7))
    _media: SentRate = field(default_factory=SentRate)
    _all: SentRate = field(default_factory=SentRate)
    _need_bps: float = 0.0
    _ticks: int = 0
    _round: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def run(self, seconds: float) -> "Call":
        self.layers = []
        self.receiver.worst_delay_s = 0.0
        for _ in range(int(seconds / TICK_S)):
            self._tick()
        return self

    def _tick(self) -> None:
        self._ticks += 1
        self.now_s += TICK_S
        given_layers = self.given or [one.ceiling for one in self.wishes]
        media = sum(
            one.cost_bps(layer) * TICK_S * self._chance.uniform(0.8, 1.2)
            for one, layer in zip(self.wishes, given_layers, strict=True)
        )
        padding = self.line.padding_bps(self._media.bps, self._need_bps, self.now_s) * TICK_S
        self.padding_bits += padding
        self.receiver.send(media + padding)
        self._round[0] += media
        self._round[1] += media + padding
        if self._ticks % 4 == 0 and self.reports:
            self.line.on_remb(self.receiver.remb(), self._all.recent_bps, self.now_s)
        if self._ticks % 5 == 0:
            self._decide()

    def _decide(self) -> None:
        self._media.add(int(self._round[0] / 8), self.now_s)
        self._all.add(int(self._round[1] / 8), self.now_s)
        self._round = [0.0, 0.0]
        if self.line.limit_bps < inf or self._ticks % 20 == 0:
            delay_s = self.round_trip_s + self.receiver.delays_s[-1]
            loss = self.receiver.dropped / self.receiver.offered if self.receiver.offered else 0.0
            self.line.on_round_trip(delay_s, loss, self._all.bps, self.now_s)
        if self._ticks % 20 == 0 and self._all.bps:
            self.line.on_loss(self.receiver.take_loss(), self._all.bps, self.now_s)
        held = self.given or [one.ceiling for one in self.wishes]
        self.wishes = [
            Wish(one.costs_bps, one.ceiling, layer, one.foremost, one.may_pause)
            for one, layer in zip(self.wishes, held, strict=True)
        ]
        self.given = allocate(self.wishes, self.line.limit_bps)
        self._need_bps = 0.0 if self.line.limit_bps == inf else needed_bps(self.wishes, self.given)
        self.layers.append(self.given)


def test_a_good_line_is_never_limited() -> None:
    call = Call([wish(), wish()]).run(60)
    assert call.layers[-1] == [2, 2]
    assert all(layers == [2, 2] for layers in call.layers)
    assert call.padding_bits == 0


def test_a_narrow_line_pauses_the_video_and_gets_it_back_when_it_is_good_again() -> None:
    call = Call([wish()]).run(10)
    call.receiver.capacity_bps = 190e3
    call.run(30)
    assert call.layers[12:].count([PAUSED]) > 0.8 * len(call.layers[12:]), "within three seconds"
    assert call.run(3).receiver.worst_delay_s <= 0.41
    call.receiver.capacity_bps = inf
    call.run(25)
    assert call.layers[-1] == [2]


def test_a_line_is_known_by_its_losses_while_the_receivers_estimate_is_low_for_another_reason() -> None:
    call = Call([wish()], Receiver(remb_bps=30e3)).run(10)
    call.receiver.capacity_bps = 120e3
    call.run(20)
    assert call.layers[16:].count([PAUSED]) > 0.8 * len(call.layers[16:]), "within four seconds"
    call.receiver.capacity_bps = inf
    call.run(25)
    assert call.layers[-1] == [2]


def test_a_middling_line_gets_the_layer_it_carries() -> None:
    call = Call([wish()]).run(10)
    call.receiver.capacity_bps = 1_000e3
    call.run(15)
    assert call.layers[-1] == [1]
    call.run(30)
    assert call.layers.count([1]) > 0.9 * len(call.layers)


def test_the_speaker_is_shown_on_a_line_that_carries_one() -> None:
    call = Call([wish(foremost=True), wish(), wish(), wish()]).run(10)
    call.receiver.capacity_bps = 700e3
    call.run(20)
    assert call.layers[-1][0] >= 0
    assert call.layers[-1].count(PAUSED) <= 2


def test_a_line_that_loses_whatever_is_sent_is_not_blamed_on_us() -> None:
    call = Call([wish()]).run(10)
    call.receiver.loss = 0.4
    call.run(6)
    assert [1] in call.layers, "less was tried"
    assert call.layers[-1] == [2], "and did not help"
    assert set(map(tuple, call.run(20).layers)) == {(2,)}


def test_a_way_that_grows_longer_is_not_blamed_on_us() -> None:
    call = Call([wish()]).run(10)
    call.round_trip_s = 0.65
    call.run(5)
    assert call.layers[-1] == [2]
    assert call.layers.count([2]) > 0.4 * len(call.layers)


def test_a_receiver_that_sends_no_estimate_is_spared_by_its_losses() -> None:
    call = Call([wish()], reports=False).run(5)
    call.receiver.capacity_bps = 300e3
    call.run(30)
    assert sum(CAMERA[layers[0]] if layers[0] >= 0 else 0 for layers in call.layers[40:]) / 80 < 300e3


def test_what_was_too_much_once_is_not_taken_up_again_because_the_estimate_grows() -> None:
    call = Call([wish(foremost=number == 0) for number in range(4)], round_trip_s=0.25).run(8)
    call.receiver.capacity_bps = 3_300e3
    call.run(10)
    assert set(map(tuple, call.run(40).layers)) == {(2, 1, 0, 0)}


@settings(max_examples=8, deadline=None)
@given(
    capacity_bps=st.floats(100e3, 5e6),
    round_trip_s=st.floats(0.005, 0.4),
    cameras=st.integers(1, 6),
)
def test_any_line_settles_below_what_it_carries_and_does_not_flap(
    capacity_bps: float, round_trip_s: float, cameras: int
) -> None:
    call = Call([wish(foremost=number == 0) for number in range(cameras)], round_trip_s=round_trip_s).run(8)
    call.receiver.capacity_bps = capacity_bps
    call.run(15)
    call.run(40)
    media_bps = [
        sum(one.cost_bps(layer) for one, layer in zip(call.wishes, layers, strict=True)) for layers in call.layers
    ]
    assert sum(bps > 1.2 * capacity_bps for bps in media_bps) <= 0.15 * len(media_bps)
    changes = sum(before != after for before, after in zip(call.layers, call.layers[1:], strict=False))
    assert changes <= 12, "an improvement may be too much, but not again and again"
