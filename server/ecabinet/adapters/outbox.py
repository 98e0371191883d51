"""What meetings are told, kept in the same commit as the facts, numbered without gaps for each meeting."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, String, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.kernel.ids import MeetingId

from .database import UtcDateTime, metadata, upsert_into

Changes = dict[str, dict[str, Any]]
"""Collection → id → the entry as it now stands, or None when it is gone. What a message's ``body`` is made of."""

heads = Table(
    "outbox_head",
    metadata,
    Column("meeting", String(26), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
messages = Table(
    "outbox",
    metadata,
    Column("meeting", String(26), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", JSON, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing a meeting is told, before anyone's right to see it has been applied."""

    meeting: MeetingId
    seq: int
    """1, 2, 3 … without gaps in each meeting."""
    type: str
    at: datetime
    body: Changes


async def next_seq(connection: AsyncConnection, meeting: MeetingId) -> int:
    """Take the next number. The head's row stays locked until the commit, so numbers commit in order."""
    statement = upsert_into(connection, heads).values(meeting=meeting, seq=1)
    statement = statement.on_conflict_do_update(index_elements=["meeting"], set_={"seq": heads.c.seq + 1})
    return int((await connection.execute(statement.returning(heads.c.seq))).scalar_one())


async def add(connection: AsyncConnection, message: Message) -> None:
    """Keep a message whose number `next_seq` gave."""
    await connection.execute(
        insert(messages).values(
            meeting=message.meeting, seq=message.seq, type=message.type, at=message.at, body=message.body
        )
    )


async def last_seq(connection: AsyncConnection, meeting: MeetingId) -> int:
    """The number of the newest message; 0 before the first."""
    found = await connection.execute(select(heads.c.seq).where(heads.c.meeting == meeting))
    return found.scalar_one_or_none() or 0


async def since(connection: AsyncConnection, meeting: MeetingId, seq: int, limit: int) -> list[Message]:
    """Messages after ``seq``, oldest first, at most ``limit``."""
    rows = await connection.execute(
        select(messages)
        .where(messages.c.meeting == meeting, messages.c.seq > seq)
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return [Message(MeetingId(row.meeting), row.seq, row.type, row.at, row.body) for row in rows]
