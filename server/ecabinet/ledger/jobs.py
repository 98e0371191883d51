"""What the record does by itself."""

from collections.abc import Callable
from dataclasses import dataclass

from ecabinet.adapters.unit_of_work import Act, UnitOfWork

from .service import Ledger


@dataclass(frozen=True, slots=True)
class Checkpointing:
    """Signs the log when it has grown."""

    uow: UnitOfWork
    ledger: Callable[[Act], Ledger]

    async def sign_if_grown(self) -> None:
        """Every minute, and when a meeting ends. Looks first without a lock, so that a quiet log costs nothing.

        Raises RecordBroken: someone has to look at once.
        """
        async with self.uow.reading() as act:
            has_grown = await self.ledger(act).has_grown()
        if has_grown:
            await self.uow.run(lambda act: self.ledger(act).checkpoint())
