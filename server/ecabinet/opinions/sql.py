"""Slips as rows. A sheet is never updated: its versions lie side by side and the highest counts."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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
    delete,
    func,
    insert,
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, lock_row, metadata, upsert_into
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import BodyId, OpinionId, PersonId, QuestionId, SlipId
from ecabinet.kernel.restore import restore
from ecabinet.voting.model import Equivocation

from .model import (
    Answer,
    Ending,
    Extension,
    KeptSheet,
    Named,
    Opinion,
    Phase,
    Plan,
    Recall,
    Reminder,
    Report,
    Secrecy,
    Sending,
    Sheet,
    Slip,
    SlipPaper,
    SlipQuestion,
    Wording,
)

slips = Table(
    "slip",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("secrecy", String(10), nullable=False),
    Column("deadline", UtcDateTime, nullable=False),
    Column("reminders_h", JSON, nullable=False),
    Column("ends_when_all_answered", Boolean, nullable=False),
    Column("questions", JSON, nullable=False),
    Column("papers", JSON, nullable=False),
    Column("drafted_at", UtcDateTime, nullable=False),
    Column("drafted_by", JSON, nullable=False),
    Column("phase", String(10), nullable=False),
    Column("version", Integer, nullable=False),
    Column("submitted_at", UtcDateTime),
    Column("return_reason", Text),
    Column("sending", JSON),
    Column("due_since", UtcDateTime),
    Column("extensions", JSON, nullable=False),
    Column("reminders", JSON, nullable=False),
    Column("ending", JSON),
    Column("recall", JSON),
    Column("reports", JSON, nullable=False),
    Index("uq_slip_body_number", "body", "number", unique=True),
    Index("ix_slip_phase", "phase"),
)
sheets = Table(
    "slip_sheet",
    metadata,
    Column("slip", ForeignKey("slip.id"), primary_key=True),
    Column("voter", ForeignKey("account.person"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("answers", JSON, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
)
drafts = Table(
    "slip_draft",
    metadata,
    Column("slip", ForeignKey("slip.id"), primary_key=True),
    Column("voter", ForeignKey("account.person"), primary_key=True),
    Column("answers", JSON, nullable=False),
)
comments = Table(
    "slip_comment",
    metadata,
    Column("slip", ForeignKey("slip.id"), primary_key=True),
    Column("person", ForeignKey("account.person"), primary_key=True),
    Column("text", Text, nullable=False),
)
_opinions = Table(
    "slip_opinion",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("slip", ForeignKey("slip.id"), nullable=False),
    Column("question", String(26), nullable=False),
    Column("position", Integer, nullable=False),
    Column("by", JSON),
    Column("choice", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Index("uq_slip_opinion_slip_position", "slip", "position", unique=True),
)
_bodies = table("body", column("id"))
"""The other slice's rows, for locking alone."""


