"""Plans and proxies as a meeting's participants see them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_item
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.meetings.events import InvitationAnswered, ParticipantRemoved

from .events import PlanChanged, ProxyGiven, ProxyWithdrawn
from .ports import Stores
from .views import plan_entry, proxy_entry

_PLANNING = frozenset({Role.CHAIR, Role.SECRETARY, Role.MEMBER})


def planned_for(entry_id: str, entry: Entry, standing: Standing) -> bool:
    """Whoever decides and whoever prepares it, of the items they may see."""
    return not _PLANNING.isdisjoint(standing.roles) and by_item(entry_id, entry, standing)


@dataclass(frozen=True, slots=True)
class PlansRealtime:
    """Their collections and projectors."""

    stores: Callable[[AsyncConnection], Stores]
    people: Callable[[MeetingId, AsyncConnection], Awaitable[frozenset[PersonId]]]
    """Who takes part in a meeting."""

    def collections(self) -> list[Collection]:
        """Plans by item; proxies, which everybody in the meeting may know of."""
        return [Collection("plans", self.plans, planned_for), Collection("proxies", self.proxies)]

    def projectors(self) -> dict[type[Event], Projector]:
        """A plan is told whole; a proxy alone."""
        return {
            PlanChanged: self.planned,
            ProxyGiven: self.given,
            ProxyWithdrawn: self.withdrawn,
            ParticipantRemoved: self.left,
            InvitationAnswered: self.left,
        }

    async def plans(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All of the meeting."""
        return {each.id: {**plan_entry(each)} for each in await self.stores(connection).plans.of(meeting)}

    async def proxies(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All of the meeting."""
        held = await self.stores(connection).proxies.of(meeting)
        return {giver: {**proxy_entry(giver, holder)} for giver, holder in held.items()}

    async def planned(self, event: Event, _connection: AsyncConnection) -> Changes:
        """The item's lines as they now stand, and what is no longer among them."""
        assert isinstance(event, PlanChanged)
        gone: dict[str, Entry | None] = dict.fromkeys(event.dropped)
        return {"plans": gone | {each.id: {**plan_entry(each)} for each in event.plans}}

    async def given(self, event: Event, _connection: AsyncConnection) -> Changes:
        """Who votes for whom."""
        assert isinstance(event, ProxyGiven)
        return {"proxies": {event.giver: {**proxy_entry(event.giver, event.holder)}}}

    async def withdrawn(self, event: Event, _connection: AsyncConnection) -> Changes:
        """Nobody votes for this member any more."""
        assert isinstance(event, ProxyWithdrawn)
        return {"proxies": {event.giver: None}}

    async def left(self, event: Event, connection: AsyncConnection) -> Changes:
        """Who leaves the list gives and holds no proxy any more. Saying so of what never was is harmless."""
        assert isinstance(event, ParticipantRemoved | InvitationAnswered)
        assert event.meeting is not None, "participants belong to meetings"
        if not event.gone:
            return {}
        held = await self.proxies(event.meeting, connection)
        everybody = {*event.gone, *await self.people(event.meeting, connection)}
        return {"proxies": {person: held.get(person) for person in sorted(everybody)}}
