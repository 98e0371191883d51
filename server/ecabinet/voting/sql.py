"""Questions as rows, and lost lines. Their ballots: ballots_sql.py."""

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    column,
    insert,
    null,
    select,
    table,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, lock_row, metadata
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import IncidentId, ItemId, MeetingId, PersonId, ProfileId, QuestionId
from ecabinet.kernel.restore import restore
from ecabinet.meetings.model import QuestionOpen
from ecabinet.register.model import Matter, Meaning, Secrecy, Words

from .model import (
    RUNNING,
    Board,
    Candidate,
    ElectionVerdict,
    Incident,
    Kind,
    Method,
    Option,
    PaperCount,
    Phase,
    Question,
    RatingVerdict,
    Roll,
    Settled,
    Strength,
    Verdict,
    Voter,
    Way,
)

T = TypeVar("T")

questions = Table(
    "question",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False),
    Column("item", ForeignKey("item.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("matter", String(20), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("profile_version", String(20), nullable=False),
    Column("rule", JSON, nullable=False),
    Column("article", JSON, nullable=False),
    Column("options", JSON, nullable=False),
    Column("secrecy", String(10), nullable=False),
    Column("roll", JSON, nullable=False),
    Column("strength", JSON, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", ForeignKey("account.person"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("phase", String(10), nullable=False),
    Column("closed_at", UtcDateTime),
    Column("verdict", JSON),
    Column("cancel_reason", String(300)),
    Column("method", String(10), nullable=False, server_default="approval"),
    Column("way", String(10), nullable=False, server_default="electronic"),
    Column("kind", String(10), nullable=False, server_default="whole"),
    Column("items", JSON, nullable=False, server_default="[]"),
    Column("motion", String(40)),
    Column("candidates", JSON, nullable=False, server_default="[]"),
    Column("seats", Integer),
    Column("board", JSON(none_as_null=True)),
    Column("plan", String(26)),
    Column("until", UtcDateTime),
    Column("repeats", String(26)),
    Column("repeated_by", String(26)),
    Column("paper_count", JSON),
    Column("election", JSON),
    Column("ratings", JSON, nullable=False, server_default="[]"),
    Column("settler", String(26)),
    Column("settled", JSON),
    Column("annul_reason", String(300)),
    Index("uq_question_meeting_number", "meeting", "number", unique=True),
)
# One question at a time in a meeting, whoever races.
_RUNS = text("phase IN ('open', 'paused')")
Index(
    "uq_question_one_open",
    questions.c.meeting,
    unique=True,
    sqlite_where=_RUNS,
    postgresql_where=_RUNS,
)
# Asked with everybody's standing, and hardly ever there.
_ELECTS = text("board IS NOT NULL")
Index("ix_question_board", questions.c.meeting, sqlite_where=_ELECTS, postgresql_where=_ELECTS)
incidents = Table(
    "incident",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False, index=True),
    Column("question", ForeignKey("question.id"), nullable=False),
    Column("item", ForeignKey("item.id"), nullable=False),
    Column("person", ForeignKey("account.person"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("uq_incident_question_person", "question", "person", unique=True),
)
_meetings = table("meeting", column("id"))
"""The other slice's rows, for locking alone."""


@dataclass(frozen=True, slots=True)
class SqlQuestions:
    """See the Questions port."""

    connection: AsyncConnection

    async def lock_meeting(self, meeting: MeetingId) -> None:
        await lock_row(self.connection, _meetings.c.id, meeting)

    async def add(self, question: Question) -> None:
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(questions).values(**_row(question)))
        except IntegrityError as error:
            other = await self.open_question(question.meeting)
            if other is None:
                raise
            raise QuestionOpen(question=other) from error

    async def get(self, meeting: MeetingId, question: QuestionId) -> Question | None:
        return await self._one(_question_of(meeting, question))

    async def lock(self, meeting: MeetingId, question: QuestionId) -> Question | None:
        return await self._one(_question_of(meeting, question).with_for_update(key_share=True))

    async def of(self, meeting: MeetingId) -> list[Question]:
        rows = await self.connection.execute(
            select(questions).where(questions.c.meeting == meeting).order_by(questions.c.number)
        )
        return [_question(row) for row in rows]

    async def electing(self, meeting: MeetingId) -> list[Question]:
        mine = select(questions).where(questions.c.meeting == meeting, questions.c.board.is_not(null()))
        return [_question(row) for row in await self.connection.execute(mine.order_by(questions.c.number))]

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        found = await self.connection.execute(
            select(questions.c.id).where(questions.c.meeting == meeting, questions.c.phase.in_(sorted(RUNNING)))
        )
        open_one = found.scalar_one_or_none()
        return QuestionId(open_one) if open_one else None

    async def keep(self, question: Question) -> None:
        await self.connection.execute(
            update(questions).where(questions.c.id == question.id).values(**_standing(question))
        )

    async def _one(self, statement: Select[Any]) -> Question | None:
        row = (await self.connection.execute(statement)).one_or_none()
        return _question(row) if row else None


def _question_of(meeting: MeetingId, question: QuestionId) -> Select[Any]:
    return select(questions).where(questions.c.id == question, questions.c.meeting == meeting)


def _row(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "meeting": question.meeting,
        "item": question.item,
        "number": question.number,
        "text": question.text,
        "matter": question.matter.value,
        "profile": question.profile,
        "profile_version": question.profile_version,
        "rule": plain(question.rule),
        "article": plain(question.article),
        "options": plain(question.options),
        "secrecy": question.secrecy.value,
        "roll": plain(question.roll.voters),
        "strength": plain(question.strength),
        "opened_at": question.opened_at,
        "opened_by": question.opened_by,
        "digest": question.digest,
        "method": question.method.value,
        "way": question.way.value,
        "kind": question.kind.value,
        "items": plain(question.items),
        "motion": question.motion,
        "candidates": plain(question.candidates),
        "seats": question.seats,
        "board": plain(question.board),
        "plan": question.plan,
        "repeats": question.repeats,
        **_standing(question),
    }


def _standing(question: Question) -> dict[str, Any]:
    """What changes while a question is there."""
    return {
        "phase": question.phase.value,
        "until": question.until,
        "closed_at": question.closed_at,
        "verdict": plain(question.verdict),
        "paper_count": plain(question.count),
        "election": plain(question.election),
        "ratings": plain(question.ratings),
        "settler": question.settler,
        "settled": plain(question.settled),
        "cancel_reason": question.cancel_reason,
        "annul_reason": question.annul_reason,
        "repeated_by": question.repeated_by,
    }


def _question(row: Row[Any]) -> Question:
    return Question(
        id=QuestionId(row.id),
        meeting=MeetingId(row.meeting),
        item=ItemId(row.item),
        number=row.number,
        text=row.text,
        matter=Matter(row.matter),
        profile=ProfileId(row.profile),
        profile_version=row.profile_version,
        rule=Words(**row.rule),
        article=Words(**row.article),
        options=tuple(Option(each["key"], Meaning(each["meaning"]), Words(**each["words"])) for each in row.options),
        secrecy=Secrecy(row.secrecy),
        roll=Roll(tuple(Voter(**each) for each in row.roll)),
        strength=Strength(**row.strength),
        opened_at=row.opened_at,
        opened_by=PersonId(row.opened_by),
        digest=row.digest,
        method=Method(row.method),
        way=Way(row.way),
        kind=Kind(row.kind),
        items=tuple(ItemId(each) for each in row.items),
        motion=row.motion,
        candidates=tuple(restore(Candidate, each) for each in row.candidates),
        seats=row.seats,
        board=_restored(Board, row.board),
        plan=row.plan,
        until=row.until,
        repeats=row.repeats,
        repeated_by=row.repeated_by,
        phase=Phase(row.phase),
        closed_at=row.closed_at,
        verdict=_restored(Verdict, row.verdict),
        count=_restored(PaperCount, row.paper_count),
        election=_restored(ElectionVerdict, row.election),
        ratings=tuple(restore(RatingVerdict, each) for each in row.ratings),
        settler=None if row.settler is None else PersonId(row.settler),
        settled=_restored(Settled, row.settled),
        cancel_reason=row.cancel_reason,
        annul_reason=row.annul_reason,
    )


def _restored(kind: type[T], kept: Any) -> T | None:
    return None if kept is None else restore(kind, kept)


@dataclass(frozen=True, slots=True)
class SqlIncidents:
    """See the Incidents port."""

    connection: AsyncConnection

    async def add(self, incident: Incident) -> None:
        await self.connection.execute(
            insert(incidents).values(
                id=incident.id,
                meeting=incident.meeting,
                question=incident.question,
                item=incident.item,
                person=incident.person,
                at=incident.at,
            )
        )

    async def find(self, question: QuestionId, person: PersonId) -> Incident | None:
        found = await self._found(
            select(incidents).where(incidents.c.question == question, incidents.c.person == person)
        )
        return found[0] if found else None

    async def of(self, meeting: MeetingId) -> list[Incident]:
        mine = select(incidents).where(incidents.c.meeting == meeting)
        return await self._found(mine.order_by(incidents.c.at, incidents.c.id))

    async def _found(self, statement: Select[Any]) -> list[Incident]:
        return [
            Incident(
                IncidentId(row.id),
                MeetingId(row.meeting),
                QuestionId(row.question),
                ItemId(row.item),
                PersonId(row.person),
                row.at,
            )
            for row in await self.connection.execute(statement)
        ]
