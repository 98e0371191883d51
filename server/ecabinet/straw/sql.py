"""Straw polls as rows: the roll's marks in one table, the box in another, and no row that knows both.

Slips in the box are named by chance and kept in the order of their names, so that neither a number nor a place in the
table tells which came first. The journal of the database still does for a while: that is why the page says that the
operator could find out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    column,
    delete,
    func,
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
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, StrawPollId

from .model import AlreadyAnswered, Option, Status, StrawPoll, StrawPollOpen

_OPEN = text("status = 'open'")
SLIP_BYTES = 16
polls = Table(
    "straw_poll",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False, index=True),
    Column("item", ForeignKey("item.id"), nullable=False),
    Column("text", String(1000), nullable=False),
    Column("options", JSON, nullable=False),
    Column("roll", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", String(26), nullable=False),
    Column("closed_at", UtcDateTime),
    Column("answered", Integer),
    Column("counts", JSON),
    Column("cancel_reason", String(200)),
    # One at a time in a meeting, whoever races.
    Index("uq_straw_poll_one_open", "meeting", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)
marks = Table(
    "straw_mark",
    metadata,
    Column("poll", ForeignKey("straw_poll.id"), primary_key=True),
    Column("person", String(26), primary_key=True),
    # No hidden row number: it would count arrivals.
    sqlite_with_rowid=False,
)
slips = Table(
    "straw_slip",
    metadata,
    Column("poll", ForeignKey("straw_poll.id"), primary_key=True),
    Column("slip", String(2 * SLIP_BYTES), primary_key=True),
    Column("choice", String(20), nullable=False),
    sqlite_with_rowid=False,
)
_meetings = table("meeting", column("id"))


@dataclass(frozen=True, slots=True)
class SqlStrawPolls:
    """See the StrawPolls port."""

    connection: AsyncConnection
    chance: Callable[[int], bytes]
    """So many unpredictable bytes: a slip's name."""

    async def add(self, poll: StrawPoll) -> None:
        await lock_row(self.connection, _meetings.c.id, poll.meeting)
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(polls).values(**_row(poll)))
        except IntegrityError as error:
            others = [each.id for each in await self.of(poll.meeting) if each.status is Status.OPEN]
            if not others:
                raise
            raise StrawPollOpen(poll=others[0]) from error

    async def lock(self, meeting: MeetingId, poll: StrawPollId) -> StrawPoll:
        await lock_row(self.connection, polls.c.id, poll)
        return await self.get(meeting, poll)

    async def get(self, meeting: MeetingId, poll: StrawPollId) -> StrawPoll:
        wanted = select(polls).where(polls.c.id == poll, polls.c.meeting == meeting)
        row = (await self.connection.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound()
        return _poll(row)

    async def of(self, meeting: MeetingId) -> list[StrawPoll]:
        wanted = select(polls).where(polls.c.meeting == meeting).order_by(polls.c.opened_at, polls.c.id)
        return [_poll(row) for row in await self.connection.execute(wanted)]

    async def has_answered(self, poll: StrawPollId, person: PersonId) -> bool:
        wanted = select(marks.c.person).where(marks.c.poll == poll, marks.c.person == person)
        return (await self.connection.execute(wanted)).one_or_none() is not None

    async def answered(self, poll: StrawPollId) -> int:
        found = await self.connection.execute(select(func.count()).select_from(marks).where(marks.c.poll == poll))
        return int(found.scalar_one())

    async def put(self, poll: StrawPollId, person: PersonId, choice: str) -> None:
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(marks).values(poll=poll, person=person))
        except IntegrityError as error:
            raise AlreadyAnswered() from error
        await self.connection.execute(
            insert(slips).values(poll=poll, slip=self.chance(SLIP_BYTES).hex(), choice=choice)
        )

    async def box(self, poll: StrawPollId) -> dict[str, int]:
        wanted = (
            select(slips.c.choice, func.count().label("slips")).where(slips.c.poll == poll).group_by(slips.c.choice)
        )
        return {row.choice: row.slips for row in await self.connection.execute(wanted)}

    async def finish(self, poll: StrawPoll) -> None:
        await self.connection.execute(update(polls).where(polls.c.id == poll.id).values(**_row(poll)))
        await self.connection.execute(delete(slips).where(slips.c.poll == poll.id))
        await self.connection.execute(delete(marks).where(marks.c.poll == poll.id))


def _row(poll: StrawPoll) -> dict[str, Any]:
    values = {each.name: getattr(poll, each.name) for each in polls.columns}
    return {
        **values,
        "options": plain(poll.options),
        "roll": list(poll.roll),
        "status": poll.status.value,
        "counts": dict(poll.counts) if poll.counts is not None else None,
    }


def _poll(row: Row[Any]) -> StrawPoll:
    return StrawPoll(
        id=StrawPollId(row.id),
        meeting=MeetingId(row.meeting),
        item=ItemId(row.item),
        text=row.text,
        options=tuple(Option(**each) for each in row.options),
        roll=tuple(PersonId(each) for each in row.roll),
        status=Status(row.status),
        opened_at=row.opened_at,
        opened_by=PersonId(row.opened_by),
        closed_at=row.closed_at,
        answered=row.answered,
        counts=row.counts,
        cancel_reason=row.cancel_reason,
    )
