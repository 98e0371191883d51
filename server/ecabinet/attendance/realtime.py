"""Presence and quorum as a meeting's participants see them live."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId

from . import views
from .model import PresenceConnected, PresenceDisconnected, RollMarked
from .service import Attendance


@dataclass(frozen=True, slots=True)
class AttendanceRealtime:
    """The slice's part of the view."""

    attendance: Callable[[AsyncConnection], Attendance]
    """For reading."""

    def collections(self) -> list[Collection]:
        """What a meeting's view has of this slice."""
        return [Collection("presences", self.presences), Collection("quorums", self.quorums)]

    def projectors(self) -> dict[type[Event], Projector]:
        """What each event of this slice changes in it."""
        return dict.fromkeys((PresenceConnected, PresenceDisconnected, RollMarked), self.project)

    async def presences(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """Those of whom anything is known."""
        kept = await self.attendance(connection).kept.of(meeting)
        return {person: views.presence_entry(presence) for person, presence in kept.items()}

    async def quorums(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """One entry, under the meeting's id."""
        attendance = self.attendance(connection)
        reached = await attendance.quorum(await attendance.meetings.get(meeting))
        return {meeting: views.quorum_entry(meeting, reached)}

    async def project(self, event: Event, connection: AsyncConnection) -> Changes:
        """The presence of the one the event is about, and the quorum."""
        assert event.meeting is not None
        assert isinstance(event, PresenceConnected | PresenceDisconnected | RollMarked)
        presence = await self.attendance(connection).kept.get(event.meeting, event.person)
        return {
            "presences": {event.person: views.presence_entry(presence)},
            "quorums": await self.quorums(event.meeting, connection),
        }

    async def strength(self, event: Event, connection: AsyncConnection) -> Changes:
        """What an event of the meetings slice that moves participants or the day changes here."""
        assert event.meeting is not None
        gone: tuple[str, ...] = getattr(event, "gone", ())
        changes: Changes = {"quorums": dict(await self.quorums(event.meeting, connection))}
        if gone:
            changes["presences"] = dict.fromkeys(gone)
        return changes
