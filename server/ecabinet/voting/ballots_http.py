"""Ballots on the wire."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StrictInt

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, Reply, Route, Shape
from ecabinet.kernel.access import Action
from ecabinet.kernel.ids import QuestionId

from . import views
from .ballots import VERSION_LIMIT
from .casting import Casting, Sent, Vote
from .model import Receipt


class NewBallot(Shape):
    """One version of an answer."""

    choice: Annotated[str, Field(min_length=1, max_length=40)]
    n: Annotated[StrictInt, Field(ge=1, le=VERSION_LIMIT)]


@dataclass(frozen=True, slots=True)
class BallotsHttp:
    """The voters' routes."""

    uow: UnitOfWork
    casting: Callable[[Act], Casting]
    send: Callable[[Sent], Awaitable[Receipt]]
    """Into the lane, and back with the receipt after the commit."""

    def routes(self) -> list[Route]:
        """Everything voters ask for."""
        question = "/api/meetings/{m}/questions/{q}"
        return [
            Route(
                "POST",
                f"{question}/ballots",
                Action.CAST_BALLOT,
                self.cast,
                "Cast a version of my ballot",
                takes=NewBallot,
                gives=views.ReceiptEntry,
                status=201,
            ),
            Route(
                "GET",
                f"{question}/ballots/mine",
                Action.CAST_BALLOT,
                self.mine,
                "My ballot that counts",
                gives=views.MyBallotEntry,
            ),
        ]

    async def cast(self, call: Call) -> Reply:
        """The receipt leaves after the commit."""
        body: NewBallot = call.body
        sent = Sent(call.meeting, _question(call), Vote(body.choice, body.n), call.person)
        receipt = await self.send(sent)
        return Reply(views.receipt_entry(receipt), status=201)

    async def mine(self, call: Call) -> Reply:
        """So that a reloaded page knows what it has sent."""
        async with self.uow.reading() as act:
            receipt = await self.casting(act).mine(call.meeting, _question(call), call.person)
        return Reply(views.my_ballot_entry(receipt))


def _question(call: Call) -> QuestionId:
    return QuestionId(call.named("q"))
