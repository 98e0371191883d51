"""Who looks on at which meeting, and what each of them is sent. One task a meeting reads its news once for all."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters import outbox
from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database
from ecabinet.kernel.access import Action, Standing, decide
from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.kernel.ids import MeetingId, PersonId

from .figures import MESSAGES
from .live import Live
from .routes import SignedIn
from .web import Attempt, OnRefusal, StandingOf

log = structlog.get_logger()

_AT_ONCE = 200
"""Messages read from the outbox in one go."""
_REPLAY_LIMIT = 500
"""Who has missed more than this gets a fresh view instead."""
_STANDING_S = 5.0
"""How long a person's standing is believed before it is asked again."""
_RENEWS = frozenset({"participants", "recusals", "boards"})
"""News of these may change what somebody sees: nothing is sent before everybody's standing has been asked again."""
_GRACE_S = 5.0
"""A page that is loaded again has not left the meeting."""
_AGAIN_S = 1.0
"""How soon news that could not be sent is tried again."""

Send = Callable[["Viewer", str, Any], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Viewer:
    """One connection of one person."""

    sid: str
    secret: str
    """The cookie's value, so that the session can be asked about again. It stays in this process's memory."""
    signed_in: SignedIn
    allowance: float
    """Messages this connection may send right now."""
    said_at: float
    strikes: int = 0
    meetings: set[MeetingId] = field(default_factory=set)
    has_gone: bool = False
    """The connection has ended; whatever it still asked for leads nowhere."""


@dataclass(slots=True, eq=False)
class _Seat:
    """A viewer in one meeting."""

    viewer: Viewer
    send: Send
    seq: int
    """The last message this viewer has."""
    standing: Standing
    asked_at: float


@dataclass(slots=True, eq=False)
class _Room:
    seats: list[_Seat] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Presence(Protocol):
    """Who hears that somebody is there: the attendance slice."""

    async def connected(self, meeting: MeetingId, person: PersonId) -> None:
        """The person's first connection to the meeting."""
        ...

    async def disconnected(self, meeting: MeetingId, person: PersonId) -> None:
        """The person's last connection has ended, and the grace period with it."""
        ...


MeOf = Callable[[MeetingId, Standing, AsyncConnection], Awaitable[dict[str, Any]]]


@dataclass(slots=True)
class Rooms:
    """The live meetings of this process."""

    database: Database
    bus: Bus
    live: Live
    standing_of: StandingOf
    me_of: MeOf
    presence: Presence
    on_refusal: OnRefusal
    tasks: asyncio.TaskGroup
    grace_s: float = _GRACE_S
    again_s: float = _AGAIN_S
    _rooms: dict[MeetingId, _Room] = field(default_factory=dict)
    _there: Counter[tuple[MeetingId, PersonId]] = field(default_factory=Counter)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def enter(self, viewer: Viewer, standing: Standing, since: int | None, send: Send) -> dict[str, Any]:
        """Take a seat in the meeting of the standing, which lets in. Answers with what was missed after ``since``,
        or with everything."""
        meeting = standing.meeting
        assert meeting is not None, "the door asks for the standing in a meeting"
        answer = await self.entry(meeting, standing, since)
        await self.leave(viewer, meeting)
        if viewer.has_gone:
            # A seat taken now would never be given back, and its person would count as present for ever.
            return answer
        self._sit(_Seat(viewer, send, answer["seq"], standing, _now()), meeting)
        key = (meeting, viewer.signed_in.person)
        self._there[key] += 1
        viewer.meetings.add(meeting)
        if self._there[key] == 1:
            await self.presence.connected(*key)
        return answer

    async def entry(self, meeting: MeetingId, standing: Standing, since: int | None) -> dict[str, Any]:
        """What ``enter`` answers, also for those who only read once over HTTP."""
        async with self.database.reading() as connection:
            seq = await outbox.last_seq(connection, meeting)
            answer: dict[str, Any] = {"meeting": meeting, "seq": seq}
            if since is not None and 0 <= seq - since <= _REPLAY_LIMIT:
                missed = await outbox.since(connection, meeting, since, _REPLAY_LIMIT)
                answer["events"] = [self.live.event(message, standing) for message in missed]
            else:
                answer["view"] = await self.live.view(meeting, connection, standing)
            answer["me"] = await self.me_of(meeting, standing, connection)
        return answer

    async def leave(self, viewer: Viewer, meeting: MeetingId) -> None:
        """Give the seat back. Harmless for who has none."""
        room = self._rooms.get(meeting)
        if room is None or meeting not in viewer.meetings:
            return
        viewer.meetings.discard(meeting)
        room.seats = [seat for seat in room.seats if seat.viewer is not viewer]
        key = (meeting, viewer.signed_in.person)
        self._there[key] -= 1
        if self._there[key] <= 0:
            del self._there[key]
            self.tasks.create_task(self._gone(*key))
        if not room.seats and room.task is not None:
            room.task.cancel()
            del self._rooms[meeting]

    async def end(self, viewer: Viewer) -> None:
        """The connection has ended, and its seats with it."""
        viewer.has_gone = True
        for meeting in list(viewer.meetings):
            await self.leave(viewer, meeting)

    def stop(self) -> None:
        """End every meeting's task; the program is ending."""
        self._stopping.set()
        for room in self._rooms.values():
            if room.task is not None:
                room.task.cancel()
        self._rooms.clear()

    def is_there(self, meeting: MeetingId, person: PersonId) -> bool:
        """Whether the person has a live connection to the meeting in this process."""
        return (meeting, person) in self._there

    async def refused(self, signed_in: SignedIn, message: Any, refusal: Refusal) -> None:
        """Keep what somebody tried."""
        name = message[0] if isinstance(message, list) and message and isinstance(message[0], str) else "?"
        path, needs = f"socket:{name[:40]}", Action.ENTER_MEETING.value
        await self.on_refusal(Attempt(signed_in, needs, path, _meeting_of(message), refusal))

    async def _gone(self, meeting: MeetingId, person: PersonId) -> None:
        while not await self._stops_within(self.grace_s):
            if self.is_there(meeting, person) or await self._is_kept(meeting, person):
                return

    async def _stops_within(self, wait_s: float) -> bool:
        # When the program ends nobody has left: whoever does not come back is found at the next start.
        try:
            async with asyncio.timeout(wait_s):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    async def _is_kept(self, meeting: MeetingId, person: PersonId) -> bool:
        """Whether the person's leaving is in the record, or has no place there."""
        try:
            await self.presence.disconnected(meeting, person)
        except NotFound:
            return True
        except Exception:
            # Tried again, for whoever left must not count as present; and a database that is away ends no meeting.
            log.exception("presence not kept", meeting=meeting)
            return False
        return True

    def _sit(self, seat: _Seat, meeting: MeetingId) -> None:
        room = self._rooms.setdefault(meeting, _Room())
        room.seats.append(seat)
        if room.task is None:
            room.task = self.tasks.create_task(self._pump(meeting, room))
        # Something may have been said between the reading of the view and this line.
        self.bus.wake(meeting)

    async def _pump(self, meeting: MeetingId, room: _Room) -> None:
        with self.bus.listening(meeting) as bell:
            bell.ring(meeting, "")
            while True:
                await bell.heard()
                try:
                    await self._push(meeting, room)
                except Exception:
                    # The loop must live on: the news is still in the outbox.
                    log.exception("push failed", meeting=meeting)
                    await asyncio.sleep(self.again_s)
                    bell.ring(meeting, "")

    async def _push(self, meeting: MeetingId, room: _Room) -> None:
        while room.seats:
            seq = min(seat.seq for seat in room.seats)
            async with self.database.reading() as connection:
                news = await outbox.since(connection, meeting, seq, _AT_ONCE)
            if not news:
                return
            for seat in list(room.seats):
                await self._send(meeting, seat, news)
            MESSAGES.observe(max(0.0, (datetime.now(UTC) - news[-1].at).total_seconds()))

    async def _send(self, meeting: MeetingId, seat: _Seat, news: list[outbox.Message]) -> None:
        try:
            await self._ask_again(meeting, seat, news)
        except Refusal as refusal:
            # Said before the seat is given back: with the last seat ends the very task that runs here.
            await seat.send(seat.viewer, "left", {"meeting": meeting, "code": refusal.code})
            await self.leave(seat.viewer, meeting)
            return
        for message in news:
            if message.seq > seat.seq:
                seat.seq = message.seq
                await seat.send(seat.viewer, "event", self.live.event(message, seat.standing))

    async def _ask_again(self, meeting: MeetingId, seat: _Seat, news: list[outbox.Message]) -> None:
        is_stale = _now() - seat.asked_at > _STANDING_S
        if is_stale or any(_RENEWS & message.body.keys() for message in news):
            seat.standing = await self.standing_of(seat.viewer.signed_in, meeting, None)
            seat.asked_at = _now()
            decide(seat.standing, Action.ENTER_MEETING)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _meeting_of(message: Any) -> str | None:
    match message:
        case [_, {"meeting": str(meeting)}]:
            return meeting
    return None
