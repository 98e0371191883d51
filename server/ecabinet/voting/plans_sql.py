"""Plans and proxies as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, metadata
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, PlanId, QuestionId
from ecabinet.register.model import Matter

from .model import Kind, Method, Planned

plans = Table(
    "planned_question",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False, index=True),
    # An item that leaves the agenda takes its plan with it.
    Column("item", ForeignKey("item.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("method", String(10), nullable=False),
    Column("matter", String(20), nullable=False),
    Column("options", JSON, nullable=False),
    Column("question", String(26)),
)
proxies = Table(
    "proxy",
    metadata,
    Column("meeting", String(26), primary_key=True),
    Column("giver", String(26), primary_key=True),
    Column("holder", String(26), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    # Participants only; who leaves the list leaves here too.
    ForeignKeyConstraint(["meeting", "giver"], ["participant.meeting", "participant.person"], ondelete="CASCADE"),
    ForeignKeyConstraint(["meeting", "holder"], ["participant.meeting", "participant.person"], ondelete="CASCADE"),
)


@dataclass(frozen=True, slots=True)
class SqlPlans:
    """See the Plans port."""

    connection: AsyncConnection

    async def of(self, meeting: MeetingId) -> list[Planned]:
        mine = select(plans).where(plans.c.meeting == meeting).order_by(plans.c.item, plans.c.position)
        return [_planned(row) for row in await self.connection.execute(mine)]

    async def replace(self, meeting: MeetingId, item: ItemId, planned: Sequence[Planned]) -> None:
        await self.connection.execute(delete(plans).where(plans.c.meeting == meeting, plans.c.item == item))
        if planned:
            await self.connection.execute(insert(plans), [plain(each) for each in planned])


def _planned(row: Row[Any]) -> Planned:
    return Planned(
        id=PlanId(row.id),
        meeting=MeetingId(row.meeting),
        item=ItemId(row.item),
        position=row.position,
        kind=Kind(row.kind),
        text=row.text,
        method=Method(row.method),
        matter=Matter(row.matter),
        options=tuple(row.options),
        question=QuestionId(row.question) if row.question else None,
    )


@dataclass(frozen=True, slots=True)
class SqlProxies:
    """See the ProxyStore port."""

    connection: AsyncConnection

    async def of(self, meeting: MeetingId) -> dict[PersonId, PersonId]:
        mine = select(proxies).where(proxies.c.meeting == meeting).order_by(proxies.c.given_at, proxies.c.giver)
        return {PersonId(row.giver): PersonId(row.holder) for row in await self.connection.execute(mine)}

    async def put(self, meeting: MeetingId, pair: tuple[PersonId, PersonId], at: datetime) -> None:
        giver, holder = pair
        await self.remove(meeting, giver)
        await self.connection.execute(insert(proxies).values(meeting=meeting, giver=giver, holder=holder, given_at=at))

    async def remove(self, meeting: MeetingId, giver: PersonId) -> None:
        await self.connection.execute(delete(proxies).where(proxies.c.meeting == meeting, proxies.c.giver == giver))
