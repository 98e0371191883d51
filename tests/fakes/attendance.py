"""Presences in memory."""

from dataclasses import dataclass, field
from datetime import datetime

from ecabinet.attendance.model import Presence
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PersonId
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
        if await self.meetings.seat(presence.meeting, presence.person) is None:
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
