"""Positions as rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Row, String, Table, Text, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, metadata
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId

from .model import Position, Stance

positions = Table(
    "position",
    metadata,
    Column("item", String(26), ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("person", String(26), primary_key=True),
    Column("meeting", String(26), nullable=False, index=True),
    Column("stance", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # Participants only; who leaves the list leaves here too.
    ForeignKeyConstraint(["meeting", "person"], ["participant.meeting", "participant.person"], ondelete="CASCADE"),
)


@dataclass(frozen=True, slots=True)
class SqlPositions:
    """See the PositionStore port."""

    connection: AsyncConnection

    async def put(self, position: Position) -> None:
        await self.remove(position.item, position.person)
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(
                    insert(positions).values(
                        item=position.item,
                        person=position.person,
                        meeting=position.meeting,
                        stance=position.stance.value,
                        text=position.text,
                        at=position.at,
                    )
                )
        except IntegrityError as error:
            raise NotFound() from error

    async def remove(self, item: ItemId, person: PersonId) -> None:
        await self.connection.execute(delete(positions).where(positions.c.item == item, positions.c.person == person))

    async def get(self, item: ItemId, person: PersonId) -> Position | None:
        mine = select(positions).where(positions.c.item == item, positions.c.person == person)
        row = (await self.connection.execute(mine)).one_or_none()
        return None if row is None else _position(row)

    async def of(self, meeting: MeetingId) -> list[Position]:
        ordered = (
            select(positions)
            .where(positions.c.meeting == meeting)
            .order_by(positions.c.at, positions.c.item, positions.c.person)
        )
        return [_position(row) for row in await self.connection.execute(ordered)]


def _position(row: Row[Any]) -> Position:
    return Position(
        MeetingId(row.meeting), ItemId(row.item), PersonId(row.person), Stance(row.stance), row.text, row.at
    )