@dataclass(frozen=True, slots=True)
class SqlSlips:
    """See the SlipStore port."""

    connection: AsyncConnection

    async def next_number(self, body: BodyId) -> int:
        await lock_row(self.connection, _bodies.c.id, body)
        found = await self.connection.execute(select(func.max(slips.c.number)).where(slips.c.body == body))
        return (found.scalar_one() or 0) + 1

    async def add(self, slip: Slip) -> None:
        await self.connection.execute(insert(slips).values(**_row(slip)))

    async def get(self, body: BodyId, slip: SlipId) -> Slip | None:
        return await self._one(_slip_in(body, slip))

    async def lock(self, body: BodyId, slip: SlipId) -> Slip | None:
        return await self._one(_slip_in(body, slip).with_for_update(key_share=True))

    async def save(self, slip: Slip) -> None:
        await self.connection.execute(update(slips).where(slips.c.id == slip.id).values(**_row(slip)))

    async def of(self, body: BodyId) -> list[Slip]:
        return await self._slips(select(slips).where(slips.c.body == body).order_by(slips.c.number))

    async def in_phases(self, phases: frozenset[Phase], bodies: frozenset[BodyId] | None = None) -> list[Slip]:
        wanted = select(slips).where(slips.c.phase.in_([each.value for each in phases]))
        if bodies is not None:
            wanted = wanted.where(slips.c.body.in_(bodies))
        return await self._slips(wanted.order_by(slips.c.body, slips.c.number))

    async def add_sheet(self, kept: KeptSheet) -> None:
        sheet = kept.sheet
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(
                    insert(sheets).values(
                        slip=sheet.slip,
                        voter=sheet.voter,
                        n=sheet.n,
                        answers=plain(sheet.answers),
                        sent_at=sheet.sent_at,
                        number=kept.number,
                        hash=kept.hash,
                    )
                )
        except IntegrityError as error:
            if not any(each.sheet.n == sheet.n for each in await self.versions(sheet.slip, sheet.voter)):
                raise
            raise Equivocation(n=sheet.n) from error

    async def sheets(self, slip: SlipId) -> list[KeptSheet]:
        return await self._sheets(select(sheets).where(sheets.c.slip == slip).order_by(sheets.c.number))

    async def versions(self, slip: SlipId, voter: PersonId) -> list[KeptSheet]:
        mine = select(sheets).where(sheets.c.slip == slip, sheets.c.voter == voter)
        return await self._sheets(mine.order_by(sheets.c.n))

    async def answered(self, slips: frozenset[SlipId]) -> dict[SlipId, frozenset[PersonId]]:
        if not slips:
            return {}
        wanted = select(sheets.c.slip, sheets.c.voter).where(sheets.c.slip.in_(slips)).distinct()
        found: dict[SlipId, set[PersonId]] = {}
        for slip, voter in await self.connection.execute(wanted):
            found.setdefault(SlipId(slip), set()).add(PersonId(voter))
        return {slip: frozenset(voters) for slip, voters in found.items()}

    async def put_draft(self, slip: SlipId, voter: PersonId, answers: tuple[Answer, ...]) -> None:
        written = {"answers": plain(answers)}
        await self.connection.execute(
            upsert_into(self.connection, drafts)
            .values(slip=slip, voter=voter, **written)
            .on_conflict_do_update(index_elements=["slip", "voter"], set_=written)
        )

    async def draft(self, slip: SlipId, voter: PersonId) -> tuple[Answer, ...] | None:
        wanted = select(drafts.c.answers).where(drafts.c.slip == slip, drafts.c.voter == voter)
        answers = (await self.connection.execute(wanted)).scalar_one_or_none()
        return None if answers is None else _answers(answers)

    async def drop_draft(self, slip: SlipId, voter: PersonId) -> None:
        await self.connection.execute(delete(drafts).where(drafts.c.slip == slip, drafts.c.voter == voter))

    async def put_comment(self, slip: SlipId, person: PersonId, text: str) -> None:
        if not text:
            await self.connection.execute(delete(comments).where(comments.c.slip == slip, comments.c.person == person))
            return
        await self.connection.execute(
            upsert_into(self.connection, comments)
            .values(slip=slip, person=person, text=text)
            .on_conflict_do_update(index_elements=["slip", "person"], set_={"text": text})
        )

    async def comments(self, slip: SlipId) -> dict[PersonId, str]:
        found = await self.connection.execute(select(comments).where(comments.c.slip == slip))
        return {PersonId(row.person): row.text for row in found}

    async def add_opinions(self, opinions: tuple[Opinion, ...]) -> None:
        if opinions:
            await self.connection.execute(insert(_opinions), [_opinion_row(each) for each in opinions])

    async def opinions(self, slip: SlipId) -> list[Opinion]:
        wanted = select(_opinions).where(_opinions.c.slip == slip).order_by(_opinions.c.position)
        return [_opinion(row) for row in await self.connection.execute(wanted)]

    async def reply(self, opinion: OpinionId, text: str) -> None:
        await self.connection.execute(update(_opinions).where(_opinions.c.id == opinion).values(reply=text))

    async def _one(self, statement: Select[Any]) -> Slip | None:
        row = (await self.connection.execute(statement)).one_or_none()
        return _slip(row) if row else None

    async def _slips(self, statement: Select[Any]) -> list[Slip]:
        return [_slip(row) for row in await self.connection.execute(statement)]

    async def _sheets(self, statement: Select[Any]) -> list[KeptSheet]:
        return [_sheet(row) for row in await self.connection.execute(statement)]


