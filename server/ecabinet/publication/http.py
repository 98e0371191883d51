"""A meeting's bundle on the wire."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, FileReply, Reply, Route
from ecabinet.kernel.access import Action, require_whole
from ecabinet.kernel.ids import QuestionId, SlipId
from ecabinet.ledger.model import Entry

from .ports import SheetsOf
from .proofs import ProofEntry, proof_entry
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
            ),
            Route(
                *("GET", "/api/meetings/{m}/questions/{q}/ballots/mine/proof", Action.CAST_BALLOT, self.proof),
                "My own ballot, and how it is found again in the record",
                gives=ProofEntry,
            ),
        ]

    async def proof(self, call: Call) -> Reply:
        """One's own and nobody else's."""
        question = QuestionId(call.named("q"))
        async with self.uow.reading() as act:
            entry = await self.publication(act).own_ballot(call.meeting, question, call.person)
        return await _proven(self.uow, self.publication, entry)

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


@dataclass(frozen=True, slots=True)
class SheetProofsHttp:
    """The proof of what was answered in writing: the same as of a ballot, under a body instead of a meeting."""

    uow: UnitOfWork
    publication: Callable[[Act], Publication]
    sheets: Callable[[Act], SheetsOf]

    def routes(self) -> list[Route]:
        """One."""
        return [
            Route(
                *("GET", "/api/bodies/{b}/slips/{s}/sheets/mine/proof", Action.ANSWER_SLIP, self.proof),
                "My own sheet, and how it is found again in the record",
                gives=ProofEntry,
            )
        ]

    async def proof(self, call: Call) -> Reply:
        """One's own and nobody else's."""
        async with self.uow.reading() as act:
            kept = await self.sheets(act).mine(call.of_body, SlipId(call.named("s")), call.person)
            entry = await self.publication(act).entry(kept.number)
        return await _proven(self.uow, self.publication, entry)


async def _proven(uow: UnitOfWork, publication: Callable[[Act], Publication], entry: Entry) -> Reply:
    """The entry with its proof. Signed anew when nothing signed yet covers it."""
    async with uow.reading() as act:
        checkpoint = await publication(act).covering(entry)
    if checkpoint is None:
        checkpoint = await uow.run(lambda act: publication(act).sign(entry))
    async with uow.reading() as act:
        return Reply(proof_entry(await publication(act).proof(entry, checkpoint)))


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(content), _CHUNK_BYTES):
        yield content[begin : begin + _CHUNK_BYTES]
