"""Makes the media server agree with the meeting."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import structlog

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId, PersonId

from .model import Place
from .ports import MediaRooms
from .service import Media

log = structlog.get_logger()
_LIMIT_S = 15
"""Longest time for one meeting: every call has a limit of its own, this is for all of them together."""


@dataclass(slots=True)
class MediaJobs:
    """Lives as long as the application."""

    uow: UnitOfWork
    media: Callable[[Act], Media]
    rooms: MediaRooms
    _turns: WeakValueDictionary[MeetingId, asyncio.Lock] = field(default_factory=WeakValueDictionary, init=False)
    _behind: set[MeetingId] = field(default_factory=set, init=False)
    """Meetings with which the media server may not agree."""

    async def reconcile(self, meeting: MeetingId, *, anew: bool = False) -> bool:
        """Bring the room in line with the meeting as it stands: permissions, people who may not be there any more,
        the room itself. State decides, not what happened, so a run too many or one that failed does no harm.

        anew  tell the media server everybody's permissions, also those it has: in a recorded room it goes by what it
              was told of who is there, and by nobody's ticket

        Returns whether the media server now agrees; False (logged) when it did not answer. Never raises for its sake.
        """
        turn = self._turns.setdefault(meeting, asyncio.Lock())
        # One at a time, and each reads the meeting after it got its turn: an older reading never overwrites a newer.
        async with turn:
            self._behind.add(meeting)
            try:
                async with asyncio.timeout(_LIMIT_S):
                    await self._agree(meeting, anew=anew)
            except (Unavailable, TimeoutError):
                log.warning("the media server did not answer", meeting=meeting)
                return False
            self._behind.discard(meeting)
        return True

    async def catch_up(self) -> None:
        """Try those again with whom it did not work: whoever was to leave the call must not stay in it until the
        meeting has other news. One that is on a server which does not answer does not keep the others waiting."""
        for meeting in sorted(self._behind):
            await self.reconcile(meeting)

    async def _agree(self, meeting: MeetingId, *, anew: bool) -> None:
        try:
            async with self.uow.reading() as act:
                places = await self.media(act).places(meeting)
        except NotFound:
            return
        there = await self.rooms.participants(meeting)
        if places is None:
            if there:
                await self.rooms.delete_room(meeting)
            return
        for person, sources in there.items():
            # Whoever has left in the meantime needs nothing.
            with suppress(NotFound):
                await self._place(meeting, person, None if anew else sources, places.get(person))

    async def _place(
        self, meeting: MeetingId, person: PersonId, sources: frozenset[str] | None, place: Place | None
    ) -> None:
        if place is None:
            await self.rooms.remove(meeting, person)
        elif sources != place.sources:
            await self.rooms.permit(meeting, person, frozenset(place.sources))
