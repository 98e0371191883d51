"""What time does to slips."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.ids import BodyId, SlipId

from .service import Opinions

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SlipJobs:
    """Ends slips at their deadline and reminds those who have not answered. What has been done is written on the slip
    itself, so a job that runs twice, or again after a crash, does nothing twice."""

    uow: UnitOfWork
    opinions: Callable[[Act], Opinions]

    async def keep_time(self) -> None:
        """Looks first without a lock, so that nothing to do costs nothing. Each slip is an act of its own."""
        async with self.uow.reading() as act:
            due = await self.opinions(act).due()
        for body, slip in due:
            try:
                await self._keep(body, slip)
            except Exception:
                # One slip that cannot be counted must not keep the others from ending in time.
                log.exception("a slip's time was not kept", slip=slip)

    async def _keep(self, body: BodyId, slip: SlipId) -> None:
        await self.uow.run(lambda act: self.opinions(act).keep_time(body, slip))
