"""How a receiver's line is shared among the videos it wants: a layer for each, or none.

Audio is not weighed here: it always flows, and what a line carries of video (`forwarding.line`) is what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Final

PAUSED: Final = -1
_FOREMOST_SHARE: Final = 0.6
"""What the speaker and the shared screen may take before the others have their lowest layer."""
_CLIMB, _STAY = 1.1, 0.85
"""A layer is taken up only with room to spare, and kept while it nearly fits: else it would come and go."""
_RESERVE_BPS: Final = 40_000.0
"""Kept free for the sound, which comes first: another voice, repeats, and the head of a queue after a key frame."""
_BITS_PER_PIXEL: Final = 2.0
_SMOOTHING: Final = 0.15
_WINDOW_S: Final = 0.4
_KEY_FRAME: Final = 2.0
"""A key frame makes a window look larger, but not by more than that."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One video that a receiver shows."""

    costs_bps: tuple[float, ...]
    """What each layer takes, lowest first; 0 for one that is not sent at present."""
    ceiling: int
    """The best layer it has a use for."""
    given: int = PAUSED
    """What it was given last."""
    foremost: bool = False
    """Whether it comes before others: the shared screen, the speaker, or what the receiver said itself."""
    may_pause: bool = True

    def options(self) -> list[int]:
        """The layers it could get, lowest first; what is too good for it, if there is nothing else."""
        alive = [layer for layer, cost in enumerate(self.costs_bps) if cost > 0]
        return [layer for layer in alive if layer <= self.ceiling] or alive[:1]

    def cost_bps(self, layer: int) -> float:
        return self.costs_bps[layer] if layer != PAUSED else 0.0

    def price_bps(self, layer: int) -> float:
        """What has to be there before it is given this layer."""
        return self.costs_bps[layer] * (_STAY if layer <= self.given else _CLIMB)


def allocate(wishes: Sequence[Wish], limit_bps: float) -> list[int]:
    """The layer for each wish, `PAUSED` for none; wishes come in order of importance.

    First the lowest layer for those that are foremost, and better ones as long as they leave something; then the lowest
    for the others; then what is left to whoever comes first. One that is not sent at all costs nothing and gets its
    ceiling.
    """
    limit_bps -= _RESERVE_BPS
    purse = _Purse(wishes, limit_bps)
    foremost = [number for number, wish in enumerate(wishes) if wish.foremost]
    for number in foremost:
        purse.begin(number)
    for number in foremost:
        purse.raise_(number, _FOREMOST_SHARE * limit_bps)
    for number in range(len(wishes)):
        purse.begin(number)
    for number in range(len(wishes)):
        purse.raise_(number, limit_bps)
    return purse.given


class _Purse:
    def __init__(self, wishes: Sequence[Wish], limit_bps: float) -> None:
        self.given = [PAUSED if wish.options() else wish.ceiling for wish in wishes]
        self._wishes = wishes
        self._limit_bps = limit_bps
        self._spent_bps = 0.0

    def begin(self, number: int) -> None:
        """The lowest layer, if it fits, or if it has to be."""
        wish = self._wishes[number]
        options = wish.options()
        if self.given[number] == PAUSED and options:
            fits = self._spent_bps + wish.price_bps(options[0]) <= self._limit_bps
            if fits or not wish.may_pause:
                self._give(number, options[0])

    def raise_(self, number: int, limit_bps: float) -> None:
        """As good a layer as fits under this limit."""
        wish = self._wishes[number]
        if not wish.options() or self.given[number] == PAUSED:
            return
        rest_bps = self._spent_bps - wish.cost_bps(self.given[number])
        for layer in reversed(wish.options()):
            if layer > self.given[number] and rest_bps + wish.price_bps(layer) <= limit_bps:
                self._give(number, layer)
                return

    def _give(self, number: int, layer: int) -> None:
        wish = self._wishes[number]
        self._spent_bps += wish.cost_bps(layer) - wish.cost_bps(self.given[number])
        self.given[number] = layer


def needed_bps(wishes: Sequence[Wish], given: Sequence[int]) -> float:
    """What has to fit in all for the next improvement; 0 when every wish has its best."""
    total_bps = sum(wish.cost_bps(layer) for wish, layer in zip(wishes, given, strict=True) if wish.options())
    for wish, layer in zip(wishes, given, strict=True):
        better = [option for option in wish.options() if option > layer]
        if better:
            return total_bps - wish.cost_bps(layer) + _CLIMB * wish.costs_bps[better[0]] + _RESERVE_BPS
    return 0.0


def expected_bps(width: int, height: int, announced_bps: int) -> float:
    """What a layer will take before it was ever heard of."""
    return float(announced_bps or _BITS_PER_PIXEL * width * height)


@dataclass(slots=True)
class Meter:
    """What each layer of a published track takes, smoothed over some three seconds."""

    rates_bps: list[float] = field(default_factory=list)
    """0 for a layer never heard of."""
    _octets: list[int] = field(default_factory=list)
    _at_s: float = -inf

    def measure(self, octets: Sequence[int], at_s: float) -> None:
        """`octets` counts what has come of each layer; called as often as anyone likes.

        A layer that stands still keeps its rate: it will take as much when it is sent again.
        """
        if len(octets) != len(self._octets):
            self._octets, self.rates_bps, self._at_s = list(octets), [0.0] * len(octets), at_s
            return
        passed_s = at_s - self._at_s
        if passed_s < _WINDOW_S:
            return
        for layer, (now, before) in enumerate(zip(octets, self._octets, strict=True)):
            rate_bps = 8 * (now - before) / passed_s
            if rate_bps > 0:
                known_bps = self.rates_bps[layer] or rate_bps
                self.rates_bps[layer] = known_bps + _SMOOTHING * (min(rate_bps, _KEY_FRAME * known_bps) - known_bps)
        self._octets, self._at_s = list(octets), at_s
