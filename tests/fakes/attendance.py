"""Presences and recusals in memory."""

from dataclasses import dataclass, field
from datetime import datetime

from ecabinet.attendance.model import Presence, Recusal
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId
from ecabinet.meetings.model import Meeting
from tests.fakes.meetings import MemoryMeetings


@dataclass
class MemoryPresences:
    """See the Presences port."""

    meetings: MemoryMeetings
    """Who takes part in what."""
    kept: dict[tuple[MeetingId, PersonId], Presence] = field(default_factory=dict)

    async def get(self, meeting: MeetingId, person: PersonId) -> Presence:
        return (await self.of(meeting)).get(person, Presence(meeting, person))

    async def put(self, presence: Presence) -> None:
        if not await self.meetings.seats(presence.meeting, {presence.person}):
            raise NotFound()
        self.kept[presence.meeting, presence.person] = presence

    async def of(self, meeting: MeetingId) -> dict[PersonId, Presence]:
        found = self.meetings.kept.get(meeting)
        return {
            person: presence
            for (of, person), presence in self.kept.items()
            if of == meeting and found is not None and found.takes_part(person)
        }

    async def left_connected(self, before: datetime) -> list[Presence]:
        connected = [each for each in self.kept.values() if each.is_connected]
        left = [each for each in connected if each.seen_at is not None and each.seen_at < before]
        return sorted(left, key=lambda each: (each.meeting, each.person))


@dataclass
class MemoryRecusals:
    """See the Recusals port."""

    meetings: MemoryMeetings
    """What is on which agenda, and who takes part."""
    kept: dict[tuple[ItemId, PersonId], Recusal] = field(default_factory=dict)

    async def put(self, recusal: Recusal) -> None:
        if not self._stands(recusal):
            raise NotFound()
        self.kept[recusal.item, recusal.person] = recusal

    async def remove(self, item: ItemId, person: PersonId) -> None:
        self.kept.pop((item, person), None)

    async def of(self, meeting: MeetingId) -> list[Recusal]:
        mine = [each for each in self.kept.values() if each.meeting == meeting and self._stands(each)]
        return sorted(mine, key=lambda each: (each.item, each.person))

    def _stands(self, recusal: Recusal) -> bool:
        found = self.meetings.kept.get(recusal.meeting)
        if found is None or not found.takes_part(recusal.person):
            return False
        return any(item.id == recusal.item for item in found.items)


@dataclass
class SetWithdrawn:
    """Who takes no part in what is before the meeting, as a test says."""

    people: frozenset[PersonId] = frozenset()

    async def withdrawn(self, meeting: Meeting) -> frozenset[PersonId]:
        return self.people
