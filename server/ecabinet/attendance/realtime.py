"""Presence, recusals and quorum as a meeting's participants see them live."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_agenda
from ecabinet.kernel.access import Action, Standing
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId
from ecabinet.meetings.events import ItemRemoved

from . import views
from .model import PresenceConnected, PresenceDisconnected, RecusalLifted, RecusalRecorded, RollMarked
from .service import Attendance

OfItem = Callable[[MeetingId, ItemId, AsyncConnection], Awaitable[Changes]]
"""Every entry of an item that who has withdrawn from it does not see, or not whole."""


def own_or_of_the_desk(entry_id: str, _entry: Entry, standing: Standing) -> bool:
    """Whoever keeps the notes, and the person whose entry it is."""
    return standing.person == entry_id or standing.may(Action.NOTE_ITEM)


def of_known_item(_id: str, entry: Entry, standing: Standing) -> bool:
    """Whoever may know that the item is on the agenda: also who has withdrawn from it."""
    return by_agenda(entry["item"], entry, standing)


def without_reason(entry: Entry, standing: Standing) -> Entry:
    """Why someone has withdrawn is for the same few as why someone is absent."""
    return entry if own_or_of_the_desk(entry["person"], entry, standing) else {**entry, "reason": None}


@dataclass(frozen=True, slots=True)
class AttendanceRealtime:
    """The slice's part of the view."""

    attendance: Callable[[AsyncConnection], Attendance]
    """For reading."""
    of_item: OfItem

    def collections(self) -> list[Collection]:
        """What a meeting's view has of this slice."""
        return [
            Collection("presences", self.presences),
            Collection("reasons", self.reasons, own_or_of_the_desk),
            Collection("recusals", self.recusals, of_known_item, without_reason),
            Collection("quorums", self.quorums),
        ]

    def projectors(self) -> dict[type[Event], Projector]:
        """What each event of this slice changes in it."""
        marks = dict.fromkeys((PresenceConnected, PresenceDisconnected, RollMarked), self.project)
        return {**marks, RecusalRecorded: self.withdrawn, RecusalLifted: self.withdrawn}

    async def presences(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """Those of whom anything is known."""
        kept = await self.attendance(connection).kept.of(meeting)
        return {person: views.presence_entry(presence) for person, presence in kept.items()}

    async def reasons(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """Why someone is absent, or sends another, where a reason is known."""
        attendance = self.attendance(connection)
        return views.reasons_of(await attendance.meetings.get(meeting), await attendance.kept.of(meeting))

    async def recusals(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """Who has withdrawn from what."""
        entries = [views.recusal_entry(each) for each in await self.attendance(connection).recusals.of(meeting)]
        return {entry["id"]: entry for entry in entries}

    async def quorums(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """One entry, under the meeting's id."""
        attendance = self.attendance(connection)
        reached = await attendance.quorum(await attendance.meetings.get(meeting))
        return {meeting: views.quorum_entry(meeting, reached)}

    async def project(self, event: Event, connection: AsyncConnection) -> Changes:
        """The presence of the one the event is about, why, and the quorum."""
        assert event.meeting is not None
        assert isinstance(event, PresenceConnected | PresenceDisconnected | RollMarked)
        presence = await self.attendance(connection).kept.get(event.meeting, event.person)
        changes: Changes = {
            "presences": {event.person: views.presence_entry(presence)},
            "quorums": dict(await self.quorums(event.meeting, connection)),
        }
        if isinstance(event, RollMarked):
            changes["reasons"] = await self._reasons_now(event.meeting, (event.person,), connection)
        return changes

    async def withdrawn(self, event: Event, connection: AsyncConnection) -> Changes:
        """Everything of the item goes with it: out of the person's view, or back into it."""
        assert event.meeting is not None
        assert isinstance(event, RecusalRecorded | RecusalLifted)
        key = views.recusal_id(event.item, event.person)
        return {
            **await self.of_item(event.meeting, event.item, connection),
            "recusals": {key: (await self.recusals(event.meeting, connection)).get(key)},
            "quorums": dict(await self.quorums(event.meeting, connection)),
        }

    async def strength(self, event: Event, connection: AsyncConnection) -> Changes:
        """What an event of the meetings slice that moves participants, items or the day changes here."""
        assert event.meeting is not None
        gone: tuple[str, ...] = getattr(event, "gone", ())
        people: tuple[str, ...] = getattr(event, "people", ())
        changes: Changes = {"quorums": dict(await self.quorums(event.meeting, connection))}
        if people:
            changes["reasons"] = await self._reasons_now(event.meeting, people, connection)
        if gone:
            changes["presences"] = dict.fromkeys(gone)
        if gone or isinstance(event, ItemRemoved):
            changes["recusals"] = dict.fromkeys(await self._ended(event, gone, connection))
        return changes

    async def _reasons_now(
        self, meeting: MeetingId, people: tuple[str, ...], connection: AsyncConnection
    ) -> dict[str, Entry | None]:
        reasons = await self.reasons(meeting, connection)
        return {person: reasons.get(person) for person in people}

    async def _ended(self, event: Event, gone: tuple[str, ...], connection: AsyncConnection) -> list[str]:
        """Recusals that ended with their item or with a place on the list. Saying so of what never was is harmless."""
        assert event.meeting is not None
        meeting = await self.attendance(connection).meetings.get(event.meeting)
        if isinstance(event, ItemRemoved):
            return [f"{event.item}:{each.person}" for each in meeting.participants]
        return [f"{item.id}:{person}" for item in meeting.items for person in gone]
