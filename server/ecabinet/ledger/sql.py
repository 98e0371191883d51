"""Entries, what they disclose, and checkpoints as rows. The database itself refuses to change an entry."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import event as happening
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, metadata, upsert_into
from ecabinet.kernel.canonical import canonical
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId

from .merkle import HASH_BYTES, Frontier
from .model import SALT_BYTES, Checkpoint, Disclosure, Entry
from .ports import Random
from .rules import enter

_BATCH = 1000
"""Rows read at a time when the whole log is walked."""

entries = Table(
    "ledger_entry",
    metadata,
    # Taken from the head under its lock, never from a sequence: a rolled-back act would leave a gap.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", BigInteger),
    Column("at", UtcDateTime, nullable=False),
    Column("type", String(64), nullable=False),
    Column("actor", String(26)),
    Column("meeting", String(26)),
    Column("commitment", LargeBinary(HASH_BYTES), nullable=False),
    Column("leaf", LargeBinary(HASH_BYTES), nullable=False),
    Index("ix_ledger_entry_meeting_number", "meeting", "number"),
)
payloads = Table(
    "ledger_payload",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary(SALT_BYTES), nullable=False),
    # Text, not JSON: these very bytes are what the entry committed to.
    Column("payload", Text, nullable=False),
)
head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)
checkpoints = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(HASH_BYTES), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
)

_REFUSE_ON_POSTGRESQL = """
CREATE OR REPLACE FUNCTION ledger_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the record never changes'; END $$
"""
_TRIGGER_ON_POSTGRESQL = """
CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_never_changes()
"""
_TRIGGER_ON_SQLITE = """
CREATE TRIGGER {table}_refuses_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, 'the record never changes'); END
"""


def _keep_for_ever(table: Table) -> None:
    """Have the database refuse to update or delete rows, whoever asks."""
    on_postgresql = [_REFUSE_ON_POSTGRESQL, _TRIGGER_ON_POSTGRESQL.format(table=table.name)]
    on_sqlite = [_TRIGGER_ON_SQLITE.format(table=table.name, act=act) for act in ("update", "delete")]
    for dialect, statements in (("postgresql", on_postgresql), ("sqlite", on_sqlite)):
        for statement in statements:
            ddl = DDL(statement)  # type: ignore[no-untyped-call]
            happening.listen(table, "after_create", ddl.execute_if(dialect=dialect))


_keep_for_ever(entries)
_keep_for_ever(checkpoints)


@dataclass(frozen=True, slots=True)
class SqlLedger:
    """The unit of work's Recorder. Keeps nothing between calls: the log is what the database says it is."""

    random: Random

    async def append(self, connection: AsyncConnection, happened: Sequence[Event]) -> list[int]:
        """Keep the events in this transaction, in this order and after all others; returns their numbers.

        The head's row stays locked until the commit, so numbers commit in order and without gaps.
        """
        frontier = await _locked_head(connection)
        last = {meeting: await _last_of(connection, meeting) for meeting in {event.meeting for event in happened}}
        made: list[Entry] = []
        for event in happened:
            entry = enter(event, frontier.size + 1, last[event.meeting], self.random.bytes(SALT_BYTES))
            if event.meeting is not None:
                last[event.meeting] = entry.number
            frontier = frontier.append(entry.leaf)
            made.append(entry)
        await connection.execute(insert(entries), [_entry_values(entry) for entry in made])
        await connection.execute(insert(payloads), [_payload_values(entry) for entry in made])
        await connection.execute(update(head).values(size=frontier.size, frontier=frontier.to_bytes()))
        return [entry.number for entry in made]


async def _locked_head(connection: AsyncConnection) -> Frontier:
    statement = select(head.c.size, head.c.frontier).where(head.c.id == 1).with_for_update()
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        first = upsert_into(connection, head).values(id=1, size=0, frontier=b"")
        await connection.execute(first.on_conflict_do_nothing())
        row = (await connection.execute(statement)).one()
    return Frontier.from_bytes(row.size, row.frontier)


