"""One act, one commit: the facts, their ledger entries and what the meeting is told, together or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.kernel.errors import Unavailable
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId

from . import outbox
from .bus import Bus
from .database import Database

T = TypeVar("T")

Projector = Callable[[Event, AsyncConnection], Awaitable[outbox.Changes]]
"""From an event and the rows as they now stand to the entries that changed."""


def together(first: Projector, second: Projector) -> Projector:
    """For an event that changes entries of two slices, each of which knows its own."""

    async def project(event: Event, connection: AsyncConnection) -> outbox.Changes:
        changes = {**await first(event, connection)}
        for name, entries in (await second(event, connection)).items():
            changes[name] = {**changes.get(name, {}), **entries}
        return changes

    return project


class Recorder(Protocol):
    """Whoever keeps the tamper-evident record: the ledger slice."""

    async def append(self, connection: AsyncConnection, events: Sequence[Event]) -> list[int]:
        """Keep the events in this transaction, in this order and after all others; returns their numbers."""
        ...


@dataclass(slots=True)
class Act:
    """A transaction in which a service runs: the Transaction port, and the connection, for ``sql.py`` alone."""

    connection: AsyncConnection
    recorder: Recorder
    events: list[Event] = field(default_factory=list)
    """Those the meeting is told of."""

    async def record(self, event: Event) -> int:
        [number] = await self.record_all([event])
        return number

    async def record_all(self, events: Sequence[Event]) -> list[int]:
        if not events:
            return []
        assert len({(event.type, event.meeting) for event in events}) == 1, "told once, so they are of one kind"
        self.events.append(events[-1])
        return await self.recorder.append(self.connection, events)


_RETRIED = {"40001", "40P01"}
"""PostgreSQL: serialization_failure and deadlock_detected. The act is repeated from its start."""
_TRIES = 4


@dataclass(slots=True)
class UnitOfWork:
    """Runs acts. A service never commits; it may be run again, so it does nothing that cannot be undone."""

    database: Database
    recorder: Recorder
    projectors: Mapping[type[Event], Projector | None]
    """None: recorded, and not told. An event of a meeting that is not here at all is a mistake of ours."""
    bus: Bus
    _one_writer: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, work: Callable[[Act], Awaitable[T]]) -> T:
        """Run ``work`` and commit what it did. Returns after the commit is durable.

        Raises whatever ``work`` raises, with nothing kept; Unavailable when the database does not answer.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                result, told = await self._once(work)
            except DBAPIError as error:
                if attempt < _TRIES and getattr(error.orig, "sqlstate", None) in _RETRIED:
                    continue
                if error.connection_invalidated or _is_locked(error):
                    raise Unavailable() from error
                raise
            for meeting, kind in told:
                self.bus.wake(meeting, kind)
            return result
        raise AssertionError("the last try returns or raises")

    async def _once(self, work: Callable[[Act], Awaitable[T]]) -> tuple[T, list[tuple[MeetingId, str]]]:
        async with self._turn(), self.database.writing() as connection:
            act = Act(connection, self.recorder)
            result = await work(act)
            told = await self._tell(act)
        return result, told

    async def _tell(self, act: Act) -> list[tuple[MeetingId, str]]:
        told = []
        for event in act.events:
            if event.meeting is None:
                continue
            projector = self.projectors[type(event)]
            if projector is None:
                continue
            body = await projector(event, act.connection)
            seq = await outbox.next_seq(act.connection, event.meeting)
            await outbox.add(act.connection, outbox.Message(event.meeting, seq, event.type, event.at, body))
            told.append((event.meeting, event.type))
        return told

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        # SQLite has one writer. Waiting here is fair and wakes at once; waiting inside SQLite polls.
        if not self.database.is_sqlite:
            yield
            return
        async with self._one_writer:
            yield

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Act]:
        """An act that only reads. Recording in it is a mistake of ours and fails."""
        async with self.database.reading() as connection:
            act = Act(connection, self.recorder)
            yield act
            assert not act.events, "an event recorded in a reading act"


def _is_locked(error: DBAPIError) -> bool:
    return "database is locked" in str(error.orig)
