"""Who holds the floor, from how loud everybody is: the loudest over a second or so, without flicker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_AUDIBLE: Final = 0.005
"""-46 dB: quieter is not speech."""
_KEPT: Final = 0.9
"""Of the past, per step of 100 ms: the memory is a second long."""
_CLEARLY: Final = 2.0
_STEPS_BETWEEN: Final = 20


@dataclass(slots=True)
class Floor:
    """State over the recording; one step is 100 ms."""

    speaker: str | None = None
    _energy: dict[str, float] = field(default_factory=dict)
    _since_change: int = _STEPS_BETWEEN

    def step(self, levels: Mapping[str, float]) -> str | None:
        """The speaker now; whoever spoke last stays until another does.

        levels  root mean square by participant, of full scale
        """
        for who in {*self._energy, *levels}:
            level = levels.get(who, 0.0)
            heard = level**2 if level > _AUDIBLE else 0.0
            self._energy[who] = self._energy.get(who, 0.0) * _KEPT + heard * (1 - _KEPT)
        self._since_change += 1
        loudest = max(self._energy, key=lambda who: self._energy[who], default=None)
        if loudest is None or loudest == self.speaker or self._energy[loudest] < _AUDIBLE**2 / 2:
            return self.speaker
        rival = self._energy.get(self.speaker, 0.0) if self.speaker is not None else 0.0
        if self.speaker is None or (self._since_change >= _STEPS_BETWEEN and self._energy[loudest] > _CLEARLY * rival):
            self.speaker, self._since_change = loudest, 0
        return self.speaker

    def is_heard(self, who: str) -> bool:
        """Whether somebody is speaking right now, floor or not."""
        return self._energy.get(who, 0.0) > _AUDIBLE**2 / 2
