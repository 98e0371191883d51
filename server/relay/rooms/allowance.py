"""How often something may happen at once, when each time costs everybody in the room."""

from dataclasses import dataclass


@dataclass(slots=True)
class Allowance:
    """A full bucket that is emptied by use and filled by time."""

    burst: float
    per_s: float
    _used: float = 0.0
    _at_s: float = 0.0

    def take(self, now_s: float, count: int = 1) -> bool:
        """Whether it may happen now, so many times at once; what may not is for the caller to put off."""
        self._used = max(0.0, self._used - (now_s - self._at_s) * self.per_s)
        self._at_s = now_s
        if self._used + count > self.burst:
            return False
        self._used += count
        return True
