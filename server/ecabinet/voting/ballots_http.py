"""Ballots and what goes with them, on the wire."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import Field, StrictInt
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, FileReply, Reply, Route, Shape
from ecabinet.kernel.access import Action, require_item
from ecabinet.kernel.ids import AttachmentId, PersonId, QuestionId
from ecabinet.kernel.ports import Blobs
from ecabinet.papers.model import Names, Upload

from . import entries, views
from .attachments import Attachments
from .ballots import OPINION_LIMIT, VERSION_LIMIT
from .casting import Casting, Sent, Vote
from .model import Receipt

_Id = Annotated[str, Field(min_length=1, max_length=26)]


class NewBallot(Shape):
    """One version of an answer."""

    choice: Annotated[str, Field(min_length=1, max_length=40)]
    n: Annotated[StrictInt, Field(ge=1, le=VERSION_LIMIT)]
    opinion: Annotated[str, Field(max_length=OPINION_LIMIT)] | None = None
    attachment: _Id | None = None
    on_behalf_of: Annotated[_Id | None, Field(alias="for")] = None


class AttachmentMade(TypedDict):
    """The attachment's id."""

    id: str


class Uploads(Protocol):
    """How PDFs arrive: as papers do."""

    def announced(self, call: Call) -> Names:
        """By the request's line and headers alone. Raises Invalid, NotAPdf, TooLarge."""
        ...

    async def receive(self, call: Call, names: Names) -> Upload:
        """The bytes, checked and kept. Raises NotAPdf, TooLarge, BrokenPdf, Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class BallotsHttp:
    """The voters' routes."""

    uow: UnitOfWork
    casting: Callable[[Act], Casting]
    send: Callable[[Sent], Awaitable[Receipt]]
    """Into the lane, and back with the receipt after the commit."""

    def routes(self) -> list[Route]:
        """Everything voters ask for."""
        ballots = "/api/meetings/{m}/questions/{q}/ballots"
        return [
            Route(
                *("POST", ballots, Action.CAST_BALLOT, self.cast, "Cast a version of my ballot"),
                takes=NewBallot,
                gives=entries.ReceiptEntry,
                status=201,
            ),
            Route(
                *("GET", f"{ballots}/mine", Action.CAST_BALLOT, self.mine, "My ballot that counts"),
                gives=entries.MyBallotEntry,
            ),
        ]

    async def cast(self, call: Call) -> Reply:
        """The receipt leaves after the commit."""
        body: NewBallot = call.body
        vote = Vote(
            body.choice,
            body.n,
            body.opinion,
            AttachmentId(body.attachment) if body.attachment else None,
            PersonId(body.on_behalf_of) if body.on_behalf_of else None,
        )
        receipt = await self.send(Sent(call.meeting, _question(call), vote, call.person))
        return Reply(views.receipt_entry(receipt), status=201)

    async def mine(self, call: Call) -> Reply:
        """So that a reloaded page knows what it has sent."""
        giver = call.asked("for")
        async with self.uow.reading() as act:
            receipt = await self.casting(act).mine(
                call.meeting, _question(call), call.person, PersonId(giver) if giver else None
            )
        return Reply(views.my_ballot_entry(receipt))


@dataclass(frozen=True, slots=True)
class AttachmentsHttp:
    """What goes with an opinion."""

    uow: UnitOfWork
    attachments: Callable[[Act], Attachments]
    uploads: Uploads
    blobs: Blobs

    def routes(self) -> list[Route]:
        """In, and out after the end."""
        attachments = "/api/meetings/{m}/questions/{q}/attachments"
        return [
            Route(
                *("POST", attachments, Action.CAST_BALLOT, self.add, "Upload a PDF for my ballot to name"),
                gives=AttachmentMade,
                status=201,
                raw=True,
            ),
            Route(
                *("GET", f"{attachments}/{{a}}", Action.READ_MEETING, self.content, "An attachment's bytes"),
                gives=bytes,
            ),
        ]

    async def add(self, call: Call) -> Reply:
        """Everything that can be refused is refused before the bytes are taken in."""
        names = self.uploads.announced(call)
        async with self.uow.reading() as act:
            await self.attachments(act).require_adding(call.meeting, _question(call), call.person)
        upload = await self.uploads.receive(call, names)
        added = await self.uow.run(
            lambda act: self.attachments(act).add(call.meeting, _question(call), upload, call.person)
        )
        return Reply(AttachmentMade(id=added), 201)

    async def content(self, call: Call) -> FileReply:
        """To those who may know of the question."""
        async with self.uow.reading() as act:
            items, file = await self.attachments(act).get(call.meeting, _question(call), AttachmentId(call.named("a")))
        for item in items:
            require_item(call.standing, item)
        return FileReply(self.blobs.stream(file.digest), file.size_bytes, "application/pdf", file.filename, file.digest)


def _question(call: Call) -> QuestionId:
    return QuestionId(call.named("q"))
