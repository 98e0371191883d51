"""The queue in a meeting's live view."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_item
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId

from .model import FloorAsked, FloorEnded, FloorGiven, FloorWithdrawn
from .sql import SqlTurns
from .views import turn_entry


@dataclass(frozen=True, slots=True)
class SpeakingRealtime:
    """The slice's collections and projectors."""

    def collections(self) -> list[Collection]:
        """Whoever knows of an item knows who speaks to it."""
        return [Collection("turns", self.load, by_item)]

    def projectors(self) -> dict[type[Event], Projector]:
        """Event → the entry it changed."""
        return dict.fromkeys((FloorAsked, FloorWithdrawn, FloorGiven, FloorEnded), self.changed)

    async def load(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All turns of the meeting."""
        return {turn.id: dict(turn_entry(turn)) for turn in await SqlTurns(connection).of(meeting)}

    async def changed(self, event: Event, connection: AsyncConnection) -> Changes:
        """The turn as it now stands."""
        assert isinstance(event, FloorAsked | FloorWithdrawn | FloorGiven | FloorEnded)
        assert event.meeting is not None
        turn = await SqlTurns(connection).get(event.meeting, event.turn)
        return {"turns": {turn.id: dict(turn_entry(turn))}}
