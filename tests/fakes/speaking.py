"""Turns in memory. They pass the contract suite of the real ones."""

from dataclasses import dataclass, field

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, TurnId
from ecabinet.speaking.model import AlreadySpeaking, AlreadyWaiting, Status, Turn


@dataclass
class MemoryTurns:
    """See the TurnStore port."""

    meetings: frozenset[MeetingId]
    """The meetings there are."""
    kept: dict[TurnId, Turn] = field(default_factory=dict)

    async def lock(self, meeting: MeetingId) -> None:
        if meeting not in self.meetings:
            raise NotFound()

    async def of(self, meeting: MeetingId) -> list[Turn]:
        mine = (turn for turn in self.kept.values() if turn.meeting == meeting)
        return sorted(mine, key=lambda turn: (turn.asked_at, turn.id))

    async def get(self, meeting: MeetingId, turn: TurnId) -> Turn:
        found = self.kept.get(turn)
        if found is None or found.meeting != meeting:
            raise NotFound()
        return found

    async def keep(self, turn: Turn) -> None:
        beside = [each for each in self.kept.values() if each.meeting == turn.meeting and each.id != turn.id]
        same = [each for each in beside if each.status is turn.status]
        if turn.status is Status.SPEAKING and same:
            raise AlreadySpeaking()
        if turn.status is Status.WAITING and any(each.person == turn.person for each in same):
            raise AlreadyWaiting()
        self.kept[turn.id] = turn
