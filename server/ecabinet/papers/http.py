"""Papers on the wire: bytes in, checked as they come; bytes out, to those entitled."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, FileReply, Reply, Route
from ecabinet.kernel.access import Action, require_item
from ecabinet.kernel.errors import Invalid, TooLarge, Unavailable
from ecabinet.kernel.ids import ItemId, PaperId
from ecabinet.kernel.ports import Blobs

from . import rules
from .model import BrokenPdf, Names, NotAPdf, Upload
from .ports import Pdfs
from .service import Papers

_TYPE = "application/pdf"
_CHUNK_BYTES = 1 << 18
_UPLOAD_LIMIT_S = 600
"""Longest time for one upload: a hundred megabytes over a line of 1.5 Mbit/s."""


class PaperMade(TypedDict):
    """The paper's id."""

    id: str


@dataclass(frozen=True, slots=True)
class PapersHttp:
    """The slice's routes."""

    uow: UnitOfWork
    papers: Callable[[Act], Papers]
    blobs: Blobs
    pdfs: Pdfs
    limit_bytes: int

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        of_item, one = "/api/meetings/{m}/items/{i}/papers", "/api/meetings/{m}/papers/{p}"
        return [
            Route(
                *("POST", of_item, Action.ADD_PAPER, self.add, "Hang a PDF on an item"),
                gives=PaperMade,
                status=201,
                raw=True,
            ),
            Route("DELETE", one, Action.ADD_PAPER, self.remove, "Take a paper back"),
            Route("GET", f"{one}/content", Action.READ_PAPER, self.content, "A paper's bytes", gives=bytes),
        ]

    async def add(self, call: Call) -> Reply:
        """Everything that can be refused is refused before something is recorded, and the cheap things first."""
        item = ItemId(call.named("i"))
        require_item(call.standing, item)
        names = self.announced(call)
        async with self.uow.reading() as act:
            await self.papers(act).require_adding(call.meeting, item)
        upload = await self.receive(call, names)
        paper = await self.uow.run(lambda act: self.papers(act).add(call.meeting, item, upload, call.person))
        return Reply(PaperMade(id=paper), 201)

    async def remove(self, call: Call) -> Reply:
        """Take a paper back."""
        paper = PaperId(call.named("p"))
        await self.uow.run(lambda act: self.papers(act).remove(call.meeting, paper, call.person))
        return DONE

    async def content(self, call: Call) -> FileReply:
        """The bytes as they came, always to be saved, never as a page of ours."""
        async with self.uow.reading() as act:
            paper = await self.papers(act).get(call.meeting, PaperId(call.named("p")))
        require_item(call.standing, paper.item)
        return FileReply(self.blobs.stream(paper.digest), paper.size_bytes, _TYPE, paper.filename, paper.digest)

    def announced(self, call: Call) -> Names:
        """What a paper that is about to arrive is called; refused by its address and its headers alone where they say
        that it cannot be taken. Also for other slices that take papers.

        Raises Invalid, NotAPdf, TooLarge.
        """
        names, request = rules.name(call.asked("title"), call.asked("filename")), call.request
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise Invalid(fields={"Content-Encoding": "not_accepted"})
        if request.content_type != _TYPE:
            raise NotAPdf()
        if request.content_length is not None and request.content_length > self.limit_bytes:
            raise TooLarge(limit_bytes=self.limit_bytes)
        return names

    async def receive(self, call: Call, names: Names) -> Upload:
        """Take the bytes in, and keep them.

        Raises NotAPdf, TooLarge, BrokenPdf, and Unavailable when they take too long.
        """
        counted: list[int] = []

        async def check(path: str) -> None:
            pages = await self.pdfs.pages(path)
            if pages is None:
                raise BrokenPdf()
            counted.append(pages)

        try:
            async with asyncio.timeout(_UPLOAD_LIMIT_S):
                digest, size_bytes = await self.blobs.put(_chunks(call.request.content), self.limit_bytes, check)
        except TimeoutError as error:
            raise Unavailable() from error
        return Upload(names, digest, size_bytes, counted[0])


async def _chunks(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """The bytes as they arrive. Raises NotAPdf as soon as the beginning is another, Invalid when the end is missing."""
    try:
        beginning = await content.readexactly(len(rules.MAGIC))
        if beginning != rules.MAGIC:
            raise NotAPdf()
        yield beginning
        async for chunk in content.iter_chunked(_CHUNK_BYTES):
            yield chunk
    except asyncio.IncompleteReadError as error:
        raise NotAPdf() from error
    except (aiohttp.ClientError, web.RequestPayloadError, ConnectionError) as error:
        raise Invalid(fields={"body": "incomplete"}) from error
