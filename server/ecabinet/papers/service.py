"""Papers coming and going."""

from collections.abc import Mapping
from dataclasses import dataclass

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.ids import ItemId, MeetingId, PaperId, PersonId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings.model import Act

from . import rules
from .model import Paper, Upload
from .ports import Meetings, PaperStore


@dataclass(frozen=True, slots=True)
class Papers:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    papers: PaperStore
    meetings: Meetings
    ids: Ids
    clock: Clock

    async def require_adding(self, meeting: MeetingId, item: ItemId) -> None:
        """Asked before the bytes arrive, so that nobody sends a hundred megabytes in vain. As rules.require_adding."""
        rules.require_adding(await self.meetings.get(meeting), item)

    async def add(self, meeting: MeetingId, item: ItemId, upload: Upload, by: PersonId) -> PaperId:
        """Hang an uploaded PDF on an item. Raises as rules.add does."""
        await self.papers.lock(meeting)
        found = await self.meetings.get(meeting)
        event = rules.added(found, item, PaperId(self.ids.new()), upload, Act(by, self.clock.now()))
        paper = rules.add(found, await self.papers.of(meeting), event)
        await self.papers.add(paper)
        await self.tx.record(event)
        return paper.id

    async def remove(self, meeting: MeetingId, paper: PaperId, by: PersonId) -> None:
        """Take a paper back. Raises NotFound, WrongPhase. Its bytes stay: the record names their digest."""
        await self.papers.lock(meeting)
        found = await self.papers.get(meeting, paper)
        event = rules.remove(await self.meetings.get(meeting), found, Act(by, self.clock.now()))
        await self.papers.remove(paper)
        await self.tx.record(event)

    async def get(self, meeting: MeetingId, paper: PaperId) -> Paper:
        """Raises NotFound."""
        return await self.papers.get(meeting, paper)

    async def of(self, meeting: MeetingId) -> list[Paper]:
        """All papers of the meeting, each item's in their order."""
        return await self.papers.of(meeting)

    async def has_papers(self, meeting: MeetingId, item: ItemId) -> bool:
        """Whether any paper hangs on the item. For meetings, which then does not let the item go."""
        return any(paper.item == item for paper in await self.papers.of(meeting))

    async def late_papers(self, meetings: frozenset[MeetingId]) -> Mapping[MeetingId, int]:
        """How many papers of each meeting came after they were due; meetings without any are left out."""
        return await self.papers.late(meetings)
