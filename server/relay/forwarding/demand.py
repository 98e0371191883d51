"""Which simulcast layers a publisher should send at all: those that somebody wants and may get (dynacast)."""

from dataclasses import dataclass
from typing import Final

HIGHEST: Final = 2
_PATIENCE_S: Final = 5.0
"""A layer nobody wants is given up only after this long: pages are resized and scrolled to and fro."""
_LINE_PATIENCE_S: Final = 20.0
"""One that no line carries only after this long: most lines are better again by then, and get it back sooner."""


@dataclass(slots=True)
class Demand:
    """State of one track; its publisher sends all layers until told otherwise."""

    told: int = HIGHEST
    """The highest layer the publisher was told to send, -1 for none at all."""
    _unwanted_since_s: float | None = None
    _beyond_since_s: float | None = None

    def update(self, wanted: int, now_s: float, reachable: int = HIGHEST) -> int | None:
        """The highest layer to tell the publisher now, -1 for none; None when there is nothing new to say.

        wanted  the highest layer that any receiver wants, -1 for none
        reachable  the highest that the line of one of them carries or, with a layer to try, may carry soon
        """
        reachable = min(wanted, reachable)
        self._note(wanted, reachable, now_s)
        if reachable > self.told or _is_over(self._beyond_since_s, now_s, _LINE_PATIENCE_S):
            self.told = reachable
        elif _is_over(self._unwanted_since_s, now_s, _PATIENCE_S):
            self.told = wanted
        else:
            return None
        self._note(wanted, reachable, now_s)
        return self.told

    def _note(self, wanted: int, reachable: int, now_s: float) -> None:
        """Since when more is sent than is wanted, or than can be had."""
        self._unwanted_since_s = _since(self._unwanted_since_s, now_s) if wanted < self.told else None
        self._beyond_since_s = _since(self._beyond_since_s, now_s) if reachable < self.told else None


def _since(known_s: float | None, now_s: float) -> float:
    return now_s if known_s is None else known_s


def _is_over(since_s: float | None, now_s: float, patience_s: float) -> bool:
    return since_s is not None and now_s - since_s >= patience_s