def _row(slip: Slip) -> dict[str, Any]:
    return {
        "id": slip.id,
        "body": slip.body,
        "number": slip.number,
        "title": slip.plan.title,
        "text": slip.plan.text,
        "secrecy": slip.plan.secrecy.value,
        "deadline": slip.plan.deadline,
        "reminders_h": plain(slip.plan.reminders_h),
        "ends_when_all_answered": slip.plan.ends_when_all_answered,
        "questions": plain(slip.questions),
        "papers": plain(slip.papers),
        "drafted_at": slip.drafted_at,
        "drafted_by": plain(slip.drafted_by),
        "phase": slip.phase.value,
        "version": slip.version,
        "submitted_at": slip.submitted_at,
        "return_reason": slip.return_reason,
        "sending": plain(slip.sending),
        "due_since": slip.due_since,
        "extensions": plain(slip.extensions),
        "reminders": plain(slip.reminders),
        "ending": plain(slip.ending),
        "recall": plain(slip.recall),
        "reports": plain(slip.reports),
    }


def _slip(row: Row[Any]) -> Slip:
    questions = restore(tuple[SlipQuestion, ...], row.questions)
    return Slip(
        id=SlipId(row.id),
        body=BodyId(row.body),
        number=row.number,
        plan=Plan(
            title=row.title,
            text=row.text,
            secrecy=Secrecy(row.secrecy),
            deadline=row.deadline,
            reminders_h=tuple(row.reminders_h),
            ends_when_all_answered=row.ends_when_all_answered,
            questions=tuple(Wording(each.text, each.matter, each.alternatives) for each in questions),
        ),
        questions=questions,
        drafted_at=row.drafted_at,
        drafted_by=restore(Named, row.drafted_by),
        phase=Phase(row.phase),
        version=row.version,
        submitted_at=row.submitted_at,
        return_reason=row.return_reason,
        papers=restore(tuple[SlipPaper, ...], row.papers),
        sending=restore(Sending, row.sending) if row.sending else None,
        due_since=row.due_since,
        extensions=restore(tuple[Extension, ...], row.extensions),
        reminders=restore(tuple[Reminder, ...], row.reminders),
        ending=restore(Ending, row.ending) if row.ending else None,
        recall=restore(Recall, row.recall) if row.recall else None,
        reports=restore(tuple[Report, ...], row.reports),
    )


def _slip_in(body: BodyId, slip: SlipId) -> Select[Any]:
    return select(slips).where(slips.c.id == slip, slips.c.body == body)


def _answers(kept: list[dict[str, str]]) -> tuple[Answer, ...]:
    return restore(tuple[Answer, ...], kept)


def _sheet(row: Row[Any]) -> KeptSheet:
    sheet = Sheet(SlipId(row.slip), PersonId(row.voter), row.n, _answers(row.answers), row.sent_at)
    return KeptSheet(sheet, row.number, row.hash)


def _opinion_row(opinion: Opinion) -> dict[str, Any]:
    return {
        "id": opinion.id,
        "slip": opinion.slip,
        "question": opinion.question,
        "position": opinion.position,
        "by": plain(opinion.by),
        "choice": opinion.choice,
        "text": opinion.text,
        "reply": opinion.reply,
    }


def _opinion(row: Row[Any]) -> Opinion:
    by = restore(Named, row.by) if row.by else None
    return Opinion(
        OpinionId(row.id),
        SlipId(row.slip),
        QuestionId(row.question),
        row.position,
        by,
        row.choice,
        row.text,
        row.reply,
    )
