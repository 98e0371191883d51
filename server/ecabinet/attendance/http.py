"""The roll call and recusals on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action, require_known
from ecabinet.kernel.ids import ItemId, PersonId

from .model import Mark
from .service import Attendance, Withdrawal


class Marked(Shape):
    """What the roll call says; null takes it back."""

    mark: Literal["present", "absent", "excused"] | None
    reason: Annotated[str, Field(max_length=1000)] | None = None


class Recused(Shape):
    """Why someone withdraws, for the chair, the secretaries and the person alone."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


@dataclass(frozen=True, slots=True)
class AttendanceHttp:
    """The slice's routes."""

    uow: UnitOfWork
    attendance: Callable[[Act], Attendance]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        roll = "/api/meetings/{m}/roll/{person}"
        recusal = "/api/meetings/{m}/items/{i}/recusals/{person}"
        return [
            Route("PUT", roll, Action.CALL_ROLL, self.mark, "Call the roll", takes=Marked),
            Route("PUT", recusal, Action.RECUSE, self.recuse, "Withdraw someone from an item", takes=Recused),
            Route("DELETE", recusal, Action.RECUSE, self.take_part, "Let someone take part in an item again"),
        ]

    async def mark(self, call: Call) -> Reply:
        """One person at a time."""
        body: Marked = call.body
        mark, person = Mark(body.mark) if body.mark else None, PersonId(call.named("person"))

        async def work(act: Act) -> None:
            attendance = self.attendance(act)
            meeting = await attendance.meetings.get(call.meeting)
            await attendance.mark(meeting, person, mark, body.reason or None, call.person)

        await self.uow.run(work)
        return DONE

    async def recuse(self, call: Call) -> Reply:
        """Oneself; others, for who calls the roll."""
        body: Recused = call.body
        item, wanted = _withdrawal(call, body.reason)
        await self.uow.run(lambda act: self.attendance(act).recuse(call.meeting, item, wanted, call.person))
        return DONE

    async def take_part(self, call: Call) -> Reply:
        """Back again."""
        item, wanted = _withdrawal(call)
        await self.uow.run(lambda act: self.attendance(act).take_part(call.meeting, item, wanted, call.person))
        return DONE


def _withdrawal(call: Call, reason: str = "") -> tuple[ItemId, Withdrawal]:
    item = ItemId(call.named("i"))
    require_known(call.standing, item)
    return item, Withdrawal(PersonId(call.named("person")), call.standing.may(Action.CALL_ROLL), reason)
