"""Versions of minutes as rows. The text is kept whole: a version never changes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, Row, String, Table, UniqueConstraint, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, metadata
from ecabinet.kernel.errors import Conflict
from ecabinet.kernel.ids import MeetingId, MinutesId, PersonId

from . import model
from .model import Figure, Layout, Line, MinutesText, MinutesVersion, Section

minutes = Table(
    "minutes",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("drafted_at", UtcDateTime, nullable=False),
    Column("drafted_by", String(26), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("text", JSON, nullable=False),
    UniqueConstraint("meeting", "version"),
)


@dataclass(frozen=True, slots=True)
class SqlMinutes:
    """See the MinutesStore port."""

    connection: AsyncConnection

    async def next_version(self, meeting: MeetingId) -> int:
        newest = select(func.max(minutes.c.version)).where(minutes.c.meeting == meeting)
        return ((await self.connection.execute(newest)).scalar_one_or_none() or 0) + 1

    async def add(self, version: MinutesVersion) -> None:
        values = {
            "id": version.id,
            "meeting": version.meeting,
            "version": version.version,
            "drafted_at": version.drafted_at,
            "drafted_by": version.drafted_by,
            "digest": version.digest,
            "size_bytes": version.size_bytes,
            "text": _text_as_json(version.text),
        }
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(minutes).values(**values))
        except IntegrityError as error:
            raise Conflict(version=version.version) from error

    async def get(self, meeting: MeetingId, version: MinutesId) -> MinutesVersion | None:
        found = await self.connection.execute(
            select(minutes).where(minutes.c.meeting == meeting, minutes.c.id == version)
        )
        row = found.one_or_none()
        return None if row is None else _version(row)

    async def of(self, meeting: MeetingId) -> list[MinutesVersion]:
        rows = await self.connection.execute(
            select(minutes).where(minutes.c.meeting == meeting).order_by(minutes.c.version)
        )
        return [_version(row) for row in rows]

    async def drafted(self, meetings: frozenset[MeetingId]) -> frozenset[MeetingId]:
        found = await self.connection.execute(
            select(minutes.c.meeting).where(minutes.c.meeting.in_(meetings)).distinct()
        )
        return frozenset(MeetingId(each) for each in found.scalars())


def _version(row: Row[Any]) -> MinutesVersion:
    return MinutesVersion(
        id=MinutesId(row.id),
        meeting=MeetingId(row.meeting),
        version=row.version,
        drafted_at=row.drafted_at,
        drafted_by=PersonId(row.drafted_by),
        digest=row.digest,
        size_bytes=row.size_bytes,
        text=_text_from_json(row.text),
    )


def _text_as_json(text: MinutesText) -> dict[str, Any]:
    return {
        "figures": [[each.name, each.value, list(each.entries)] for each in text.figures],
        "sections": [
            {
                "heading": section.heading,
                "layout": section.layout.value,
                "lines": [
                    [line.text, list(line.entries), list(line.cells), line.table.value] for line in section.lines
                ],
            }
            for section in text.sections
        ],
    }


def _text_from_json(kept: dict[str, Any]) -> MinutesText:
    return MinutesText(
        figures=tuple(Figure(name, value, tuple(entries)) for name, value, entries in kept["figures"]),
        sections=tuple(
            Section(
                section["heading"],
                tuple(_line(*each) for each in section["lines"]),
                Layout(section["layout"]),
            )
            for section in kept["sections"]
        ),
    )


def _line(text: str, entries: list[int], cells: list[str], table: str = model.Table.BALLOTS.value) -> Line:
    """Versions kept before there were several tables name none."""
    return Line(text, tuple(entries), tuple(cells), model.Table(table))
