"""A media server in memory. It passes the contract suite of the real one."""

from dataclasses import dataclass, field

from ecabinet.kernel.errors import NotAllowed, NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId, PersonId


@dataclass
class MemoryRooms:
    """See the MediaRooms port. A token is its own text, and `join` uses it."""

    rooms: dict[MeetingId, dict[PersonId, frozenset[str]]] = field(default_factory=dict)
    muted: list[PersonId] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """What was asked of the server, by name."""
    is_down: bool = False
    address: str = "ws://relay"
    """Where browsers find it."""
    _tokens: dict[str, tuple[MeetingId, PersonId, frozenset[str]]] = field(default_factory=dict)

    def token(self, room: MeetingId, person: PersonId, name: str, sources: frozenset[str]) -> str:
        token = f"{room}/{person}/{name}/{','.join(sorted(sources))}"
        self._tokens[token] = (room, person, sources)
        return token

    def join(self, token: str) -> None:
        """What a browser does with a ticket."""
        room, person, sources = self._tokens[token]
        self.rooms.setdefault(room, {})[person] = sources

    async def place(self, room: MeetingId) -> str:
        self._ask("place")
        return self.address

    async def participants(self, room: MeetingId) -> dict[PersonId, frozenset[str]]:
        self._ask("participants")
        return dict(self.rooms.get(room, {}))

    async def permit(self, room: MeetingId, person: PersonId, sources: frozenset[str]) -> None:
        self._ask("permit")
        self._in(room, person)[person] = sources

    async def mute(self, room: MeetingId, person: PersonId) -> None:
        self._ask("mute")
        self._in(room, person)
        self.muted.append(person)

    async def remove(self, room: MeetingId, person: PersonId) -> None:
        self._ask("remove")
        del self._in(room, person)[person]

    async def delete_room(self, room: MeetingId) -> None:
        self._ask("delete_room")
        self.rooms.pop(room, None)

    def heard(self, body: bytes, authorization: str) -> MeetingId | None:
        if authorization != "signed":
            raise NotAllowed()
        return MeetingId(body.decode()) or None

    def _ask(self, what: str) -> None:
        self.calls.append(what)
        if self.is_down:
            raise Unavailable()

    def _in(self, room: MeetingId, person: PersonId) -> dict[PersonId, frozenset[str]]:
        if person not in self.rooms.get(room, {}):
            raise NotFound()
        return self.rooms[room]
