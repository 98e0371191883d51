"""The media servers, spoken to in LiveKit's protocol: our own relays, or a LiveKit cluster somewhere else.

A room is on one server, and a call about it goes there. Rooms are named after meetings and identities after persons.
What may be published is said with LiveKit's own words for sources: ``microphone``, ``camera``, ``screen_share``,
``screen_share_audio``.
"""

import asyncio
import hashlib
import re
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from types import TracebackType
from typing import Any, Self

import aiohttp
import jwt
from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import DecodeError
from livekit import api
from livekit.protocol.models import ParticipantInfo, ParticipantPermission, TrackSource
from livekit.protocol.room import (
    DeleteRoomRequest,
    ListParticipantsRequest,
    ListRoomsRequest,
    ListRoomsResponse,
    MuteRoomTrackRequest,
    RoomParticipantIdentity,
    UpdateParticipantRequest,
)
from livekit.protocol.webhook import WebhookEvent

from ecabinet.kernel.errors import NotAllowed, NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId, PersonId

from .placement import Sight
from .whereabouts import Gone, Whereabouts

_LIMIT_S = 3
"""Longest wait for one answer of a media server."""
_LOOK_LIMIT_S = 1
"""The same, for a look at what is on it: one that cannot tell in a second forwards nothing in time either."""
_TOKEN_AGE = timedelta(seconds=60)
"""A ticket is for joining now; whoever is in stays in."""
_SOURCES = {
    "camera": TrackSource.CAMERA,
    "microphone": TrackSource.MICROPHONE,
    "screen_share": TrackSource.SCREEN_SHARE,
    "screen_share_audio": TrackSource.SCREEN_SHARE_AUDIO,
}
_NAMES = {number: name for name, number in _SOURCES.items()}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What the media server knows us by."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class MediaServer:
    """Where one media server is."""

    url: str
    """HTTP address as the application reaches it, e.g. http://127.0.0.1:7880"""
    page_url: str
    """WebSocket address as browsers see it, e.g. wss://hop.example.gov.vn/relay"""


class LiveKitServers:
    """Calls to each of the media servers. An async context, entered inside the running loop."""

    def __init__(self, servers: Sequence[MediaServer], key: ApiKey) -> None:
        self.servers = tuple(servers)
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_LIMIT_S))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def count(self) -> int:
        """See whereabouts.Servers."""
        return len(self.servers)

    @asynccontextmanager
    async def asking(self, server: int, limit_s: float = _LIMIT_S) -> AsyncIterator[api.LiveKitAPI]:
        """One server's services, under a deadline, with its errors said in our words: NotFound, Unavailable, Gone."""
        session, url = self._open(), self.servers[server].url
        try:
            async with asyncio.timeout(limit_s):
                yield api.LiveKitAPI(url, self._key.id, self._key.secret, session=session, failover=False)
        except api.ServerError as error:
            if error.code == api.ServerErrorCode.NOT_FOUND:
                raise NotFound() from error
            raise Unavailable() from error
        except aiohttp.ClientConnectorError as error:
            raise Gone() from error
        except (aiohttp.ClientError, DecodeError, TimeoutError, OSError) as error:
            raise Unavailable() from error

    async def ping(self, server: int) -> None:
        """See whereabouts.Servers."""
        async with self.asking(server) as there:
            await there.room.list_rooms(ListRoomsRequest(names=["ping"]))

    async def look(self, server: int) -> Sight:
        """See whereabouts.Servers."""
        async with self.asking(server, _LOOK_LIMIT_S) as there:
            answer = await there.room.list_rooms(ListRoomsRequest())
            async with self._open().get(f"{self.servers[server].url}/healthz") as health:
                told = await health.json()
        return _sight(answer, told)

    async def end(self, server: int, room: MeetingId) -> None:
        """See whereabouts.Servers."""
        with suppress(NotFound):
            async with self.asking(server) as there:
                await there.room.delete_room(DeleteRoomRequest(room=room))

    def _open(self) -> aiohttp.ClientSession:
        assert self._session is not None, "used before it was entered"
        return self._session


