"""A meeting's bundle on the wire."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, FileReply, Route
from ecabinet.kernel.access import Action, require_whole

from .service import Publication

_CHUNK_BYTES = 65536


@dataclass(frozen=True, slots=True)
class PublicationHttp:
    """The slice's routes."""

    uow: UnitOfWork
    publication: Callable[[Act], Publication]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        return [
            Route(
                "GET",
                "/api/meetings/{m}/bundle",
                Action.EXPORT_RECORD,
                self.export,
                "The record of a meeting that has ended, as a file that can be checked offline",
                gives=bytes,
            )
        ]

    async def export(self, call: Call) -> FileReply:
        """Sign what was recorded so far, then hand out the meeting's part of it. It tells of every item."""
        require_whole(call.standing)
        checkpoint = await self.uow.run(lambda act: self.publication(act).seal(call.meeting))
        async with self.uow.reading() as act:
            content = await self.publication(act).bundle(call.meeting, checkpoint)
        return FileReply(
            chunks=_pieces(content),
            size_bytes=len(content),
            content_type="application/zip",
            filename=f"ecabinet-{call.meeting}.zip",
            digest=hashlib.sha256(content).hexdigest(),
        )


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(content), _CHUNK_BYTES):
        yield content[begin : begin + _CHUNK_BYTES]
