"""Which simulcast layers a publisher should send at all: those that somebody wants (dynacast)."""

from dataclasses import dataclass
from typing import Final

_PATIENCE_S: Final = 5.0
"""A layer nobody wants is given up only after this long: pages are resized and scrolled to and fro."""


@dataclass(slots=True)
class Demand:
    """State of one track; its publisher sends all layers until told otherwise."""

    told: int = 2
    """The highest layer the publisher was told to send, -1 for none at all."""
    _lower_since_s: float | None = None

    def update(self, wanted: int, now_s: float) -> int | None:
        """The highest layer to tell the publisher now, -1 for none; None when there is nothing new to say.

        wanted  the highest layer that any receiver wants, -1 for none
        """
        if wanted < self.told and self._lower_since_s is None:
            self._lower_since_s = now_s
        if wanted > self.told or (self._lower_since_s is not None and now_s - self._lower_since_s >= _PATIENCE_S):
            self._lower_since_s = None
            if wanted != self.told:
                self.told = wanted
                return wanted
        if wanted >= self.told:
            self._lower_since_s = None
        return None
