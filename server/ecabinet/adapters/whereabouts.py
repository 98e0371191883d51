"""Keeps each room on one media server: remembers where it is, finds what was forgotten, moves it when its server dies.

A server is *given up* when nobody listens at its address, or after it did not answer several times in a row. Its
rooms are chosen anew when somebody asks for a ticket. Should it come back with people in them, they are sent away, and
come again with a new ticket.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol
from weakref import WeakValueDictionary

import structlog

from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId

from .placement import Sight, choose, settled, strays

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
_FRESH_S = 2.0
"""What was seen so long ago is good enough to choose by."""
_MISSED = 3
"""After so many looks in a row without an answer a server is given up."""
_KEPT_S = 120.0
"""For so long a room nobody is in keeps its server: longer than a ticket to it is good."""
_COMING_S = 15.0
"""For so long a room that nobody is in yet counts as a burden of the server it was given."""
_MOST_ROOMS = 10_000
"""Remembered; the one that was open longest ago is forgotten first."""


class Gone(Unavailable):
    """Nobody listens at the server's address: it is certainly not there."""


class Servers(Protocol):
    """The media servers, numbered from 0. Calls end in a few seconds and raise Gone or Unavailable."""

    @property
    def count(self) -> int:
        """How many there are, running or not."""
        ...

    async def ping(self, server: int) -> None:
        """Returns when it is there and knows our key."""
        ...

    async def look(self, server: int) -> Sight:
        """What is on it, within a second."""
        ...

    async def end(self, server: int, room: MeetingId) -> None:
        """Cut everybody's connection to this room there. No room, no harm."""
        ...


@dataclass(slots=True)
class _Choice:
    server: int
    open_at_s: float
    """When it was chosen, or last seen there."""


@dataclass(slots=True)
class Whereabouts:
    """`keep_together` is called every second, by one worker; the rest by whoever asks."""

    servers: Servers
    now_s: Callable[[], float] = monotonic
    _choices: dict[MeetingId, _Choice] = field(default_factory=dict, init=False)
    """The one that was open longest ago first."""
    _living: dict[int, Sight] = field(default_factory=dict, init=False)
    """Those that have answered and are not given up."""
    _missed: dict[int, int] = field(default_factory=dict, init=False)
    _looked_at_s: float | None = field(default=None, init=False)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _turns: WeakValueDictionary[MeetingId, asyncio.Lock] = field(default_factory=WeakValueDictionary, init=False)

    async def place(self, room: MeetingId) -> int:
        """The server this room is on, or from now on will be; it has answered. Raises Unavailable when there is none,
        and while it is not known whether the room's own will answer again."""
        if self.servers.count == 1:
            await self.servers.ping(0)
            return 0
        server = self._chosen().get(room)
        if server is not None and self._is_trusted(server):
            if await self._answers(server):
                self._remember(room, server)
                return server
            if self._is_trusted(server):
                # Too slow this once: its people may be there still.
                raise Unavailable()
        return await self._place_anew(room)

    async def of(self, room: MeetingId) -> int:
        """The server to ask about a room. Raises NotFound when it is on none, Unavailable while that is not known."""
        if self.servers.count == 1:
            return 0
        if room not in self._choices:
            await self._look(fresh_s=_FRESH_S)
        choice = self._choices.get(room)
        if choice is None:
            raise Unavailable() if self._is_unsure() else NotFound()
        if not self._is_trusted(choice.server):
            raise Unavailable()
        return choice.server

    async def keep_together(self) -> None:
        """See what is where, and send those away who are in a room on another server than the rest."""
        if self.servers.count == 1:
            return
        await self._look(fresh_s=0)
        for server, room in strays(self._chosen(), self._living):
            if self._chosen().get(room, server) == server:
                continue
            log.warning("a room is on two media servers, and ended on one", meeting=room, server=server)
            try:
                await self.servers.end(server, room)
            except Unavailable:
                log.warning("that media server did not answer", server=server)

    async def _place_anew(self, room: MeetingId) -> int:
        """One at a time for each room, so that all who ask together are sent to the same server."""
        turn = self._turns.setdefault(room, asyncio.Lock())
        async with turn:
            await self._look(fresh_s=_FRESH_S)
            while (server := self._choice(room)) is not None:
                if await self._answers(server):
                    self._remember(room, server)
                    return server
                self._living.pop(server, None)
        raise Unavailable()

    def _choice(self, room: MeetingId) -> int | None:
        chosen = self._chosen()
        is_seen = any(room in sight.rooms for sight in self._living.values())
        if room not in chosen and not is_seen and self._is_unsure():
            return None
        own = {room: chosen[room]} if room in chosen else {}
        server = choose(room, self._chosen(_COMING_S) | own, self._living)
        if server is not None and chosen.get(room, server) != server:
            log.warning("a room moves to another media server", meeting=room, was=chosen[room], server=server)
        return server

    async def _answers(self, server: int) -> bool:
        try:
            await self.servers.ping(server)
        except Unavailable as error:
            self._note(server, error)
            return False
        return True

    async def _look(self, fresh_s: float) -> None:
        """Ask all of them, unless that was done less than ``fresh_s`` ago; those who wait for it share its result."""
        async with self._looking:
            if self._looked_at_s is not None and self.now_s() - self._looked_at_s < fresh_s:
                return
            async with asyncio.TaskGroup() as tasks:
                for server in range(self.servers.count):
                    tasks.create_task(self._look_at(server))
            self._looked_at_s = self.now_s()
            now_chosen = settled(self._chosen(), self._living)
            for server, sight in self._living.items():
                for room in sight.rooms:
                    if now_chosen[room] == server:
                        self._remember(room, server)

    async def _look_at(self, server: int) -> None:
        try:
            self._living[server] = await self.servers.look(server)
            self._missed[server] = 0
        except Unavailable as error:
            if not isinstance(error, Gone):
                self._missed[server] = self._missed.get(server, 0) + 1
            self._note(server, error)

    def _note(self, server: int, error: Unavailable) -> None:
        if isinstance(error, Gone):
            self._missed[server] = _MISSED
        if not self._is_trusted(server) and self._living.pop(server, None) is not None:
            log.warning("a media server is given up", server=server)

    def _is_trusted(self, server: int) -> bool:
        return self._missed.get(server, 0) < _MISSED

    def _is_unsure(self) -> bool:
        """Whether some server may have rooms that we have not seen yet."""
        return any(each not in self._living and self._is_trusted(each) for each in range(self.servers.count))

    def _chosen(self, within_s: float = _KEPT_S) -> dict[MeetingId, int]:
        """Choices that bind. A room that has been closed for a while is chosen for anew, by load."""
        since_s = self.now_s() - within_s
        return {room: choice.server for room, choice in self._choices.items() if choice.open_at_s >= since_s}

    def _remember(self, room: MeetingId, server: int) -> None:
        self._choices.pop(room, None)
        self._choices[room] = _Choice(server, self.now_s())
        if len(self._choices) > _MOST_ROOMS:
            del self._choices[next(iter(self._choices))]
