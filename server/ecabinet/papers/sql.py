"""Papers as rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    column,
    delete,
    func,
    insert,
    select,
    table,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, lock_row, metadata
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PaperId, PersonId

from .model import Paper, PaperIsThere

papers = Table(
    "paper",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False),
    Column("item", ForeignKey("item.id"), nullable=False),
    Column("title", String(300), nullable=False),
    Column("filename", String(300), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", String(26), nullable=False),
    Column("is_late", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("item", "digest"),
    Index("ix_paper_meeting", "meeting"),
)
_meetings = table("meeting", column("id"))


@dataclass(frozen=True, slots=True)
class SqlPapers:
    """See the PaperStore port."""

    connection: AsyncConnection

    async def lock(self, meeting: MeetingId) -> None:
        await lock_row(self.connection, _meetings.c.id, meeting)

    async def add(self, paper: Paper) -> None:
        values = {each.name: getattr(paper, each.name) for each in papers.columns}
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(papers).values(**values))
        except IntegrityError as error:
            raise PaperIsThere() from error

    async def get(self, meeting: MeetingId, paper: PaperId) -> Paper:
        found = await self.connection.execute(select(papers).where(papers.c.id == paper, papers.c.meeting == meeting))
        row = found.one_or_none()
        if row is None:
            raise NotFound()
        return _paper(row)

    async def of(self, meeting: MeetingId) -> list[Paper]:
        rows = await self.connection.execute(
            select(papers).where(papers.c.meeting == meeting).order_by(papers.c.item, papers.c.position)
        )
        return [_paper(row) for row in rows]

    async def late(self, meetings: frozenset[MeetingId]) -> dict[MeetingId, int]:
        rows = await self.connection.execute(
            select(papers.c.meeting, func.count())
            .where(papers.c.meeting.in_(meetings), papers.c.is_late)
            .group_by(papers.c.meeting)
        )
        return {MeetingId(meeting): count for meeting, count in rows}

    async def remove(self, paper: PaperId) -> None:
        await self.connection.execute(delete(papers).where(papers.c.id == paper))


def _paper(row: Any) -> Paper:
    return Paper(
        id=PaperId(row.id),
        meeting=MeetingId(row.meeting),
        item=ItemId(row.item),
        title=row.title,
        filename=row.filename,
        size_bytes=row.size_bytes,
        pages=row.pages,
        digest=row.digest,
        added_at=row.added_at,
        added_by=PersonId(row.added_by),
        is_late=row.is_late,
        position=row.position,
    )