async def _last_of(connection: AsyncConnection, meeting: MeetingId | None) -> int | None:
    # A statement of its own, after the lock: a sub-select beside FOR UPDATE would see the rows of before the wait.
    if meeting is None:
        return None
    found = await connection.execute(select(func.max(entries.c.number)).where(entries.c.meeting == meeting))
    last: int | None = found.scalar_one()
    return last


@dataclass(frozen=True, slots=True)
class SqlRecords:
    """See the Records port."""

    connection: AsyncConnection

    async def lock(self) -> Frontier:
        return await _locked_head(self.connection)

    async def head(self) -> Frontier:
        row = (await self.connection.execute(select(head.c.size, head.c.frontier))).one_or_none()
        return Frontier.from_bytes(row.size, row.frontier) if row else Frontier()

    async def entries(self, since: int, until: int) -> AsyncIterator[Entry]:
        for first in range(since + 1, until + 1, _BATCH):
            last = min(first + _BATCH - 1, until)
            rows = await self.connection.execute(
                _WITH_PAYLOAD.where(entries.c.number.between(first, last)).order_by(entries.c.number)
            )
            for row in rows:
                yield _entry(row)

    async def leaves(self, since: int, until: int) -> list[bytes]:
        wanted = select(entries.c.leaf).where(entries.c.number > since, entries.c.number <= until)
        rows = await self.connection.execute(wanted.order_by(entries.c.number))
        return list(rows.scalars())

    async def of(self, meeting: MeetingId) -> list[Entry]:
        rows = await self.connection.execute(
            _WITH_PAYLOAD.where(entries.c.meeting == meeting).order_by(entries.c.number)
        )
        return [_entry(row) for row in rows]

    async def entry(self, number: int) -> Entry | None:
        row = (await self.connection.execute(_WITH_PAYLOAD.where(entries.c.number == number))).one_or_none()
        return _entry(row) if row else None

    async def erase(self, number: int) -> None:
        await self.connection.execute(delete(payloads).where(payloads.c.number == number))

    async def checkpoint(self) -> tuple[Checkpoint, Frontier] | None:
        statement = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
        row = (await self.connection.execute(statement)).one_or_none()
        return (_checkpoint(row), Frontier.from_bytes(row.size, row.frontier)) if row else None

    async def checkpoints(self) -> list[Checkpoint]:
        rows = await self.connection.execute(select(checkpoints).order_by(checkpoints.c.size))
        return [_checkpoint(row) for row in rows]

    async def add_checkpoint(self, checkpoint: Checkpoint, frontier: Frontier) -> None:
        await self.connection.execute(
            insert(checkpoints).values(
                size=checkpoint.size,
                root=checkpoint.root,
                frontier=frontier.to_bytes(),
                at=checkpoint.at,
                note=checkpoint.note,
            )
        )


_WITH_PAYLOAD = select(entries, payloads.c.salt, payloads.c.payload).join_from(
    entries, payloads, payloads.c.number == entries.c.number, isouter=True
)


def _entry_values(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "previous": entry.previous,
        "at": entry.at,
        "type": entry.type,
        "actor": entry.actor,
        "meeting": entry.meeting,
        "commitment": entry.commitment,
        "leaf": entry.leaf,
    }


def _payload_values(entry: Entry) -> dict[str, Any]:
    assert entry.disclosure is not None, "a new entry discloses itself"
    return {
        "number": entry.number,
        "salt": entry.disclosure.salt,
        "payload": canonical(entry.disclosure.payload).decode(),
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        number=row.number,
        previous=row.previous,
        at=row.at,
        type=row.type,
        actor=None if row.actor is None else PersonId(row.actor),
        meeting=None if row.meeting is None else MeetingId(row.meeting),
        commitment=row.commitment,
        leaf=row.leaf,
        disclosure=None if row.salt is None else Disclosure(row.salt, json.loads(row.payload)),
    )


def _checkpoint(row: Row[Any]) -> Checkpoint:
    return Checkpoint(row.size, row.root, row.at, row.note)
