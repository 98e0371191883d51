"""Word inside this process that a meeting has news. The news itself is in the outbox; the bus only wakes readers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from ecabinet.kernel.ids import MeetingId


class Bell:
    """Rings at news, and remembers of which meetings until it is read."""

    def __init__(self, deaf_to: frozenset[str] = frozenset()) -> None:
        self._deaf_to = deaf_to
        self._rung = asyncio.Event()
        self._meetings: set[MeetingId] = set()

    def ring(self, meeting: MeetingId, kind: str) -> None:
        """There is news of this meeting, of this type of event."""
        if kind not in self._deaf_to:
            self._meetings.add(meeting)
            self._rung.set()

    async def heard(self) -> set[MeetingId]:
        """Wait for news; returns the meetings that have some since the last call."""
        await self._rung.wait()
        self._rung.clear()
        meetings, self._meetings = self._meetings, set()
        return meetings


class Bus:
    """Wakes whoever waits for a meeting. Losing a wake-up is harmless: the next reader reads everything since."""

    def __init__(self) -> None:
        self._bells: dict[MeetingId | None, set[Bell]] = {}

    def wake(self, meeting: MeetingId, kind: str = "") -> None:
        """Say that there is something new to read: an event of this type."""
        for key in (meeting, None):
            for bell in self._bells.get(key, ()):
                bell.ring(meeting, kind)

    @contextmanager
    def listening(self, meeting: MeetingId | None, deaf_to: frozenset[str] = frozenset()) -> Iterator[Bell]:
        """A bell for one meeting, or for all of them (None). Events of the types in ``deaf_to`` do not ring it."""
        bell = Bell(deaf_to)
        bells = self._bells.setdefault(meeting, set())
        bells.add(bell)
        try:
            yield bell
        finally:
            bells.discard(bell)
            if not bells:
                self._bells.pop(meeting, None)
