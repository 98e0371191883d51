"""Minutes in a meeting's view."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, only
from ecabinet.kernel.access import Action
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId

from .model import MinutesDrafted
from .ports import MinutesStore
from .views import minutes_entry


@dataclass(frozen=True, slots=True)
class MinutesRealtime:
    """What a meeting is told of its minutes."""

    store: Callable[[AsyncConnection], MinutesStore]

    def collections(self) -> list[Collection]:
        """``minutes``, for whoever may read them: guests may not."""
        return [Collection("minutes", self._load, only(Action.READ_MINUTES))]

    def projectors(self) -> dict[type[Event], Projector]:
        """Events of this slice."""
        return {MinutesDrafted: self._drafted}

    async def _load(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        return {each.id: minutes_entry(each) for each in await self.store(connection).of(meeting)}

    async def _drafted(self, event: Event, connection: AsyncConnection) -> Changes:
        assert isinstance(event, MinutesDrafted)
        assert event.meeting is not None, "minutes are of a meeting"
        version = await self.store(connection).get(event.meeting, event.minutes)
        assert version is not None, "it was kept in this very act"
        return {"minutes": {version.id: minutes_entry(version)}}
