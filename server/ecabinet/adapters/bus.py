"""Word inside this process that a meeting has news. The news itself is in the outbox; the bus only wakes readers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from ecabinet.kernel.ids import MeetingId


class Bus:
    """Wakes whoever waits for a meeting. Losing a wake-up is harmless: the next one reads everything since."""

    def __init__(self) -> None:
        self._waiting: dict[MeetingId, set[asyncio.Event]] = {}

    def wake(self, meeting: MeetingId) -> None:
        """Say that there is something new to read."""
        for bell in self._waiting.get(meeting, ()):
            bell.set()

    @contextmanager
    def listening(self, meeting: MeetingId) -> Iterator[asyncio.Event]:
        """A bell that rings at news of the meeting; the listener clears it before it reads."""
        bell = asyncio.Event()
        bells = self._waiting.setdefault(meeting, set())
        bells.add(bell)
        try:
            yield bell
        finally:
            bells.discard(bell)
            if not bells:
                self._waiting.pop(meeting, None)
