"""A rate at which something costly may begin; who comes too early waits in line."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from relay.transport.budgets import Bucket

_MAX_WAITING: Final = 1_000


class Turnstile:
    """Lets through so many per second, first come first served; when the line is full, nobody joins it."""

    def __init__(self, per_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._bucket = Bucket(per_s, max(1.0, per_s / 5))
        self._pause_s = 1 / per_s
        self._now_s = now_s
        self._line: deque[Callable[[], bool]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.refused = 0
        """Who found the line full."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    def enter(self, begin: Callable[[], bool]) -> bool:
        """Have `begin` called, at once or later; False when the line is full.

        begin  answers whether it still wanted to; if not, its turn passes to the next
        """
        if len(self._line) >= _MAX_WAITING:
            self.refused += 1
            return False
        self._line.append(begin)
        if self._timer is None:
            self._advance()
        return True

    def _advance(self) -> None:
        self._timer = None
        now_s = self._now_s()
        while self._line and self._bucket.left(now_s) >= 1:
            if self._line.popleft()():
                self._bucket.take(now_s)
        if self._line:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s, self._advance)

    def close(self) -> None:
        self._line.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
