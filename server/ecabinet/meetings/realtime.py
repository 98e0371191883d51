"""Meetings as their participants see them live."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_agenda, by_own_id
from ecabinet.kernel.access import Action, Standing
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId

from . import events, views
from .model import Meeting
from .service import Meetings

Load = Callable[[MeetingId, AsyncConnection], Awaitable[dict[str, Entry]]]

_AGENDA = frozenset({"meetings", "items", "notes"})
_PEOPLE = frozenset({"participants"})

CHANGES: Mapping[type[Event], frozenset[str]] = {
    events.MeetingCreated: _AGENDA | _PEOPLE,
    events.MeetingChanged: frozenset({"meetings"}),
    events.MeetingConvened: frozenset({"meetings"}),
    events.MeetingOpened: frozenset({"meetings"}),
    events.MeetingPaused: frozenset({"meetings"}),
    events.MeetingResumed: frozenset({"meetings"}),
    events.MeetingClosed: frozenset({"meetings", "items"}),
    events.MeetingCancelled: frozenset({"meetings"}),
    events.ItemAdded: frozenset({"items"}),
    events.ItemChanged: frozenset({"items"}),
    # A removed item is one less for every guest who was asked for it.
    events.ItemRemoved: _AGENDA | _PEOPLE,
    events.AgendaOrdered: frozenset({"items"}),
    events.ItemStarted: frozenset({"meetings", "items"}),
    events.ItemFinished: frozenset({"meetings", "items"}),
    events.ItemsAdopted: frozenset({"meetings", "items"}),
    events.ItemNoted: frozenset({"notes"}),
    events.ItemConcluded: frozenset({"items"}),
    events.ParticipantSet: _PEOPLE,
    events.ParticipantRemoved: _PEOPLE,
    events.InvitationAnswered: _PEOPLE,
}
"""Which collections an event touches. The agenda is told whole: its positions move together, and there are few. Of
the participants only those whom it concerns: a page whose own person is among them enters again."""


def notes_of_item(entry_id: str, entry: Entry, standing: Standing) -> bool:
    """Whoever keeps notes, of the items he may know of."""
    return standing.may(Action.NOTE_ITEM) and by_own_id(entry_id, entry, standing)


def without_conclusion(entry: Entry, standing: Standing) -> Entry:
    """Who has withdrawn from an item knows its title, and not what came of it."""
    return entry if standing.sees(ItemId(entry["id"])) else {**entry, "conclusion": ""}


@dataclass(frozen=True, slots=True)
class MeetingsRealtime:
    """The slice's part of the view."""

    meetings: Callable[[AsyncConnection], Meetings]
    """For reading."""
    strength: Projector
    """Attendance: what else one of our events that change who takes part, in what, or when, changes."""

    def collections(self) -> list[Collection]:
        """What a meeting's view has of this slice."""
        return [
            Collection("meetings", self._load("meetings")),
            Collection("items", self._load("items"), by_agenda, without_conclusion),
            Collection("notes", self._load("notes"), notes_of_item),
            Collection("participants", self._load("participants")),
        ]

    def projectors(self) -> dict[type[Event], Projector]:
        """What each event of this slice changes in it."""
        return dict.fromkeys(CHANGES, self.project)

    async def project(self, event: Event, connection: AsyncConnection) -> Changes:
        """The collections that the event touches, as they now stand; what is gone is None."""
        assert event.meeting is not None
        meetings = self.meetings(connection)
        meeting = await meetings.get(event.meeting)
        changes: Changes = {}
        for name in sorted(CHANGES[type(event)]):
            changes[name] = dict(await self._entries(name, meeting, meetings))
        _take_out(changes, event)
        if not isinstance(event, events.MeetingCreated):
            _keep_those(changes, getattr(event, "people", ()))
        if isinstance(event, _MOVING):
            changes.update(await self.strength(event, connection))
        return changes

    def _load(self, name: str) -> Load:
        async def load(meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
            meetings = self.meetings(connection)
            return await self._entries(name, await meetings.get(meeting), meetings)

        return load

    async def _entries(self, name: str, meeting: Meeting, meetings: Meetings) -> dict[str, Entry]:
        if name == "meetings":
            return {meeting.id: views.meeting_entry(meeting, await meetings.setting(meeting))}
        return _OF[name](meeting)


_OF: Mapping[str, Callable[[Meeting], dict[str, Entry]]] = {
    "items": views.items_of,
    "notes": views.notes_of,
    "participants": views.participants_of,
}
_MOVING = (
    events.MeetingChanged,
    events.MeetingClosed,
    events.ItemRemoved,
    events.ItemStarted,
    events.ItemFinished,
    events.ItemsAdopted,
    events.ParticipantSet,
    events.ParticipantRemoved,
    events.InvitationAnswered,
)


def _take_out(changes: Changes, event: Event) -> None:
    """Entries that the event may have ended. Saying so of one that was never there is harmless."""
    if isinstance(event, events.ItemRemoved):
        changes["items"][event.item] = changes["notes"][event.item] = None
    if isinstance(event, events.ItemNoted):
        changes["notes"].setdefault(event.item, None)


def _keep_those(changes: Changes, people: tuple[str, ...]) -> None:
    """Only these of the participants; who is not there any more is None."""
    for name in _PEOPLE & changes.keys():
        changes[name] = {person: changes[name].get(person) for person in people}
