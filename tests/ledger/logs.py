"""A log in a real database, with the record's own tables and nobody to see what happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database, metadata
from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.events import Event
from ecabinet.ledger.sql import SqlLedger
from tests.fakes.kernel import CountingBytes


async def nothing_seen(event: Event, connection: AsyncConnection) -> Changes:
    return {}


@asynccontextmanager
async def opened_log(database_url: str, *kinds: type[Event]) -> AsyncIterator[UnitOfWork]:
    """kinds: the events that will be recorded."""
    database = Database(database_url)
    tables = [each for name, each in metadata.tables.items() if name.startswith(("ledger_", "outbox", "checkpoint"))]
    async with database.writing() as connection:
        await connection.run_sync(lambda opened: metadata.create_all(opened, tables=tables))
    yield UnitOfWork(database, SqlLedger(CountingBytes()), dict.fromkeys(kinds, nothing_seen), Bus())
    await database.close()


async def record(uow: UnitOfWork, *events: Event) -> list[int]:
    """All of them in one act; returns their numbers."""

    async def work(act: Act) -> list[int]:
        return [await act.record(event) for event in events]

    return await uow.run(work)
