"""Presences as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, metadata
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId

from .model import Mark, Presence, Recusal

presences = Table(
    "presence",
    metadata,
    Column("meeting", String(26), primary_key=True),
    Column("person", String(26), primary_key=True),
    Column("is_connected", Boolean, nullable=False, index=True),
    Column("seen_at", UtcDateTime),
    Column("mark", String(16)),
    Column("reason", Text),
    Column("since", UtcDateTime),
    # Participants only; who leaves the list leaves here too.
    ForeignKeyConstraint(["meeting", "person"], ["participant.meeting", "participant.person"], ondelete="CASCADE"),
)

recusals = Table(
    "recusal",
    metadata,
    Column("item", String(26), ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("person", String(26), primary_key=True),
    Column("meeting", String(26), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(26), nullable=False),
    ForeignKeyConstraint(["meeting", "person"], ["participant.meeting", "participant.person"], ondelete="CASCADE"),
)


@dataclass(frozen=True, slots=True)
class SqlPresences:
    """See the Presences port."""

    connection: AsyncConnection

    async def get(self, meeting: MeetingId, person: PersonId) -> Presence:
        mine = select(presences).where(presences.c.meeting == meeting, presences.c.person == person)
        row = (await self.connection.execute(mine)).one_or_none()
        return Presence(meeting, person) if row is None else _presence(row)

    async def put(self, presence: Presence) -> None:
        values = {
            "is_connected": presence.is_connected,
            "seen_at": presence.seen_at,
            "mark": presence.mark.value if presence.mark else None,
            "reason": presence.reason,
            "since": presence.since,
        }
        mine = (presences.c.meeting == presence.meeting) & (presences.c.person == presence.person)
        if (await self.connection.execute(update(presences).where(mine).values(**values))).rowcount:
            return
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(
                    insert(presences).values(meeting=presence.meeting, person=presence.person, **values)
                )
        except IntegrityError as error:
            raise NotFound() from error

    async def of(self, meeting: MeetingId) -> dict[PersonId, Presence]:
        rows = await self.connection.execute(select(presences).where(presences.c.meeting == meeting))
        return {PersonId(row.person): _presence(row) for row in rows}

    async def left_connected(self, before: datetime) -> list[Presence]:
        rows = await self.connection.execute(
            select(presences)
            .where(presences.c.is_connected, presences.c.seen_at < before)
            .order_by(presences.c.meeting, presences.c.person)
        )
        return [_presence(row) for row in rows]


@dataclass(frozen=True, slots=True)
class SqlRecusals:
    """See the Recusals port."""

    connection: AsyncConnection

    async def put(self, recusal: Recusal) -> None:
        await self.remove(recusal.item, recusal.person)
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(
                    insert(recusals).values(
                        item=recusal.item,
                        person=recusal.person,
                        meeting=recusal.meeting,
                        reason=recusal.reason,
                        at=recusal.at,
                        by=recusal.by,
                    )
                )
        except IntegrityError as error:
            raise NotFound() from error

    async def remove(self, item: ItemId, person: PersonId) -> None:
        await self.connection.execute(delete(recusals).where(recusals.c.item == item, recusals.c.person == person))

    async def of(self, meeting: MeetingId) -> list[Recusal]:
        ordered = select(recusals).where(recusals.c.meeting == meeting).order_by(recusals.c.item, recusals.c.person)
        return [_recusal(row) for row in await self.connection.execute(ordered)]


def _recusal(row: Row[Any]) -> Recusal:
    return Recusal(MeetingId(row.meeting), ItemId(row.item), PersonId(row.person), row.reason, row.at, PersonId(row.by))


def _presence(row: Row[Any]) -> Presence:
    return Presence(
        MeetingId(row.meeting),
        PersonId(row.person),
        row.is_connected,
        row.seen_at,
        Mark(row.mark) if row.mark else None,
        row.reason,
        row.since,
    )
