"""One database, SQLite or PostgreSQL, made durable and checked for it.

Tables are SQLAlchemy Core on `metadata`, declared in each slice's ``sql.py``: statements are written out, rows never
leave that file, and there is no identity map whose flushes would happen somewhere else than the code says
(`docs/decisions/core-not-orm.md`).
"""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, DateTime, Dialect, MetaData, Table, TypeDecorator, event, false, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ecabinet.kernel.errors import NotFound, Unavailable

log = structlog.get_logger()

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Refuses naive values; SQLite forgets the zone, so what comes back is UTC by definition."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class NotDurable(Exception):
    """The database would acknowledge before it has kept. Start-up stops here."""


_SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": "5000",
    "trusted_schema": "OFF",
}
_SQLITE_READ_BACK = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}
_POSTGRESQL_READ_BACK = {"synchronous_commit": "on", "full_page_writes": "on"}

READ_ONLY = "ecabinet_read_only"
"""Execution option of a connection that will not write, so that SQLite need not take its one write lock."""


class Database:
    """The engine of this process and the one way to get a connection from it."""

    def __init__(self, url: str) -> None:
        """``url``: ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``."""
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._one_moment: dict[str, Any] = {READ_ONLY: True}
        if not self.is_sqlite:
            # PostgreSQL would otherwise show each statement of a reading another moment; SQLite never does.
            self._one_moment |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection inside a transaction that commits at the end, or rolls back when the body raises.

        Raises Unavailable, as `reading` does, when the database does not let us in, or no longer answers.
        """
        async with self._connection() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection with one consistent view of the rows; nothing it writes is kept."""
        async with self._connection() as connection:
            await connection.execution_options(**self._one_moment)
            yield connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with AsyncExitStack() as stack:
                try:
                    connection = await stack.enter_async_context(self.engine.connect())
                except Exception as error:
                    # Each driver has its own exceptions for it, and the pool another; all mean that nothing was done.
                    log.error("the database does not let us in", error=repr(error))
                    raise Unavailable() from error
                yield connection
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unavailable() from error
            raise

    async def require_durability(self, on: AsyncConnection | None = None) -> None:
        """Read the settings back, of this connection or a fresh one. Raises NotDurable when an acknowledged row
        could be lost."""
        if on is None:
            async with self.reading() as connection:
                return await self.require_durability(connection)
        expected: dict[str, Any] = _SQLITE_READ_BACK if self.is_sqlite else _POSTGRESQL_READ_BACK
        question = "PRAGMA {}" if self.is_sqlite else "SHOW {}"
        for name, wanted in expected.items():
            found = (await on.execute(text(question.format(name)))).scalar_one()
            if found != wanted:
                raise NotDurable(f"{name} is {found!r}, must be {wanted!r}")
        return None

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


def upsert_into(connection: AsyncConnection, table: Table) -> Any:
    """An insert that knows ``on_conflict_do_update`` and ``…_do_nothing``; the two databases say them alike.

    The dialect is loaded here and not above: an installation uses one, and loading both costs each start its time.
    """
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert  # noqa: PLC0415

    return postgresql_insert(table)


def among(column: ColumnElement[str], keys: Collection[str]) -> ColumnElement[bool]:
    """``column IN (keys)``, the list filled up to a power of two by repeating a key: a database then keeps a handful of
    prepared statements instead of one for each number of keys."""
    listed = list(keys)
    if not listed:
        return false()
    return column.in_(listed + listed[-1:] * ((1 << (len(listed) - 1).bit_length()) - len(listed)))


async def lock_row(connection: AsyncConnection, column: ColumnElement[str], key: str) -> None:
    """Make other acts that lock this row wait until the transaction ends. Raises NotFound when there is none.

    FOR NO KEY UPDATE on PostgreSQL: rows of other tables that name this one may still be added meanwhile. On SQLite
    the whole act is the one writer already.
    """
    wanted = select(column).where(column == key).with_for_update(key_share=True)
    if (await connection.execute(wanted)).one_or_none() is None:
        raise NotFound()


def _engine(url: str) -> AsyncEngine:
    # Values stay out of errors, and so out of logs: among them are ballots, answers and reasons.
    if not url.startswith("sqlite"):
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_size=10,
            max_overflow=10,
            connect_args={"server_settings": {"synchronous_commit": "on", "timezone": "UTC"}},
        )
    engine = create_async_engine(url, hide_parameters=True, pool_size=8, max_overflow=8)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own idea of when to begin is switched off: _begin_sqlite says it, once and visibly.
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, value in _SQLITE_PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at the start. A deferred one could fail in the middle, after it has read and decided.
    reading = connection.get_execution_options().get(READ_ONLY)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
