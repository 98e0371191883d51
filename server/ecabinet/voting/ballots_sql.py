"""Ballots as rows. One is never updated: a voter's versions lie side by side and the highest counts."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, among, metadata
from ecabinet.kernel.ids import AttachmentId, ItemId, MeetingId, PersonId, QuestionId

from .model import Attachment, Ballot, Equivocation, KeptBallot, Phase
from .sql import questions

attachments = Table(
    "ballot_attachment",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("question", ForeignKey("question.id"), nullable=False),
    Column("person", ForeignKey("account.person"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("filename", String(300), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("uploaded_at", UtcDateTime, nullable=False),
)
ballots = Table(
    "ballot",
    metadata,
    Column("question", ForeignKey("question.id"), primary_key=True),
    Column("voter", ForeignKey("account.person"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("choice", String(40), nullable=False),
    Column("cast_at", UtcDateTime, nullable=False),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
    Column("opinion", Text),
    Column("attachment", ForeignKey("ballot_attachment.id")),
    Column("cast_by", String(26)),
)
# Few are cast for another; only these are in it.
Index(
    "ix_ballot_cast_by",
    ballots.c.cast_by,
    sqlite_where=ballots.c.cast_by.is_not(None),
    postgresql_where=ballots.c.cast_by.is_not(None),
)

_WITH_FILES = select(
    ballots, attachments.c.digest, attachments.c.filename, attachments.c.size_bytes, attachments.c.person.label("whose")
).join_from(ballots, attachments, attachments.c.id == ballots.c.attachment, isouter=True)


@dataclass(frozen=True, slots=True)
class SqlBallots:
    """See the Ballots port."""

    connection: AsyncConnection

    async def lock(self, meeting: MeetingId, question: QuestionId) -> Phase | None:
        wanted = select(questions.c.phase).where(questions.c.id == question, questions.c.meeting == meeting)
        # FOR NO KEY UPDATE: the ballots that name the question may be added by the one who holds it.
        found = (await self.connection.execute(wanted.with_for_update(key_share=True))).scalar_one_or_none()
        return Phase(found) if found else None

    async def newest(self, question: QuestionId, voters: Set[PersonId]) -> dict[PersonId, int]:
        highest = select(ballots.c.voter, func.max(ballots.c.n))
        theirs = highest.where(ballots.c.question == question, among(ballots.c.voter, voters))
        rows = await self.connection.execute(theirs.group_by(ballots.c.voter))
        return {PersonId(voter): n for voter, n in rows}

    async def add(self, kept: Sequence[KeptBallot]) -> None:
        if not kept:
            return
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(ballots), [_row(each) for each in kept])
        except IntegrityError as error:
            taken = await self._taken(kept)
            if taken is None:
                raise
            raise Equivocation(n=taken) from error

    async def _taken(self, kept: Sequence[KeptBallot]) -> int | None:
        """A version among these that was there already."""
        [question] = {each.ballot.question for each in kept}
        stored = await self.versions(question, {each.ballot.voter for each in kept})
        there = {(each.ballot.voter, each.ballot.n) for each in stored}
        return next((each.ballot.n for each in kept if (each.ballot.voter, each.ballot.n) in there), None)

    async def of(self, question: QuestionId) -> list[KeptBallot]:
        return await self._found(_WITH_FILES.where(ballots.c.question == question).order_by(ballots.c.number))

    async def versions(self, question: QuestionId, voters: Set[PersonId]) -> list[KeptBallot]:
        theirs = _WITH_FILES.where(ballots.c.question == question, among(ballots.c.voter, voters))
        return await self._found(theirs.order_by(ballots.c.n))

    async def all_of(self, meeting: MeetingId, voter: PersonId) -> list[KeptBallot]:
        joined = _WITH_FILES.join(questions, questions.c.id == ballots.c.question)
        mine = or_(ballots.c.voter == voter, ballots.c.cast_by == voter)
        return await self._found(joined.where(questions.c.meeting == meeting, mine))

    async def received(self, meeting: MeetingId) -> dict[QuestionId, int]:
        counted = (
            select(ballots.c.question, func.count(ballots.c.voter.distinct()))
            .join(questions, questions.c.id == ballots.c.question)
            .where(questions.c.meeting == meeting)
            .group_by(ballots.c.question)
        )
        return {QuestionId(each): count for each, count in await self.connection.execute(counted)}

    async def turnout(self, question: QuestionId) -> tuple[tuple[ItemId, ...], int]:
        # Of this question alone: every batch of ballots waits for this count.
        answered = select(func.count(ballots.c.voter.distinct())).where(ballots.c.question == question)
        wanted = select(questions.c.item, questions.c["items"], answered.scalar_subquery()).where(
            questions.c.id == question
        )
        item, items, received = (await self.connection.execute(wanted)).one()
        return tuple(ItemId(each) for each in items or (item,)), received

    async def add_attachment(self, attachment: Attachment, at: datetime) -> None:
        await self.connection.execute(
            insert(attachments).values(
                id=attachment.id,
                question=attachment.question,
                person=attachment.person,
                digest=attachment.digest,
                filename=attachment.filename,
                size_bytes=attachment.size_bytes,
                uploaded_at=at,
            )
        )

    async def uploaded(self, question: QuestionId, person: PersonId) -> int:
        mine = select(func.count()).where(attachments.c.question == question, attachments.c.person == person)
        return int((await self.connection.execute(mine)).scalar_one())

    async def attachments(self, question: QuestionId, ids: Set[AttachmentId]) -> dict[AttachmentId, Attachment]:
        wanted = select(attachments).where(attachments.c.question == question, among(attachments.c.id, ids))
        return {
            AttachmentId(row.id): Attachment(
                AttachmentId(row.id), question, PersonId(row.person), row.digest, row.filename, row.size_bytes
            )
            for row in await self.connection.execute(wanted)
        }

    async def _found(self, statement: Select[Any]) -> list[KeptBallot]:
        return [_kept(row) for row in await self.connection.execute(statement)]


def _row(kept: KeptBallot) -> dict[str, Any]:
    ballot = kept.ballot
    return {
        "question": ballot.question,
        "voter": ballot.voter,
        "n": ballot.n,
        "choice": ballot.choice,
        "cast_at": ballot.cast_at,
        "number": kept.number,
        "hash": kept.hash,
        "opinion": ballot.opinion,
        "attachment": kept.file.id if kept.file else None,
        "cast_by": ballot.cast_by,
    }


def _kept(row: Row[Any]) -> KeptBallot:
    question = QuestionId(row.question)
    ballot = Ballot(
        question=question,
        voter=PersonId(row.voter),
        choice=row.choice,
        n=row.n,
        cast_at=row.cast_at,
        opinion=row.opinion,
        attachment=row.digest,
        cast_by=row.cast_by,
    )
    file = None
    if row.attachment is not None:
        file = Attachment(
            AttachmentId(row.attachment), question, PersonId(row.whose), row.digest, row.filename, row.size_bytes
        )
    return KeptBallot(ballot, row.number, row.hash, file)
