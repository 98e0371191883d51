"""What the meeting is told of the call. LiveKit tells clients what changed in it; the record keeps who did it."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection
from ecabinet.kernel.events import Event

from .model import MediaMuted, MediaRemoved


@dataclass(frozen=True, slots=True)
class MediaRealtime:
    """The slice's collections and projectors."""

    def collections(self) -> list[Collection]:
        """None: who is in the call is known to the call."""
        return []

    def projectors(self) -> dict[type[Event], Projector]:
        """Events that change no entry."""
        return {MediaMuted: self.nothing, MediaRemoved: self.nothing}

    async def nothing(self, event: Event, connection: AsyncConnection) -> Changes:  # noqa: ARG002
        """No entry is another."""
        return {}
