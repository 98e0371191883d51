"""Positions on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action, require_item
from ecabinet.kernel.ids import ItemId

from .model import Stance
from .service import Positions


class Declared(Shape):
    """What I say of an item; an opinion needs its text."""

    stance: Literal["no_objection", "opinion", "floor"]
    text: Annotated[str, Field(max_length=4000)] | None = None


@dataclass(frozen=True, slots=True)
class PositionsHttp:
    """The slice's routes."""

    uow: UnitOfWork
    positions: Callable[[Act], Positions]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        path = "/api/meetings/{m}/items/{i}/position"
        declare = Action.DECLARE_POSITION
        return [
            Route("PUT", path, declare, self.declare, "Declare one's position on an item beforehand", takes=Declared),
            Route("DELETE", path, declare, self.withdraw, "Take one's position back"),
        ]

    async def declare(self, call: Call) -> Reply:
        """One's own; nobody declares for another."""
        body: Declared = call.body
        item, said = _item(call), (Stance(body.stance), body.text or "")
        await self.uow.run(lambda act: self.positions(act).declare(call.meeting, item, said, call.person))
        return DONE

    async def withdraw(self, call: Call) -> Reply:
        """As if nothing had been said."""
        item = _item(call)
        await self.uow.run(lambda act: self.positions(act).withdraw(call.meeting, item, call.person))
        return DONE


def _item(call: Call) -> ItemId:
    item = ItemId(call.named("i"))
    require_item(call.standing, item)
    return item
