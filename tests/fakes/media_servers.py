"""Media servers in memory: some answer, some are stuck, some are not there."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum

from ecabinet.adapters.placement import Sight
from ecabinet.adapters.whereabouts import Gone
from ecabinet.kernel.errors import Unavailable
from ecabinet.kernel.ids import MeetingId


class State(Enum):
    UP = "answers"
    STUCK = "takes calls and answers none; whoever is on it stays"
    GONE = "nobody listens, nobody is on it"


@dataclass
class MemoryServer:
    """One of them. Who is on it is a number for each room."""

    rooms: dict[MeetingId, int] = field(default_factory=dict)
    cpu: float = 0.0
    is_full: bool = False
    state: State = State.UP

    def join(self, room: MeetingId) -> None:
        """One more in the room, as a browser with a ticket."""
        if self.state is State.UP:
            self.rooms[room] = self.rooms.get(room, 0) + 1

    def becomes(self, state: State) -> None:
        """Who ends, ends its calls."""
        self.state = state
        if state is State.GONE:
            self.rooms.clear()


@dataclass
class MemoryServers:
    """See whereabouts.Servers."""

    servers: list[MemoryServer]
    calls: list[str] = field(default_factory=list)
    unanswered: str = ""
    """A call that none of them answers, by name."""
    pings_pass: asyncio.Event = field(default_factory=asyncio.Event)
    """While it is not set, pings are under way."""

    def __post_init__(self) -> None:
        self.pings_pass.set()

    @property
    def count(self) -> int:
        return len(self.servers)

    def __getitem__(self, number: int) -> MemoryServer:
        return self.servers[number]

    def holders(self, room: MeetingId) -> list[int]:
        """On which of them somebody is in the room."""
        return [number for number, each in enumerate(self.servers) if room in each.rooms]

    async def ping(self, server: int) -> None:
        await self.pings_pass.wait()
        self._ask("ping", server)

    async def look(self, server: int) -> Sight:
        there = self._ask("look", server)
        return Sight(dict(there.rooms), there.cpu, there.is_full)

    async def end(self, server: int, room: MeetingId) -> None:
        self._ask("end", server).rooms.pop(room, None)

    def _ask(self, what: str, server: int) -> MemoryServer:
        self.calls.append(f"{what} {server}")
        there = self.servers[server]
        if there.state is State.GONE:
            raise Gone()
        if there.state is State.STUCK or what == self.unanswered:
            raise Unavailable()
        return there
