"""Events for the application, posted and signed as LiveKit does."""

import asyncio
import logging
import time
import uuid
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import aiohttp
from google.protobuf.json_format import MessageToJson
from livekit.protocol.models import ParticipantInfo, TrackInfo
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.webhook import WebhookEvent

from relay.tokens import sign_body

_log: Final = logging.getLogger(__name__)
_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Between attempts; the last one again and again."""
_AWAY: Final = frozenset({408, 425, 429, 502, 503, 504})
"""What is said in place of an application that is not there at present."""


@dataclass(frozen=True, slots=True)
class Patience:
    """With an application that does not take events."""

    max_waiting: int = 5_000
    """What a room of hundreds has to tell when all come or go at once."""
    deadline_s: float = 5.0
    """Of one attempt."""
    attempts: int = 5
    """At an event that the application answers with a fault of its own: the next one may fare better."""


_PATIENCE: Final = Patience()


class _Outcome(Enum):
    TAKEN = auto()
    REFUSED = auto()
    """It makes no sense to the application, now or later."""
    FAILED = auto()
    AWAY = auto()


class Webhooks:
    """Posts events one by one, so that they arrive in the order in which things happened.

    While the application is away they wait; when too many do, the oldest are dropped, and the next one to arrive says
    how many (`num_dropped`). Whether an event arrived cannot always be told: the same one may come again, under the
    same id.
    """

    def __init__(self, url: str, key: str, secret: str, patience: Patience = _PATIENCE) -> None:
        """An empty URL means that nobody wants to know."""
        self.dropped = 0
        """Ever."""
        self._url = url
        self._key = key
        self._secret = secret
        self._patience = patience
        self._waiting: deque[WebhookEvent] = deque()
        self._untold = 0
        """Dropped since an event arrived."""
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """Events that have not arrived yet."""
        return len(self._waiting)

    def tell(self, name: str, room: RoomInfo, participant: ParticipantInfo | None, track: TrackInfo | None) -> None:
        """Queue an event; see `rooms.room.Events`."""
        self.post(WebhookEvent(event=name, room=room, participant=participant, track=track))

    def post(self, event: WebhookEvent) -> None:
        """Queue any event; it gets its id and time here."""
        if not self._url:
            return
        event.id = "EV_" + uuid.uuid4().hex[:12]
        event.created_at = int(time.time())
        self._waiting.append(event)
        if len(self._waiting) > self._patience.max_waiting:
            self._drop("too many wait")
        self._idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Post for ever."""
        async with aiohttp.ClientSession() as session:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    await self._deliver(session, self._waiting[0])
                self._idle.set()

    async def settled(self) -> None:
        """Until everything has arrived, or was given up."""
        await self._idle.wait()

    async def _deliver(self, session: aiohttp.ClientSession, event: WebhookEvent) -> None:
        """The oldest event, until it is taken, given up, or dropped because too many wait."""
        failures = tries = 0
        while self._waiting and self._waiting[0] is event:
            outcome = await self._attempt(session, event)
            if not self._waiting or self._waiting[0] is not event:
                return
            failures += outcome is _Outcome.FAILED
            if outcome is _Outcome.TAKEN:
                self._arrived()
            elif outcome is _Outcome.REFUSED or failures >= self._patience.attempts:
                self._drop(f"{event.event} was not taken")
            else:
                await asyncio.sleep(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
                tries += 1

    def _arrived(self) -> None:
        self._waiting.popleft()
        if self._untold:
            _log.warning("events arrive again; %s were dropped", self._untold)
            self._untold = 0

    def _drop(self, why: str) -> None:
        """The oldest; said once until one arrives again."""
        if not self._untold:
            _log.warning("an event for %s is dropped: %s", self._url, why)
        self._waiting.popleft()
        self._untold += 1
        self.dropped += 1

    async def _attempt(self, session: aiohttp.ClientSession, event: WebhookEvent) -> _Outcome:
        event.num_dropped = self._untold
        body = MessageToJson(event, indent=None).encode()
        headers = {
            "Authorization": sign_body(body, self._key, self._secret, int(time.time())),
            "Content-Type": "application/webhook+json",
        }
        try:
            async with (
                asyncio.timeout(self._patience.deadline_s),
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                return _outcome(response.status)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return _Outcome.AWAY


def _outcome(status: int) -> _Outcome:
    if status in _AWAY:
        return _Outcome.AWAY
    if status >= 500:
        return _Outcome.FAILED
    return _Outcome.TAKEN if 200 <= status < 300 else _Outcome.REFUSED
