"""Sheets as rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    column,
    insert,
    select,
    table,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, lock_row, metadata
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId

from .model import Kind, Sheet

sheets = Table(
    "hall_sheet",
    metadata,
    Column("question", ForeignKey("question.id"), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False, index=True),
    Column("item", ForeignKey("item.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("entered_by", ForeignKey("account.person"), nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("second", JSON(none_as_null=True)),
    Column("second_by", ForeignKey("account.person")),
    Column("second_at", UtcDateTime),
    # Under any race: nobody confirms himself.
    CheckConstraint("second_by IS NULL OR second_by <> entered_by", name="two_people"),
)
_meetings = table("meeting", column("id"))
"""The other slice's rows, for locking alone."""


@dataclass(frozen=True, slots=True)
class SqlSheets:
    """See the Sheets port."""

    connection: AsyncConnection

    async def lock(self, meeting: MeetingId) -> None:
        await lock_row(self.connection, _meetings.c.id, meeting)

    async def get(self, meeting: MeetingId, question: QuestionId) -> Sheet | None:
        mine = select(sheets).where(sheets.c.question == question, sheets.c.meeting == meeting)
        row = (await self.connection.execute(mine)).one_or_none()
        return _sheet(row) if row else None

    async def of(self, meeting: MeetingId) -> list[Sheet]:
        mine = select(sheets).where(sheets.c.meeting == meeting).order_by(sheets.c.question)
        return [_sheet(row) for row in await self.connection.execute(mine)]

    async def put(self, sheet: Sheet) -> None:
        values = _row(sheet)
        there = update(sheets).where(sheets.c.question == sheet.question).values(**values)
        if not (await self.connection.execute(there)).rowcount:
            await self.connection.execute(insert(sheets).values(**values))


def _row(sheet: Sheet) -> dict[str, Any]:
    return {
        "question": sheet.question,
        "meeting": sheet.meeting,
        "item": sheet.item,
        "kind": sheet.kind.value,
        "version": sheet.version,
        "content": dict(sheet.content),
        "entered_by": sheet.entered_by,
        "entered_at": sheet.entered_at,
        "second": None if sheet.second is None else dict(sheet.second),
        "second_by": sheet.second_by,
        "second_at": sheet.second_at,
    }


def _sheet(row: Row[Any]) -> Sheet:
    return Sheet(
        question=QuestionId(row.question),
        meeting=MeetingId(row.meeting),
        item=ItemId(row.item),
        kind=Kind(row.kind),
        version=row.version,
        content=row.content,
        entered_by=PersonId(row.entered_by),
        entered_at=row.entered_at,
        second=row.second,
        second_by=PersonId(row.second_by) if row.second_by else None,
        second_at=row.second_at,
    )