class LiveKitRooms:
    """See media's MediaRooms port. An async context: entered once, by app.py, inside the running loop."""

    def __init__(self, servers: Sequence[MediaServer], key: ApiKey) -> None:
        """``servers``: more than one only where they are our own relays."""
        self._key = key
        self._verifier = api.TokenVerifier(key.id, key.secret)
        self._servers = LiveKitServers(servers, key)
        self._whereabouts = Whereabouts(self._servers)

    @property
    def servers(self) -> LiveKitServers:
        """Each of them."""
        return self._servers

    async def __aenter__(self) -> Self:
        await self._servers.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._servers.__aexit__(kind, error, trace)

    async def place(self, room: MeetingId) -> str:
        """See the MediaRooms port."""
        return self._servers.servers[await self._whereabouts.place(room)].page_url

    async def keep_together(self) -> None:
        """To be called every `whereabouts.LOOK_EVERY_S`: see which server lives and what is on it, and bring together
        the people of a room who are on two of them."""
        await self._whereabouts.keep_together()

    async def ping(self, server: int = 0) -> None:
        """Returns when this server is there and knows our key. Raises Unavailable."""
        await self._servers.ping(server)

    def token(self, room: MeetingId, person: PersonId, name: str, sources: frozenset[str]) -> str:
        """See the MediaRooms port."""
        grants = api.VideoGrants(
            room_join=True,
            room=room,
            can_publish=bool(sources),
            can_subscribe=True,
            can_publish_data=False,
            can_publish_sources=sorted(sources),
        )
        made = api.AccessToken(self._key.id, self._key.secret)
        return made.with_identity(person).with_name(name).with_ttl(_TOKEN_AGE).with_grants(grants).to_jwt()

    async def participants(self, room: MeetingId) -> dict[PersonId, frozenset[str]]:
        """See the MediaRooms port."""
        try:
            async with self.asking(room) as server:
                answer = await server.room.list_participants(ListParticipantsRequest(room=room))
        except NotFound:
            return {}
        return {PersonId(each.identity): _permitted(each.permission) for each in answer.participants}

    async def permit(self, room: MeetingId, person: PersonId, sources: frozenset[str]) -> None:
        """See the MediaRooms port."""
        permission = ParticipantPermission(
            can_subscribe=True,
            can_publish=bool(sources),
            can_publish_data=False,
            can_publish_sources=sorted(_SOURCES[source] for source in sources),
        )
        async with self.asking(room) as server:
            await server.room.update_participant(
                UpdateParticipantRequest(room=room, identity=person, permission=permission)
            )

    async def mute(self, room: MeetingId, person: PersonId) -> None:
        """See the MediaRooms port."""
        async with self.asking(room) as server:
            found = await server.room.get_participant(RoomParticipantIdentity(room=room, identity=person))
        for track in _open_microphones(found):
            async with self.asking(room) as server:
                await server.room.mute_published_track(
                    MuteRoomTrackRequest(room=room, identity=person, track_sid=track, muted=True)
                )

    async def remove(self, room: MeetingId, person: PersonId) -> None:
        """See the MediaRooms port."""
        async with self.asking(room) as server:
            await server.room.remove_participant(RoomParticipantIdentity(room=room, identity=person))

    async def delete_room(self, room: MeetingId) -> None:
        """See the MediaRooms port."""
        with suppress(NotFound):
            async with self.asking(room) as server:
                await server.room.delete_room(DeleteRoomRequest(room=room))

    def heard(self, body: bytes, authorization: str) -> MeetingId | None:
        """See the MediaRooms port."""
        try:
            claims = self._verifier.verify(authorization.removeprefix("Bearer "))
            if b64decode(claims.sha256 or "") != hashlib.sha256(body).digest():
                raise NotAllowed()
            event = Parse(body, WebhookEvent(), ignore_unknown_fields=True)
        except (jwt.PyJWTError, ParseError, ValueError, TypeError, AttributeError) as error:
            raise NotAllowed() from error
        room = event.room.name
        return MeetingId(room) if re.fullmatch(r"[a-z2-7]{26}", room) else None

    @asynccontextmanager
    async def asking(self, room: MeetingId) -> AsyncIterator[api.LiveKitAPI]:
        """The server that has this room; its services are ``server.room`` and ``server.egress``. Raises NotFound when
        there is no such room, or not in it what is asked about, and Unavailable."""
        async with self._servers.asking(await self._whereabouts.of(room)) as server:
            yield server


def _sight(answer: ListRoomsResponse, told: Any) -> Sight:
    """What a relay says of itself. What it leaves out counts as nothing: it may be older than we are."""
    rooms = {MeetingId(room.name): room.num_participants for room in answer.rooms}
    capacity = told.get("capacity", {})
    return Sight(
        rooms,
        cpu=float(told.get("load", {}).get("cpu", 0)),
        is_full=len(rooms) >= capacity.get("rooms", inf) or sum(rooms.values()) >= capacity.get("participants", inf),
    )


def _permitted(permission: ParticipantPermission) -> frozenset[str]:
    """What may be published. An empty list of sources means all of them, if publishing is allowed at all."""
    if not permission.can_publish:
        return frozenset()
    listed = frozenset(_NAMES[source] for source in permission.can_publish_sources if source in _NAMES)
    return listed or frozenset(_SOURCES)


def _open_microphones(participant: ParticipantInfo) -> list[str]:
    return [track.sid for track in participant.tracks if track.source == TrackSource.MICROPHONE and not track.muted]
