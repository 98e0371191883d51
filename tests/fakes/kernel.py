"""Time, ids and transactions as a test wants them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ecabinet.kernel.events import Event

NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
"""12:00 on a Wednesday in Hà Nội."""


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def pass_time(self, span: timedelta) -> None:
        self.at += span


@dataclass
class CountingIds:
    """Ids in the order they were asked for, as long as real ones."""

    given: int = 0

    def new(self) -> str:
        self.given += 1
        return f"id{self.given:024d}"


class CountingBytes:
    """Bytes that are different every time."""

    def __init__(self) -> None:
        self._given = 0

    def bytes(self, count: int) -> bytes:
        self._given += 1
        return self._given.to_bytes(count, "big")


@dataclass
class RecordingTransaction:
    """Keeps events in a list; numbers are its length."""

    events: list[Event] = field(default_factory=list)

    async def record(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events)

    async def record_all(self, events: Sequence[Event]) -> list[int]:
        return [await self.record(event) for event in events]
