"""How good a participant's line is for a call, as LiveKit clients show it.

Source: ITU-T G.107 (E-model) in the reduced form of Cole and Rosenbluth, "Voice over IP performance monitoring" (2001),
for delay; G.107 §3.5 for loss, with a robustness to loss that suits Opus and VP8 with repeats.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

_BEST: Final = 93.2
"""Rating of a perfect line (G.107, default values)."""
_KNEE_MS: Final = 177.3
"""Above this delay conversations suffer much more."""
_ROBUSTNESS: Final = 20.0
"""Percentage of loss at which half of all quality is gone (Bpl)."""
_PLAYOUT_MS: Final = 20.0
_PER_LAYER: Final = 10.0
"""What each layer below the wanted one costs."""
_NO_PICTURE: Final = 40.0
_EXCELLENT, _GOOD = 80.0, 60.0
_SMOOTHING: Final = 0.3


class Quality(IntEnum):
    """With LiveKit's numbers."""

    POOR = 0
    GOOD = 1
    EXCELLENT = 2
    LOST = 3


@dataclass(slots=True)
class Arrival:
    """How packets arrived since the last `take`."""

    expected: int = 0
    missed: int = 0
    jitter_s: float = 0.0
    round_trip_s: float = 0.0
    """Smoothed; 0 while unknown."""

    def add(self, expected: int, missed: int, jitter_s: float) -> None:
        self.expected += expected
        self.missed += missed
        self.jitter_s = max(self.jitter_s, jitter_s)

    def add_round_trip(self, round_trip_s: float) -> None:
        known_s = self.round_trip_s
        self.round_trip_s = known_s + _SMOOTHING * (round_trip_s - known_s) if known_s else round_trip_s

    def take(self) -> "Arrival":
        """What was counted; begins anew."""
        taken = Arrival(self.expected, self.missed, self.jitter_s, self.round_trip_s)
        self.expected = self.missed = 0
        self.jitter_s = 0.0
        return taken


def rating(arrival: Arrival, shortfalls: Iterable[int | None] = ()) -> float:
    """From 0 to 100.

    shortfalls  for each video wanted, by how many layers it is below what is wanted; None for one that is paused
    """
    delay_ms = 500 * arrival.round_trip_s + 2000 * min(arrival.jitter_s, 0.5) + _PLAYOUT_MS
    by_delay = 0.024 * delay_ms + 0.11 * max(0.0, delay_ms - _KNEE_MS)
    loss = 100 * arrival.missed / arrival.expected if arrival.expected else 0.0
    by_loss = 95 * loss / (loss + _ROBUSTNESS)
    by_picture = max((_NO_PICTURE if down is None else _PER_LAYER * down for down in shortfalls), default=0.0)
    return max(0.0, min(100.0, 100 * (_BEST - by_delay - by_loss - by_picture) / _BEST))


def grade(value: float) -> Quality:
    """A rating in the words that clients know."""
    if value >= _EXCELLENT:
        return Quality.EXCELLENT
    return Quality.GOOD if value >= _GOOD else Quality.POOR
