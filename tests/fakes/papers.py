"""Papers in memory. They pass the contract suite of the real ones."""

from collections import Counter
from dataclasses import dataclass, field

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PaperId
from ecabinet.papers.model import Paper, PaperIsThere


@dataclass
class MemoryPapers:
    """See the PaperStore port."""

    meetings: frozenset[MeetingId]
    """The meetings there are."""
    kept: dict[PaperId, Paper] = field(default_factory=dict)

    async def lock(self, meeting: MeetingId) -> None:
        if meeting not in self.meetings:
            raise NotFound()

    async def add(self, paper: Paper) -> None:
        if any((each.item, each.digest) == (paper.item, paper.digest) for each in self.kept.values()):
            raise PaperIsThere()
        self.kept[paper.id] = paper

    async def get(self, meeting: MeetingId, paper: PaperId) -> Paper:
        found = self.kept.get(paper)
        if found is None or found.meeting != meeting:
            raise NotFound()
        return found

    async def of(self, meeting: MeetingId) -> list[Paper]:
        mine = (paper for paper in self.kept.values() if paper.meeting == meeting)
        return sorted(mine, key=lambda paper: (paper.item, paper.position))

    async def late(self, meetings: frozenset[MeetingId]) -> dict[MeetingId, int]:
        return dict(Counter(each.meeting for each in self.kept.values() if each.is_late and each.meeting in meetings))

    async def remove(self, paper: PaperId) -> None:
        del self.kept[paper]
