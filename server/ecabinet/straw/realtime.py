"""Straw polls as a meeting's participants see them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_item
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId

from .model import StrawPollCancelled, StrawPollClosed, StrawPollOpened
from .ports import StrawPolls
from .views import straw_poll_entry


@dataclass(frozen=True, slots=True)
class StrawRealtime:
    """The slice's collections and projectors. An answer is no event."""

    polls: Callable[[AsyncConnection], StrawPolls]

    def collections(self) -> list[Collection]:
        """Whoever knows of an item knows what the room was asked about it."""
        return [Collection("straw_polls", self.load, by_item)]

    def projectors(self) -> dict[type[Event], Projector]:
        """Event → the entry it changed."""
        return dict.fromkeys((StrawPollOpened, StrawPollClosed, StrawPollCancelled), self.changed)

    async def load(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All of the meeting."""
        return {each.id: dict(straw_poll_entry(each)) for each in await self.polls(connection).of(meeting)}

    async def changed(self, event: Event, connection: AsyncConnection) -> Changes:
        """The poll as it now stands."""
        assert isinstance(event, StrawPollOpened | StrawPollClosed | StrawPollCancelled)
        assert event.meeting is not None
        poll = await self.polls(connection).get(event.meeting, event.poll)
        return {"straw_polls": {poll.id: dict(straw_poll_entry(poll))}}
