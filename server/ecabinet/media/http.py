"""The call on the wire."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action
from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId, PersonId

from .model import MediaUnavailable, NotInCall
from .ports import MediaRooms
from .service import Media
from .views import Ticket, ticket


class Whom(Shape):
    """Someone in the call."""

    person: Annotated[str, Field(min_length=1, max_length=26)]


@dataclass(frozen=True, slots=True)
class MediaHttp:
    """The slice's routes."""

    uow: UnitOfWork
    media: Callable[[Act], Media]
    rooms: MediaRooms
    news: Callable[[MeetingId], Awaitable[object]]
    """Called when the media server says that something happened in a room."""

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        call, moderate = "/api/meetings/{m}/media", Action.MODERATE_MEDIA
        return [
            Route("POST", f"{call}/ticket", Action.JOIN_MEDIA, self.ticket, "A ticket for the call", gives=Ticket),
            Route("POST", f"{call}/mute", moderate, self.mute, "Close someone's microphone", takes=Whom),
            Route("POST", f"{call}/remove", moderate, self.remove, "Put someone out of the call", takes=Whom),
            Route("POST", "/api/media/events", Action.PUBLIC, self.heard, "The media server's webhooks", raw=True),
        ]

    async def ticket(self, call: Call) -> Reply:
        """A ticket that is good for a minute, for what the person may publish at this moment."""
        async with self.uow.reading() as act:
            place = await self.media(act).admit(call.meeting, call.person)
        try:
            url = await self.rooms.place(place.room)
        except Unavailable as error:
            raise MediaUnavailable() from error
        token = self.rooms.token(place.room, place.person, place.name, frozenset(place.sources))
        return Reply(ticket(place, url, token))

    async def mute(self, call: Call) -> Reply:
        """First the deed, then the record of it: a record of what failed would be a lie."""
        person = await self._whom(call)
        await self._moderate(self.rooms.mute(call.meeting, person))
        await self.uow.run(lambda act: self.media(act).muted(call.meeting, person, call.person))
        return DONE

    async def remove(self, call: Call) -> Reply:
        """Out of the call now; a new ticket lets the person in again, which is for the chair to talk about."""
        person = await self._whom(call)
        await self._moderate(self.rooms.remove(call.meeting, person))
        await self.uow.run(lambda act: self.media(act).removed(call.meeting, person, call.person))
        return DONE

    async def heard(self, call: Call) -> Reply:
        """A webhook. What it says is not believed beyond the room's name: the room is looked at afresh."""
        body = await call.request.read()
        meeting = self.rooms.heard(body, call.request.headers.get("Authorization", ""))
        if meeting is not None:
            await self.news(meeting)
        return DONE

    async def _whom(self, call: Call) -> PersonId:
        body: Whom = call.body
        person = PersonId(body.person)
        async with self.uow.reading() as act:
            await self.media(act).require_moderable(call.meeting, person)
        return person

    async def _moderate(self, deed: Awaitable[None]) -> None:
        """Raises NotInCall, MediaUnavailable."""
        try:
            await deed
        except NotFound as error:
            raise NotInCall() from error
        except Unavailable as error:
            raise MediaUnavailable() from error
