"""Papers in a meeting's live view."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_item
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId

from .model import PaperAdded, PaperRemoved
from .sql import SqlPapers
from .views import paper_entry


@dataclass(frozen=True, slots=True)
class PapersRealtime:
    """The slice's collections and projectors."""

    def collections(self) -> list[Collection]:
        """Whoever knows of an item knows of its papers."""
        return [Collection("papers", self.load, by_item)]

    def projectors(self) -> dict[type[Event], Projector]:
        """Event → the entries it changed."""
        return {PaperAdded: self.added, PaperRemoved: self.removed}

    async def load(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All papers of the meeting."""
        return {paper.id: dict(paper_entry(paper)) for paper in await SqlPapers(connection).of(meeting)}

    async def added(self, event: Event, connection: AsyncConnection) -> Changes:
        """The new paper."""
        assert isinstance(event, PaperAdded)
        assert event.meeting is not None
        paper = await SqlPapers(connection).get(event.meeting, event.paper)
        return {"papers": {paper.id: dict(paper_entry(paper))}}

    async def removed(self, event: Event, connection: AsyncConnection) -> Changes:  # noqa: ARG002
        """Gone."""
        assert isinstance(event, PaperRemoved)
        return {"papers": {event.paper: None}}
