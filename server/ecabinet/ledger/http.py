"""A meeting's record on the wire."""

from collections.abc import Callable
from dataclasses import dataclass

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, Reply, Route
from ecabinet.kernel.access import Action

from .service import Ledger
from .views import Record


@dataclass(frozen=True, slots=True)
class LedgerHttp:
    """The slice's routes."""

    uow: UnitOfWork
    ledger: Callable[[Act], Ledger]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        return [
            Route(
                "GET",
                "/api/meetings/{m}/record",
                Action.EXPORT_RECORD,
                self.read,
                "What was recorded of a meeting, oldest first",
                gives=Record,
            )
        ]

    async def read(self, call: Call) -> Reply:
        """The entries as the person's roles in the meeting let them be read."""
        async with self.uow.reading() as act:
            return Reply(await self.ledger(act).record(call.meeting, call.standing))
