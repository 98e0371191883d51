"""Events for the application, posted and signed as LiveKit does."""

import asyncio
import logging
import time
import uuid
from collections import deque
from typing import Final

import aiohttp
from google.protobuf.json_format import MessageToJson
from livekit.protocol.models import ParticipantInfo, TrackInfo
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.webhook import WebhookEvent

from relay.tokens import sign_body

_log: Final = logging.getLogger(__name__)
_MAX_WAITING: Final = 1_000
_POST_S: Final = 5.0
_PAUSES_S: Final = (0.2, 1.0, 5.0)
"""Between attempts; after the last one the event is given up."""


class Webhooks:
    """Posts events one by one, in order; when too many wait, the oldest is dropped and the next one says so."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        """An empty URL means that nobody wants to know."""
        self._url = url
        self._key = key
        self._secret = secret
        self._waiting: deque[WebhookEvent] = deque()
        self._dropped = 0
        self._wake = asyncio.Event()

    def tell(self, name: str, room: RoomInfo, participant: ParticipantInfo | None, track: TrackInfo | None) -> None:
        """Queue an event; see `rooms.room.Events`."""
        self.post(WebhookEvent(event=name, room=room, participant=participant, track=track))

    def post(self, event: WebhookEvent) -> None:
        """Queue any event; it gets its id and time here."""
        if not self._url:
            return
        if len(self._waiting) >= _MAX_WAITING:
            self._waiting.popleft()
            self._dropped += 1
        event.id = "EV_" + uuid.uuid4().hex[:12]
        event.created_at = int(time.time())
        self._waiting.append(event)
        self._wake.set()

    async def run(self) -> None:
        """Post for ever; cancelled at shutdown, after `flush`."""
        async with aiohttp.ClientSession() as session:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    await self._post(session, self._waiting.popleft())

    async def _post(self, session: aiohttp.ClientSession, event: WebhookEvent) -> None:
        event.num_dropped = self._dropped
        body = MessageToJson(event, indent=None).encode()
        for pause_s in (*_PAUSES_S, None):
            if await self._attempt(session, body):
                self._dropped = 0
                return
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        self._dropped += 1
        _log.warning("event %s was not taken by %s", event.event, self._url)

    async def _attempt(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        headers = {
            "Authorization": sign_body(body, self._key, self._secret, int(time.time())),
            "Content-Type": "application/webhook+json",
        }
        try:
            async with asyncio.timeout(_POST_S), session.post(self._url, data=body, headers=headers) as response:
                return response.status < 500
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
