"""Ballots as rows. One is never updated: a voter's versions lie side by side and the highest counts."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Row, Select, String, Table, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, among, metadata
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId

from .model import Ballot, Equivocation, KeptBallot
from .sql import questions

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
)


@dataclass(frozen=True, slots=True)
class SqlBallots:
    """See the Ballots port."""

    connection: AsyncConnection

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
        return await self._found(select(ballots).where(ballots.c.question == question).order_by(ballots.c.number))

    async def versions(self, question: QuestionId, voters: Set[PersonId]) -> list[KeptBallot]:
        theirs = select(ballots).where(ballots.c.question == question, among(ballots.c.voter, voters))
        return await self._found(theirs.order_by(ballots.c.n))

    async def all_of(self, meeting: MeetingId, voter: PersonId) -> list[KeptBallot]:
        joined = select(ballots).join(questions, questions.c.id == ballots.c.question)
        return await self._found(joined.where(questions.c.meeting == meeting, ballots.c.voter == voter))

    async def received(self, meeting: MeetingId, question: QuestionId | None = None) -> dict[QuestionId, int]:
        wanted = (
            select(ballots.c.question, func.count(ballots.c.voter.distinct()))
            .join(questions, questions.c.id == ballots.c.question)
            .where(questions.c.meeting == meeting)
            .group_by(ballots.c.question)
        )
        if question is not None:
            wanted = wanted.where(ballots.c.question == question)
        return {QuestionId(each): count for each, count in await self.connection.execute(wanted)}

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
    }


def _kept(row: Row[Any]) -> KeptBallot:
    ballot = Ballot(QuestionId(row.question), PersonId(row.voter), row.choice, row.n, row.cast_at)
    return KeptBallot(ballot, row.number, row.hash)
