"""Plans and proxies on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action, require_item
from ecabinet.kernel.ids import ItemId, PersonId, PlanId
from ecabinet.register.model import Matter

from .asking import ALTERNATIVES_LIMIT, LABEL_LIMIT, TEXT_LIMIT
from .model import Kind, Method
from .planning import Planning
from .plans import PLANS_LIMIT, Draft

_Label = Annotated[str, Field(min_length=1, max_length=LABEL_LIMIT)]
_Id = Annotated[str, Field(min_length=1, max_length=26)]


class PlannedQuestion(Shape):
    """One line of a plan."""

    id: _Id | None = None
    kind: Literal["whole", "part", "amendment"]
    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
    method: Literal["approval", "choice"]
    matter: Literal["resolution", "removal", "reduced", "choice", "confidence"] | None = None
    options: Annotated[list[_Label], Field(max_length=ALTERNATIVES_LIMIT)] | None = None


class NewPlan(Shape):
    """All lines in the chair's order."""

    plans: Annotated[list[PlannedQuestion], Field(max_length=PLANS_LIMIT)]


class NewProxy(Shape):
    """Who is to vote."""

    holder: _Id


@dataclass(frozen=True, slots=True)
class PlansHttp:
    """Their routes."""

    uow: UnitOfWork
    planning: Callable[[Act], Planning]

    def routes(self) -> list[Route]:
        """Everything that is settled before a question is put."""
        plan = "/api/meetings/{m}/items/{i}/plan"
        proxy = "/api/meetings/{m}/proxies/{giver}"
        return [
            Route("PUT", plan, Action.PLAN_QUESTIONS, self.change, "What is put on an item, in order", takes=NewPlan),
            Route("DELETE", plan + "/{p}", Action.PLAN_QUESTIONS, self.drop, "Leave one line out"),
            Route("PUT", proxy, Action.GIVE_PROXY, self.give, "Let a member vote for an absent one", takes=NewProxy),
            Route("DELETE", proxy, Action.GIVE_PROXY, self.take_back, "Take a proxy back"),
        ]

    async def change(self, call: Call) -> Reply:
        """In place of what was planned."""
        body: NewPlan = call.body
        item = _item(call)
        drafts = [_draft(each) for each in body.plans]
        await self.uow.run(lambda act: self.planning(act).change(call.meeting, item, drafts, call.person))
        return DONE

    async def drop(self, call: Call) -> Reply:
        """One line."""
        item, plan = _item(call), PlanId(call.named("p"))
        await self.uow.run(lambda act: self.planning(act).drop(call.meeting, item, plan, call.person))
        return DONE

    async def give(self, call: Call) -> Reply:
        """By the absent member himself, or by whoever prepares the meeting."""
        body: NewProxy = call.body
        pair = (PersonId(call.named("giver")), PersonId(body.holder))
        prepares = call.standing.may(Action.PREPARE_MEETING)
        await self.uow.run(lambda act: self.planning(act).give(call.meeting, pair, call.person, prepares=prepares))
        return DONE

    async def take_back(self, call: Call) -> Reply:
        """By the same."""
        giver, prepares = PersonId(call.named("giver")), call.standing.may(Action.PREPARE_MEETING)
        await self.uow.run(
            lambda act: self.planning(act).take_back(call.meeting, giver, call.person, prepares=prepares)
        )
        return DONE


def _item(call: Call) -> ItemId:
    item = ItemId(call.named("i"))
    require_item(call.standing, item)
    return item


def _draft(body: PlannedQuestion) -> Draft:
    usual = Matter.CHOICE if body.method == "choice" else Matter.RESOLUTION
    return Draft(
        kind=Kind(body.kind),
        text=body.text,
        method=Method(body.method),
        matter=Matter(body.matter) if body.matter else usual,
        options=tuple(body.options or ()),
        id=PlanId(body.id) if body.id else None,
    )
