"""Positions as a meeting's participants see them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_item
from ecabinet.kernel.access import Action, Standing
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId
from ecabinet.meetings.events import InvitationAnswered, ItemRemoved, MeetingOpened, ParticipantRemoved

from .model import PositionDeclared, PositionWithdrawn
from .service import Positions
from .views import position_entry, position_id


def own_or_shown(entry_id: str, entry: Entry, standing: Standing) -> bool:
    """The chair and the secretaries see every position; other members their own, and all once the meeting is open."""
    if not by_item(entry_id, entry, standing):
        return False
    is_member_and_time = entry["is_shown"] and standing.may(Action.DECLARE_POSITION)
    return entry["person"] == standing.person or standing.may(Action.NOTE_ITEM) or is_member_and_time


@dataclass(frozen=True, slots=True)
class PositionsRealtime:
    """The slice's collections and projectors."""

    positions: Callable[[AsyncConnection], Positions]
    """For reading."""

    def collections(self) -> list[Collection]:
        """One entry a member and item."""
        return [Collection("positions", self.load, own_or_shown)]

    def projectors(self) -> dict[type[Event], Projector]:
        """What each event changes here: our own, and those that show positions or end them."""
        return {
            PositionDeclared: self.declared,
            PositionWithdrawn: self.declared,
            MeetingOpened: self.opened,
            ItemRemoved: self.ended,
            ParticipantRemoved: self.ended,
            InvitationAnswered: self.ended,
        }

    async def load(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All of the meeting."""
        positions = self.positions(connection)
        found = await positions.meetings.get(meeting)
        entries = [position_entry(each, found) for each in await positions.of(meeting)]
        return {entry["id"]: entry for entry in entries}

    async def declared(self, event: Event, connection: AsyncConnection) -> Changes:
        """The position as it now stands, if it does."""
        assert isinstance(event, PositionDeclared | PositionWithdrawn)
        assert event.meeting is not None
        key = position_id(event.item, event.person)
        return {"positions": {key: (await self.load(event.meeting, connection)).get(key)}}

    async def opened(self, event: Event, connection: AsyncConnection) -> Changes:
        """Now every member sees them."""
        assert event.meeting is not None
        return {"positions": dict(await self.load(event.meeting, connection))}

    async def ended(self, event: Event, connection: AsyncConnection) -> Changes:
        """Positions that ended with their item, or with a place on the list. Saying so of what never was is
        harmless."""
        assert event.meeting is not None
        meeting = await self.positions(connection).meetings.get(event.meeting)
        if isinstance(event, ItemRemoved):
            gone = [position_id(event.item, each.person) for each in meeting.voters]
        else:
            people: tuple[str, ...] = getattr(event, "gone", ())
            gone = [f"{item.id}:{person}" for item in meeting.items for person in people]
        return {"positions": dict.fromkeys(gone)} if gone else {}
