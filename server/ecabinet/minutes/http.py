"""Minutes on the wire."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, FileReply, Reply, Route
from ecabinet.kernel.access import Action, require_item, require_whole
from ecabinet.kernel.ids import MeetingId, MinutesId, PersonId, QuestionId
from ecabinet.kernel.ports import Blobs

from .service import Minutes, Press
from .views import MinutesTextEntry, minutes_text


class NewMinutes(TypedDict):
    """The id of a new version."""

    id: str


@dataclass(frozen=True, slots=True)
class MinutesHttp:
    """The slice's routes."""

    uow: UnitOfWork
    minutes: Callable[[Act], Minutes]
    press: Press
    blobs: Blobs

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        at = "/api/meetings/{m}/minutes"
        return [
            Route(
                "POST",
                at,
                Action.DRAFT_MINUTES,
                self.post,
                "Draft minutes from the record",
                gives=NewMinutes,
                status=201,
            ),
            Route("GET", at + "/{v}", Action.READ_MINUTES, self.read, "Read minutes", gives=MinutesTextEntry),
            Route(
                *("GET", "/api/meetings/{m}/questions/{q}/sheet.pdf", Action.READ_MEETING, self.sheet),
                "The result sheet of a vote that has ended",
                gives=bytes,
            ),
            Route("GET", at + "/{v}/pdf", Action.READ_MINUTES, self.pdf, "Read minutes as a PDF", gives=bytes),
        ]

    async def draft(self, meeting: MeetingId, by: PersonId) -> MinutesId:
        """A new version from what the record says now. Raises NotFound, MeetingNotClosed, Conflict."""
        seal = await self.uow.run(lambda act: self.minutes(act).seal(meeting))
        async with self.uow.reading() as act:
            facts = await self.minutes(act).facts(meeting, seal)
        printed = await self.press.set(facts)
        return await self.uow.run(lambda act: self.minutes(act).keep(meeting, printed, by))

    async def post(self, call: Call) -> Reply:
        """Draft."""
        return Reply({"id": await self.draft(call.meeting, call.person)}, status=201)

    async def read(self, call: Call) -> Reply:
        """The text, with the entries that prove it. It tells of every item."""
        require_whole(call.standing)
        async with self.uow.reading() as act:
            version = await self.minutes(act).get(call.meeting, MinutesId(call.named("v")))
        return Reply(minutes_text(version))

    async def sheet(self, call: Call) -> FileReply:
        """Set anew each time from what was closed; the same pages every time."""
        question = QuestionId(call.named("q"))
        async with self.uow.reading() as act:
            minutes = self.minutes(act)
            for item in await minutes.subjects(call.meeting, question):
                require_item(call.standing, item)
            facts = await minutes.sheet(call.meeting, question)
        content = await self.press.sheet(facts)
        return FileReply(
            chunks=_once(content),
            size_bytes=len(content),
            content_type="application/pdf",
            filename=f"ket-qua-bieu-quyet-{facts.vote.number}.pdf",
            digest=hashlib.sha256(content).hexdigest(),
        )

    async def pdf(self, call: Call) -> FileReply:
        """The pages."""
        require_whole(call.standing)
        async with self.uow.reading() as act:
            version = await self.minutes(act).get(call.meeting, MinutesId(call.named("v")))
        return FileReply(
            chunks=self.blobs.stream(version.digest),
            size_bytes=version.size_bytes,
            content_type="application/pdf",
            filename=f"bien-ban-du-thao-{version.version}.pdf",
            digest=version.digest,
        )


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
