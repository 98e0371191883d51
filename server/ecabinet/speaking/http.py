"""The floor on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action
from ecabinet.kernel.ids import PersonId, TurnId

from .rules import ALLOTTED_S
from .service import Speaking

_Allotted = Annotated[int, Field(ge=ALLOTTED_S[0], le=ALLOTTED_S[1], strict=True)]


class GiveTurn(Shape):
    """How long someone may speak, in seconds."""

    allotted_s: _Allotted


class GiveFloor(Shape):
    """Who may speak, and how long, in seconds."""

    person: Annotated[str, Field(min_length=1, max_length=26)]
    allotted_s: _Allotted


class TurnMade(TypedDict):
    """The turn's id."""

    id: str


@dataclass(frozen=True, slots=True)
class SpeakingHttp:
    """The slice's routes."""

    uow: UnitOfWork
    speaking: Callable[[Act], Speaking]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        turns = "/api/meetings/{m}/turns"
        one = f"{turns}/{{t}}"
        give, floor = Action.GIVE_FLOOR, "/api/meetings/{m}/floor"
        return [
            Route("POST", turns, Action.ASK_FLOOR, self.ask, "Ask for the floor", gives=TurnMade, status=201),
            Route("DELETE", one, Action.ASK_FLOOR, self.withdraw, "Withdraw one's request"),
            Route("POST", f"{one}/give", give, self.give, "Give the floor to someone in line", takes=GiveTurn),
            Route(
                *("POST", floor, give, self.give_to, "Give the floor to someone who did not ask"),
                takes=GiveFloor,
                gives=TurnMade,
                status=201,
            ),
            Route("POST", f"{one}/end", Action.ASK_FLOOR, self.end, "End a speech: one's own, or as the chair"),
        ]

    async def ask(self, call: Call) -> Reply:
        """Stand in line."""
        turn = await self.uow.run(lambda act: self.speaking(act).ask(call.meeting, call.person))
        return Reply(TurnMade(id=turn), 201)

    async def withdraw(self, call: Call) -> Reply:
        """Leave the line."""
        turn = TurnId(call.named("t"))
        await self.uow.run(lambda act: self.speaking(act).withdraw(call.meeting, turn, call.person))
        return DONE

    async def give(self, call: Call) -> Reply:
        """The next one, please."""
        body: GiveTurn = call.body
        turn = TurnId(call.named("t"))
        await self.uow.run(lambda act: self.speaking(act).give(call.meeting, turn, body.allotted_s, call.person))
        return DONE

    async def give_to(self, call: Call) -> Reply:
        """A word from someone who did not ask."""
        body: GiveFloor = call.body
        person = PersonId(body.person)
        turn = await self.uow.run(
            lambda act: self.speaking(act).give_to(call.meeting, person, body.allotted_s, call.person)
        )
        return Reply(TurnMade(id=turn), 201)

    async def end(self, call: Call) -> Reply:
        """Thank you."""
        turn, may_give = TurnId(call.named("t")), call.standing.may(Action.GIVE_FLOOR)
        await self.uow.run(lambda act: self.speaking(act).end(call.meeting, turn, call.person, may_give=may_give))
        return DONE
