"""What a receiver's line carries of video, learned from the receiver's own reports.

A libwebrtc receiver measures the delay of video packets and says in REMB what it believes the line carries. That number
must be read with care, as it is half estimate, half habit of its author (AimdRateControl):

- it is no limit until it falls or stands still: without trouble it is at most 1.5 times what was sent, and grows;
- on growing delay it becomes 0.85 of what arrived, and then stands until the delay is gone;
- it says nothing of audio, so what it promises is there for video in addition to the audio that flows.

So a line has no limit until it shows one; what it carries beyond the limit is found out by probes of padding, which
grow slowly, end at the first sign of trouble, and come the less often the more of them failed.

Source: draft-alvestrand-rmcat-remb-03; draft-ietf-rmcat-gcc-02 §6 (loss: back off above 10 %).
"""

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Final, NamedTuple

_BACKED_OFF: Final = 0.85
"""A receiver in trouble asks for this share of what arrives (draft-ietf-rmcat-gcc-02 §5.5, beta)."""
_FALL: Final = 0.97
_RISE: Final = 1.003
"""Less than this is standing still; the slowest growth is some 0.5 % a second."""
_PATIENCE_S: Final = 2.5
"""An estimate that stands still for so long, although enough is sent for it to grow, means trouble."""
_GRACE_S: Final = 3.0
"""After a step down the queue on the line has to drain; until then a receiver measures what we took back."""
_QUEUE_S: Final = 0.1
_LONG_QUEUE_S: Final = 0.25
"""A round trip so much longer than the shortest of late is a queue that somebody fills, probably we."""
_STANDS_S, _LASTS_S = 0.4, 0.6
_SHORTEST_KEPT_S: Final = 30.0
_SURE_OVERFLOW, _OVERFLOW = 1.5, 1.15
"""So much more sent than arrives is no measuring error, or none where packets have to wait as well: a receiver on a
busy machine takes its own delays for the line's."""
_SAFE: Final = 0.9
_LOSS, _HEAVY_LOSS = 0.1, 0.3
_BLAMELESS: Final = 0.7
"""Loss or delay that is still this share of what it was, after much less was sent, is the line's own."""
_OWN_LOSS_S: Final = 60.0
_EASE_S: Final = 10.0
"""A limit is forgotten when everything wanted has been sent for so long without trouble."""
_SETTLED_S, _HASTE_S, _NEWS_S, _JUDGED_S = 1.0, 1.5, 5.0, 3.5
_LEAST_BPS: Final = 30_000.0
_RATE_S: Final = 1.1

_RAMP_S: Final = 1.2
_HOLD_S: Final = 0.8
_GROWS_S: Final = 0.8
"""As long as there is no trouble the receiver's estimate grows so often."""
_FRESH_S: Final = 0.7
_FIRST_PAUSE_S: Final = 4.0
_LONGEST_PAUSE_S: Final = 10.0
_BETWEEN_S: Final = 0.5
"""From an improvement that worked to the next probe."""
_LONGEST_REST_S: Final = 30.0
"""After an improvement that was seen and had to be taken back, which is worse than a probe that nobody notices."""
_PROVING_S: Final = 15.0
"""Trouble so soon after an improvement means that the improvement was too much."""
_HEADROOM: Final = 1.05
_MORE: Final = 1.15
"""What was carried without any wait is not all there is."""
_MAX_PADDING_BPS: Final = 4e6


class _Probe(NamedTuple):
    began_s: float
    from_bps: float
    target_bps: float


