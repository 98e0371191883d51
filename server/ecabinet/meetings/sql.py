"""Meetings, items and participants as rows."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, among, lock_row, metadata
from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId
from ecabinet.register.model import Words

from .model import (
    Answer,
    Item,
    ItemPhase,
    ItemType,
    Kind,
    Meeting,
    Mode,
    PapersDue,
    Participant,
    Phase,
    Seat,
    protocol,
)

meetings = Table(
    "meeting",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False),
    Column("title", String(300), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("place", String(300), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("floor_controls_microphone", Boolean, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("convened_at", UtcDateTime),
    Column("opened_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("papers_due_at", UtcDateTime),
    Column("papers_due_vi", Text),
    Column("papers_due_en", Text),
    Column("cancel_reason", Text),
    CheckConstraint("ends_at > starts_at", name="ends_after_start"),
)
items = Table(
    "item",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("title", String(300), nullable=False),
    Column("type", String(16), nullable=False),
    Column("presenter", String(300), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("conclusion", Text, nullable=False),
    Column("notes", Text, nullable=False),
    # At most one item is before a meeting, whoever starts two at once.
    Index(
        "uq_item_current",
        "meeting",
        unique=True,
        sqlite_where=text("phase = 'current'"),
        postgresql_where=text("phase = 'current'"),
    ),
)
participants = Table(
    "participant",
    metadata,
    Column("meeting", ForeignKey("meeting.id"), primary_key=True),
    Column("person", ForeignKey("account.person"), primary_key=True, index=True),
    Column("name", String(200), nullable=False),
    Column("post", String(300), nullable=False),
    Column("role", String(16), nullable=False),
    Column("order", Integer, nullable=False),
    Column("votes", Boolean, nullable=False),
    Column("is_head", Boolean, nullable=False),
    Column("items", JSON(none_as_null=True)),
    Column("stands_in_for", String(26)),
    Column("answer", String(16), nullable=False),
    Column("reason", Text),
    Column("answered_at", UtcDateTime),
    Column("prepares", Boolean, nullable=False),
    CheckConstraint("role <> 'stand_in' OR stands_in_for IS NOT NULL", name="stands_in_for_someone"),
    CheckConstraint("role NOT IN ('stand_in', 'guest') OR NOT votes", name="no_vote_of_others"),
    Index(
        "uq_participant_chair",
        "meeting",
        unique=True,
        sqlite_where=text("role = 'chair'"),
        postgresql_where=text("role = 'chair'"),
    ),
)


@dataclass(frozen=True, slots=True)
class SqlMeetings:
    """See the MeetingStore port."""

    connection: AsyncConnection

    async def add(self, meeting: Meeting) -> None:
        await self.connection.execute(insert(meetings).values(id=meeting.id, body=meeting.body, **_frame(meeting)))
        await self._save_items((), meeting.items, meeting.id)
        await self._save_participants((), meeting.participants, meeting.id)

    async def get(self, meeting: MeetingId) -> Meeting:
        found = await self._whole(select(meetings).where(meetings.c.id == meeting))
        if not found:
            raise NotFound()
        return found[0]

    async def lock(self, meeting: MeetingId) -> None:
        await lock_row(self.connection, meetings.c.id, meeting)

    async def save(self, before: Meeting, after: Meeting) -> None:
        new, old = _frame(after), _frame(before)
        changed = {name: value for name, value in new.items() if value != old[name]}
        if changed:
            await self.connection.execute(update(meetings).where(meetings.c.id == after.id).values(**changed))
        await self._save_items(before.items, after.items, after.id)
        await self._save_participants(before.participants, after.participants, after.id)

    async def seats(self, meeting: MeetingId, people: Set[PersonId]) -> dict[PersonId, Seat]:
        rows = await self.connection.execute(
            select(participants, meetings.c.convened_at)
            .join(meetings, meetings.c.id == participants.c.meeting)
            .where(participants.c.meeting == meeting, among(participants.c.person, people))
        )
        return {row.person: Seat(_participant(row), row.convened_at is not None) for row in rows}

    async def of_person(self, person: PersonId, since: datetime | None, until: datetime | None) -> list[Meeting]:
        mine = select(participants.c.meeting).where(participants.c.person == person)
        wanted = select(meetings).where(meetings.c.id.in_(mine)).order_by(meetings.c.starts_at, meetings.c.id)
        if since is not None:
            wanted = wanted.where(meetings.c.starts_at >= since)
        if until is not None:
            wanted = wanted.where(meetings.c.starts_at < until)
        return await self._whole(wanted)

    async def _whole(self, wanted: Select[Any]) -> list[Meeting]:
        """The meetings of a statement with their items and participants: three statements, however many."""
        rows = (await self.connection.execute(wanted)).all()
        ids = [row.id for row in rows]
        agendas: dict[str, list[Item]] = {each: [] for each in ids}
        lists: dict[str, list[Participant]] = {each: [] for each in ids}
        if rows:
            of_items = select(items).where(items.c.meeting.in_(ids)).order_by(items.c.position)
            for row in await self.connection.execute(of_items):
                agendas[row.meeting].append(_item(row))
            of_people = select(participants).where(participants.c.meeting.in_(ids))
            for row in await self.connection.execute(of_people):
                lists[row.meeting].append(_participant(row))
        return [_meeting(row, agendas[row.id], lists[row.id]) for row in rows]

    async def _save_items(self, before: Sequence[Item], after: Sequence[Item], meeting: MeetingId) -> None:
        old, new = {each.id: each for each in before}, {each.id: each for each in after}
        gone = [each for each in old if each not in new]
        if gone:
            await self.connection.execute(delete(items).where(items.c.id.in_(gone), items.c.meeting == meeting))
        changed = [each for each in after if each.id in old and old[each.id] != each]
        # What ends is written before what begins: at no moment are two items current.
        for each in sorted(changed, key=lambda item: item.phase is ItemPhase.CURRENT):
            found = update(items).where(items.c.id == each.id, items.c.meeting == meeting)
            await self.connection.execute(found.values(**_of_item(each)))
        added = [{"id": each.id, "meeting": meeting, **_of_item(each)} for each in after if each.id not in old]
        if added:
            await self.connection.execute(insert(items), added)

    async def _save_participants(
        self, before: Sequence[Participant], after: Sequence[Participant], meeting: MeetingId
    ) -> None:
        old, new = {each.person: each for each in before}, {each.person: each for each in after}
        gone = [each for each in old if each not in new]
        mine = participants.c.meeting == meeting
        if gone:
            await self.connection.execute(delete(participants).where(mine, participants.c.person.in_(gone)))
        changed = [each for each in after if each.person in old and old[each.person] != each]
        # Who stops presiding is written before who begins: at no moment are there two.
        for each in sorted(changed, key=lambda participant: participant.role is Role.CHAIR):
            found = update(participants).where(mine, participants.c.person == each.person)
            await self.connection.execute(found.values(**_of_participant(each)))
        added = [
            {"meeting": meeting, "person": each.person, **_of_participant(each)}
            for each in after
            if each.person not in old
        ]
        if added:
            await self.connection.execute(insert(participants), added)


def _frame(meeting: Meeting) -> dict[str, Any]:
    due = meeting.papers_due
    return {
        "title": meeting.title,
        "kind": meeting.kind.value,
        "mode": meeting.mode.value,
        "place": meeting.place,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "floor_controls_microphone": meeting.floor_controls_microphone,
        "phase": meeting.phase.value,
        "convened_at": meeting.convened_at,
        "opened_at": meeting.opened_at,
        "closed_at": meeting.closed_at,
        "papers_due_at": due.at if due else None,
        "papers_due_vi": due.article.vi if due else None,
        "papers_due_en": due.article.en if due else None,
        "cancel_reason": meeting.cancel_reason,
    }


def _of_item(item: Item) -> dict[str, Any]:
    return {
        "position": item.position,
        "title": item.title,
        "type": item.type.value,
        "presenter": item.presenter,
        "minutes": item.minutes,
        "phase": item.phase.value,
        "started_at": item.started_at,
        "ended_at": item.ended_at,
        "conclusion": item.conclusion,
        "notes": item.notes,
    }


def _of_participant(participant: Participant) -> dict[str, Any]:
    return {
        "name": participant.name,
        "post": participant.post,
        "role": participant.role.value,
        "order": participant.order,
        "votes": participant.votes,
        "is_head": participant.is_head,
        "items": None if participant.items is None else sorted(participant.items),
        "stands_in_for": participant.stands_in_for,
        "answer": participant.answer.value,
        "reason": participant.reason,
        "answered_at": participant.answered_at,
        "prepares": participant.prepares,
    }


def _meeting(row: Row[Any], agenda: list[Item], people: list[Participant]) -> Meeting:
    due = None
    if row.papers_due_at is not None:
        due = PapersDue(row.papers_due_at, Words(row.papers_due_vi, row.papers_due_en))
    return Meeting(
        id=MeetingId(row.id),
        body=BodyId(row.body),
        title=row.title,
        kind=Kind(row.kind),
        mode=Mode(row.mode),
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        floor_controls_microphone=row.floor_controls_microphone,
        phase=Phase(row.phase),
        convened_at=row.convened_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        papers_due=due,
        cancel_reason=row.cancel_reason,
        items=tuple(agenda),
        participants=tuple(sorted(people, key=protocol)),
    )


def _item(row: Row[Any]) -> Item:
    return Item(
        ItemId(row.id),
        row.position,
        row.title,
        ItemType(row.type),
        row.presenter,
        row.minutes,
        ItemPhase(row.phase),
        row.started_at,
        row.ended_at,
        row.conclusion,
        row.notes,
    )


def _participant(row: Row[Any]) -> Participant:
    return Participant(
        PersonId(row.person),
        row.name,
        row.post,
        Role(row.role),
        row.order,
        row.votes,
        row.is_head,
        None if row.items is None else frozenset(ItemId(each) for each in row.items),
        PersonId(row.stands_in_for) if row.stands_in_for else None,
        Answer(row.answer),
        row.reason,
        row.answered_at,
        row.prepares,
    )
