"""Positions in memory."""

from dataclasses import dataclass, field

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId
from ecabinet.positions.model import Position
from tests.fakes.meetings import MemoryMeetings


@dataclass
class MemoryPositions:
    """See the PositionStore port."""

    meetings: MemoryMeetings
    """What is on which agenda, and who takes part."""
    kept: dict[tuple[ItemId, PersonId], Position] = field(default_factory=dict)

    async def put(self, position: Position) -> None:
        if not self._stands(position):
            raise NotFound()
        self.kept[position.item, position.person] = position

    async def remove(self, item: ItemId, person: PersonId) -> None:
        self.kept.pop((item, person), None)

    async def get(self, item: ItemId, person: PersonId) -> Position | None:
        found = self.kept.get((item, person))
        return found if found is not None and self._stands(found) else None

    async def of(self, meeting: MeetingId) -> list[Position]:
        mine = [each for each in self.kept.values() if each.meeting == meeting and self._stands(each)]
        return sorted(mine, key=lambda each: (each.at, each.item, each.person))

    def _stands(self, position: Position) -> bool:
        found = self.meetings.kept.get(position.meeting)
        if found is None or not found.takes_part(position.person):
            return False
        return any(item.id == position.item for item in found.items)