@dataclass(slots=True)
class Probes:
    """When more is tried, and how much."""

    until_s: float = -inf
    """When the last one ended; what is sent of it may still arrive for a moment after that."""
    _probe: _Probe | None = None
    _next_s: float = -inf
    _pause_s: float = _FIRST_PAUSE_S
    _improved_at_s: float = -inf

    @property
    def running(self) -> bool:
        return self._probe is not None

    def stop(self) -> None:
        self._probe = None

    def on_fall(self, at_s: float) -> None:
        """A sign of trouble, large or small: what is being tried is too much."""
        if self._probe is not None:
            self._probe = None
            self.until_s = at_s + 1
            self._postpone(at_s)

    def on_trouble(self, at_s: float) -> None:
        self._probe = None
        if at_s - self._improved_at_s < _PROVING_S:
            self._postpone(at_s, 2.5, _LONGEST_REST_S)
        else:
            self._pause_s = _FIRST_PAUSE_S
            self._next_s = at_s + self._pause_s

    def begin_trial(self, at_s: float) -> None:
        self._probe = None
        self._improved_at_s = at_s
        self._postpone(at_s)

    def _postpone(self, at_s: float, factor: float = 1.6, longest_s: float = _LONGEST_PAUSE_S) -> None:
        self._next_s = at_s + self._pause_s
        self._pause_s = max(self._pause_s, min(longest_s, factor * self._pause_s))

    def ended(self, *, well: bool, at_s: float) -> float:
        """What the line was shown to carry, once, when a probe has run its time and all is well; else 0."""
        probe = self._probe
        if probe is None or at_s - probe.began_s < _RAMP_S + _HOLD_S:
            return 0.0
        if not well:
            self.on_fall(at_s)
            return 0.0
        self._probe = None
        self.until_s = self._improved_at_s = at_s
        self._next_s = at_s + _BETWEEN_S
        return probe.target_bps

    def padding_bps(self, sent_bps: float, needed_bps: float, at_s: float) -> float:
        if self._probe is None:
            if at_s < self._next_s:
                return 0.0
            self._probe = _Probe(at_s, sent_bps, min(_HEADROOM * needed_bps, sent_bps + _MAX_PADDING_BPS))
        probe = self._probe
        share = min(1.0, (at_s - probe.began_s) / _RAMP_S)
        wanted_bps = probe.from_bps + share * (probe.target_bps - probe.from_bps)
        return max(0.0, wanted_bps - sent_bps)


class _Standing(NamedTuple):
    """An estimate, and since when it has not grown."""

    since_s: float
    bitrate_bps: float


class _Trip(NamedTuple):
    at_s: float
    round_trip_s: float


_NEVER, _UNKNOWN = _Trip(-inf, inf), _Trip(-inf, 0.0)


class _Blame(NamedTuple):
    """A step down because of delay or loss, and how much of it there was."""

    at_s: float
    amount: float
    sent_bps: float
    limit_bps: float
    """As it was before."""


class SentRate:
    """Octets over the last second."""

    def __init__(self) -> None:
        self._steps: deque[tuple[float, int]] = deque()
        self._total = 0

    def add(self, octets: int, at_s: float) -> None:
        """So many more since the last call."""
        self._total += octets
        self._steps.append((at_s, self._total))
        while at_s - self._steps[0][0] > _RATE_S:
            self._steps.popleft()

    @property
    def recent_bps(self) -> float:
        """The last step, or the whole second where that is less."""
        if len(self._steps) < 2:
            return 0.0
        (began_s, before), (ended_s, now) = self._steps[-2], self._steps[-1]
        return min(self.bps, 8 * (now - before) / (ended_s - began_s) if ended_s > began_s else 0.0)

    @property
    def bps(self) -> float:
        if len(self._steps) < 2:
            return 0.0
        (began_s, before), (ended_s, now) = self._steps[0], self._steps[-1]
        return 8 * (now - before) / (ended_s - began_s) if ended_s > began_s else 0.0


