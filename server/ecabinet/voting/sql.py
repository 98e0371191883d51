"""Questions as rows. Their ballots: ballots_sql.py."""

from dataclasses import dataclass
from typing import Any

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
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, metadata
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, ProfileId, QuestionId
from ecabinet.kernel.restore import restore
from ecabinet.meetings.model import QuestionOpen
from ecabinet.register.model import Matter, Meaning, Secrecy, Words

from .model import (
    Option,
    Phase,
    Question,
    Roll,
    Strength,
    Verdict,
    Voter,
)

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
    Index("uq_question_meeting_number", "meeting", "number", unique=True),
)
# One question at a time in a meeting, whoever races.
Index(
    "uq_question_one_open",
    questions.c.meeting,
    unique=True,
    sqlite_where=questions.c.phase == "open",
    postgresql_where=questions.c.phase == "open",
)
_meetings = table("meeting", column("id"))
"""The other slice's rows, for locking alone."""


@dataclass(frozen=True, slots=True)
class SqlQuestions:
    """See the Questions port."""

    connection: AsyncConnection

    async def lock_meeting(self, meeting: MeetingId) -> None:
        await self.connection.execute(select(_meetings.c.id).where(_meetings.c.id == meeting).with_for_update())

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
        return await self._one(_question_of(meeting, question).with_for_update())

    async def of(self, meeting: MeetingId) -> list[Question]:
        rows = await self.connection.execute(
            select(questions).where(questions.c.meeting == meeting).order_by(questions.c.number)
        )
        return [_question(row) for row in rows]

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        found = await self.connection.execute(
            select(questions.c.id).where(questions.c.meeting == meeting, questions.c.phase == Phase.OPEN.value)
        )
        open_one = found.scalar_one_or_none()
        return QuestionId(open_one) if open_one else None

    async def finish(self, question: Question) -> None:
        await self.connection.execute(
            update(questions)
            .where(questions.c.id == question.id)
            .values(
                phase=question.phase.value,
                closed_at=question.closed_at,
                verdict=plain(question.verdict),
                cancel_reason=question.cancel_reason,
            )
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
        "phase": question.phase.value,
        "closed_at": question.closed_at,
        "verdict": plain(question.verdict),
        "cancel_reason": question.cancel_reason,
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
        roll=Roll(tuple(Voter(PersonId(each["person"]), each["name"]) for each in row.roll)),
        strength=Strength(**row.strength),
        opened_at=row.opened_at,
        opened_by=PersonId(row.opened_by),
        digest=row.digest,
        phase=Phase(row.phase),
        closed_at=row.closed_at,
        verdict=restore(Verdict, row.verdict) if row.verdict else None,
        cancel_reason=row.cancel_reason,
    )
