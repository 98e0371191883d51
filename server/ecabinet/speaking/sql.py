"""Turns as rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    column,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, lock_row, metadata
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, TurnId

from .model import AlreadySpeaking, AlreadyWaiting, Status, Turn

_WAITING, _SPEAKING = text("status = 'waiting'"), text("status = 'speaking'")
turns = Table(
    "turn",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False, index=True),
    Column("person", String(26), nullable=False),
    Column("item", String(26)),
    Column("status", String(16), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("allotted_s", Integer),
    # One waits once, and one speaks at a time: under any race.
    Index("uq_turn_waiting", "meeting", "person", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index("uq_turn_speaking", "meeting", unique=True, sqlite_where=_SPEAKING, postgresql_where=_SPEAKING),
)
_meetings = table("meeting", column("id"))


@dataclass(frozen=True, slots=True)
class SqlTurns:
    """See the TurnStore port."""

    connection: AsyncConnection

    async def lock(self, meeting: MeetingId) -> None:
        await lock_row(self.connection, _meetings.c.id, meeting)

    async def of(self, meeting: MeetingId) -> list[Turn]:
        rows = await self.connection.execute(
            select(turns).where(turns.c.meeting == meeting).order_by(turns.c.asked_at, turns.c.id)
        )
        return [_turn(row) for row in rows]

    async def get(self, meeting: MeetingId, turn: TurnId) -> Turn:
        found = await self.connection.execute(select(turns).where(turns.c.id == turn, turns.c.meeting == meeting))
        row = found.one_or_none()
        if row is None:
            raise NotFound()
        return _turn(row)

    async def keep(self, turn: Turn) -> None:
        values = {each.name: getattr(turn, each.name) for each in turns.columns}
        values["status"] = turn.status.value
        try:
            async with self.connection.begin_nested():
                changed = await self.connection.execute(update(turns).where(turns.c.id == turn.id).values(**values))
                if not changed.rowcount:
                    await self.connection.execute(insert(turns).values(**values))
        except IntegrityError as error:
            raise (AlreadySpeaking() if turn.status is Status.SPEAKING else AlreadyWaiting()) from error


def _turn(row: Any) -> Turn:
    return Turn(
        id=TurnId(row.id),
        meeting=MeetingId(row.meeting),
        person=PersonId(row.person),
        item=ItemId(row.item) if row.item else None,
        status=Status(row.status),
        asked_at=row.asked_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        allotted_s=row.allotted_s,
    )
