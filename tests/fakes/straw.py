"""Straw polls in memory. They pass the contract suite of the real ones."""

from collections import Counter
from dataclasses import dataclass, field

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PersonId, StrawPollId
from ecabinet.straw.model import AlreadyAnswered, Status, StrawPoll, StrawPollOpen


@dataclass
class MemoryStrawPolls:
    """See the StrawPolls port."""

    kept: dict[StrawPollId, StrawPoll] = field(default_factory=dict)
    marks: dict[StrawPollId, set[PersonId]] = field(default_factory=dict)
    slips: dict[StrawPollId, Counter[str]] = field(default_factory=dict)

    async def add(self, poll: StrawPoll) -> None:
        for each in await self.of(poll.meeting):
            if each.status is Status.OPEN:
                raise StrawPollOpen(poll=each.id)
        self.kept[poll.id] = poll

    async def lock(self, meeting: MeetingId, poll: StrawPollId) -> StrawPoll:
        return await self.get(meeting, poll)

    async def get(self, meeting: MeetingId, poll: StrawPollId) -> StrawPoll:
        found = self.kept.get(poll)
        if found is None or found.meeting != meeting:
            raise NotFound()
        return found

    async def of(self, meeting: MeetingId) -> list[StrawPoll]:
        mine = (each for each in self.kept.values() if each.meeting == meeting)
        return sorted(mine, key=lambda each: (each.opened_at, each.id))

    async def has_answered(self, poll: StrawPollId, person: PersonId) -> bool:
        return person in self.marks.get(poll, set())

    async def answered(self, poll: StrawPollId) -> int:
        return len(self.marks.get(poll, set()))

    async def put(self, poll: StrawPollId, person: PersonId, choice: str) -> None:
        marked = self.marks.setdefault(poll, set())
        if person in marked:
            raise AlreadyAnswered()
        marked.add(person)
        self.slips.setdefault(poll, Counter())[choice] += 1

    async def box(self, poll: StrawPollId) -> dict[str, int]:
        return dict(self.slips.get(poll, Counter()))

    async def finish(self, poll: StrawPoll) -> None:
        self.kept[poll.id] = poll
        self.marks.pop(poll.id, None)
        self.slips.pop(poll.id, None)