@dataclass(slots=True)
class LineEstimate:
    """State of one receiver's line. Times are seconds of one clock, and never go back."""

    limit_bps: float = inf
    """What it carries of video; inf until it has shown a limit."""
    probes: Probes = field(default_factory=Probes)
    _remb: _Standing | None = None
    _proved_bps: float = inf
    """How far the limit follows the receiver's estimate; what was too much once is left to probes."""
    _troubled_at_s: float = -inf
    _shortest: _Trip = _NEVER
    _queue: _Trip = _UNKNOWN
    """When, and how much longer than the shortest, the last round trip was."""
    _long_since_s: float = inf
    _delay_blame: _Blame | None = None
    _loss_blame: _Blame | None = None
    _loss: float = 0.0
    """Of the last second."""
    _own_loss: float = 0.0
    _own_loss_until_s: float = -inf

    @property
    def remb_bps(self) -> float:
        """What the receiver said last; 0 if it never did."""
        return self._remb.bitrate_bps if self._remb is not None else 0.0

    def on_remb(self, bitrate_bps: float, sent_bps: float, at_s: float) -> None:
        """`sent_bps` is what was sent of video of late, padding included."""
        before = self._remb
        arrived_bps = bitrate_bps / _BACKED_OFF
        if before is None or bitrate_bps < _FALL * before.bitrate_bps:
            self._remb = _Standing(at_s, bitrate_bps)
            tried = self.probes.running or at_s < self.probes.until_s
            self.probes.on_fall(at_s)
            overflow = _SURE_OVERFLOW if self._is_clear(at_s) is not False else _OVERFLOW
            if sent_bps > overflow * arrived_bps and not tried:
                self._step_down(bitrate_bps, arrived_bps, sent_bps, at_s)
        elif bitrate_bps > _RISE * before.bitrate_bps:
            self._remb = _Standing(at_s, bitrate_bps)
            self.limit_bps = max(self.limit_bps, min(bitrate_bps, self._proved_bps))
        elif self._is_stuck(before, sent_bps, at_s):
            self._step_down(max(bitrate_bps, 0.7 * sent_bps), sent_bps, sent_bps, at_s)

    def _is_stuck(self, standing: _Standing, sent_bps: float, at_s: float) -> bool:
        return (
            at_s - standing.since_s > _PATIENCE_S
            and not self._drains(at_s)
            and (self._is_clear(at_s) is False or self._queue is _UNKNOWN)
            and sent_bps > standing.bitrate_bps
            and not self.probes.running
            and at_s - self.probes.until_s > _GRACE_S
        )

    def _drains(self, at_s: float) -> bool:
        return at_s - self._troubled_at_s < _GRACE_S

    def on_round_trip(self, round_trip_s: float, loss: float, sent_bps: float, at_s: float) -> None:
        """From a report of ours to the receiver and back; `loss` as far as it is known by now."""
        if round_trip_s <= self._shortest.round_trip_s or at_s - self._shortest.at_s > _SHORTEST_KEPT_S:
            self._shortest = _Trip(at_s, round_trip_s)
        self._queue = _Trip(at_s, round_trip_s - self._shortest.round_trip_s)
        if self._is_longer_by_itself(self._queue.round_trip_s, sent_bps, at_s):
            self._shortest, self._queue = _Trip(at_s, round_trip_s), _Trip(at_s, 0.0)
            return
        if self._is_long(self._queue.round_trip_s, _QUEUE_S):
            self.probes.on_fall(at_s)
        if not self._is_long(self._queue.round_trip_s, _LONG_QUEUE_S):
            self._long_since_s = inf
            return
        self._long_since_s = min(at_s, self._long_since_s)
        lasts = at_s - self._long_since_s > _LASTS_S
        grows = self._remb is not None and at_s - self._remb.since_s < _STANDS_S  # then its delay was another's
        if lasts and not (grows or self._drains(at_s) or self._is_stale(sent_bps, at_s)):
            self._step_down(min(0.5, _BACKED_OFF * (1 - loss)) * sent_bps, sent_bps, sent_bps, at_s)

    def _is_longer_by_itself(self, queue_s: float, sent_bps: float, at_s: float) -> bool:
        """Whether the way grew longer for other reasons than what we send: a step down did not shorten it."""
        blame = self._delay_blame
        if blame is not None and at_s - blame.at_s < _SETTLED_S:
            self._delay_blame = blame._replace(amount=max(blame.amount, queue_s))
        if blame is None or at_s - blame.at_s < _HASTE_S or sent_bps > 0.75 * blame.sent_bps:
            return False
        self._delay_blame = None
        same = _BLAMELESS < queue_s / blame.amount < 1 / _BLAMELESS
        if not same or self._loss > _LOSS:
            return False
        self.limit_bps = max(self.limit_bps, blame.limit_bps)
        self._proved_bps = self.limit_bps
        return True

    def _is_long(self, queue_s: float, limit_s: float) -> bool:
        """On a long way delays vary more."""
        return queue_s > max(limit_s, 0.5 * self._shortest.round_trip_s)

    def _is_clear(self, at_s: float) -> bool | None:
        """Whether packets go through without waiting; None when that is not known of late."""
        if at_s - self._queue.at_s > _FRESH_S:
            return None
        return not self._is_long(self._queue.round_trip_s, _QUEUE_S)

    def on_loss(self, loss: float, sent_bps: float, at_s: float) -> None:
        """Share of the video packets lost in a second or more, of enough of them to mean something."""
        self._loss = loss
        waits = self._is_clear(at_s) is False
        if self._is_lossy_by_itself(waits, sent_bps, at_s):
            return
        borne = self._own_loss * 1.5 + 0.05 if at_s < self._own_loss_until_s else _LOSS
        if loss <= borne:
            return
        self.probes.on_fall(at_s)
        certain = waits or loss > _HEAVY_LOSS
        if self._is_stale(sent_bps, at_s) or at_s - self._troubled_at_s < (_HASTE_S if certain else _GRACE_S):
            return
        self._loss_blame = _Blame(at_s, loss, sent_bps, self.limit_bps)
        arrived_bps = sent_bps * (1 - loss)
        self._step_down(_BACKED_OFF * arrived_bps if certain else sent_bps * (1 - loss / 2), sent_bps, sent_bps, at_s)

    def _is_lossy_by_itself(self, waits: bool, sent_bps: float, at_s: float) -> bool:
        """Whether a step down changed nothing, and so was for nothing: it is taken back."""
        blame = self._loss_blame
        if blame is None or at_s - blame.at_s <= _JUDGED_S or sent_bps > 0.75 * blame.sent_bps:
            return False
        self._loss_blame = None
        if waits or self._loss < max(_LOSS, _BLAMELESS * blame.amount):
            return False
        self._own_loss, self._own_loss_until_s = self._loss, at_s + _OWN_LOSS_S
        self.limit_bps = max(self.limit_bps, blame.limit_bps)
        return True

    def _is_stale(self, sent_bps: float, at_s: float) -> bool:
        """Whether bad news is of what was sent before the last step down."""
        return at_s - self._troubled_at_s < _NEWS_S and sent_bps < 0.5 * self.limit_bps

    def trust(self, needed_bps: float, at_s: float) -> None:
        """Nothing can be sent on trial to this receiver: the improvement itself is the trial."""
        self.probes.begin_trial(at_s)
        self.limit_bps = max(self.limit_bps, needed_bps)

    def _step_down(self, limit_bps: float, too_much_bps: float, sent_bps: float, at_s: float) -> None:
        if self._delay_blame is None and self._is_clear(at_s) is False:
            self._delay_blame = _Blame(at_s, self._queue.round_trip_s, sent_bps, self.limit_bps)
        self._proved_bps = _SAFE * too_much_bps
        self.limit_bps = max(_LEAST_BPS, min(self.limit_bps, limit_bps))
        self._troubled_at_s = at_s
        self.probes.on_trouble(at_s)

    def padding_bps(self, sent_bps: float, needed_bps: float, at_s: float) -> float:
        """What to send of padding from now until the next call, some 50 ms.

        sent_bps  what is sent of video at present, without padding
        needed_bps  what has to fit for the next improvement; 0 when everything wanted is sent
        """
        if needed_bps <= 0 or self.limit_bps == inf:
            self.probes.stop()
            if self.limit_bps < inf and at_s - self._troubled_at_s > _EASE_S:
                self.limit_bps = inf
            return 0.0
        clear = self._is_clear(at_s)
        grows = self._remb is None or at_s - self._remb.since_s < _GROWS_S
        reached_bps = self.probes.ended(well=grows if clear is None else clear, at_s=at_s)
        if reached_bps:
            self._proved_bps = self.limit_bps = max(self.limit_bps, _MORE * reached_bps)
        if clear is False and not self.probes.running:
            return 0.0
        return self.probes.padding_bps(sent_bps, needed_bps, at_s)
