"""Who is speaking, from the levels that clients write into packet headers (RFC 6464); works with encrypted media."""

from dataclasses import dataclass
from typing import Final

_SILENCE: Final = 127
_LOUD: Final = 35
"""-35 dBov: louder counts as speech."""
_ACTIVE_SHARE: Final = 0.4
"""Share of the packets in a window that must be loud."""


@dataclass(slots=True)
class SpeechLevel:
    """Level of one microphone over the current window (some 400 ms, the caller's tick)."""

    packets: int = 0
    loud: int = 0
    quietest_loud: int = _SILENCE
    level: float = 0.0
    """0 (silent) to 1, smoothed over two windows."""

    def add(self, level: int) -> None:
        """One packet's level in -dBov, 0 (loudest) to 127."""
        self.packets += 1
        if level < _LOUD:
            self.loud += 1
            self.quietest_loud = min(self.quietest_loud, level)

    def close_window(self) -> float:
        """The smoothed level, 0 when not speaking; begins the next window."""
        active = self.packets and self.loud >= _ACTIVE_SHARE * self.packets
        now = 10 ** ((-self.quietest_loud) / 20) if active else 0.0
        self.level = (self.level + now) / 2 if active else self.level / 2
        if self.level < 0.001:
            self.level = 0.0
        self.packets = self.loud = 0
        self.quietest_loud = _SILENCE
        return self.level
