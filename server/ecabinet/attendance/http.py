"""The roll call on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action
from ecabinet.kernel.ids import PersonId

from .model import Mark
from .service import Attendance


class Marked(Shape):
    """What the roll call says; null takes it back."""

    mark: Literal["present", "absent", "excused"] | None
    reason: Annotated[str, Field(max_length=1000)] | None = None


@dataclass(frozen=True, slots=True)
class AttendanceHttp:
    """The slice's routes."""

    uow: UnitOfWork
    attendance: Callable[[Act], Attendance]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        path = "/api/meetings/{m}/roll/{person}"
        return [Route("PUT", path, Action.CALL_ROLL, self.mark, "Call the roll", takes=Marked)]

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
