"""The media server, spoken to in LiveKit's protocol: our own relay, or a LiveKit cluster somewhere else.

Rooms are named after meetings and identities after persons. What may be published is said with LiveKit's own words
for sources: ``microphone``, ``camera``, ``screen_share``, ``screen_share_audio``.
"""

import asyncio
import hashlib
import re
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

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
    MuteRoomTrackRequest,
    RoomParticipantIdentity,
    UpdateParticipantRequest,
)
from livekit.protocol.webhook import WebhookEvent

from ecabinet.kernel.errors import NotAllowed, NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId, PersonId

_LIMIT_S = 3
"""Longest wait for one answer of the media server."""
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


class LiveKitRooms:
    """See media's MediaRooms port. An async context: entered once, by app.py, inside the running loop."""

    def __init__(self, url: str, key: ApiKey) -> None:
        """``url``: the server's HTTP address as the application reaches it, e.g. http://127.0.0.1:7880"""
        self._url = url
        self._key = key
        self._verifier = api.TokenVerifier(key.id, key.secret)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_LIMIT_S))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

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

    async def ping(self) -> None:
        """See the MediaRooms port."""
        async with self._asking() as server:
            await server.room.list_rooms(ListRoomsRequest(names=["ping"]))

    async def participants(self, room: MeetingId) -> dict[PersonId, frozenset[str]]:
        """See the MediaRooms port."""
        try:
            async with self._asking(room) as server:
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
        async with self._asking(room) as server:
            await server.room.update_participant(
                UpdateParticipantRequest(room=room, identity=person, permission=permission)
            )

    async def mute(self, room: MeetingId, person: PersonId) -> None:
        """See the MediaRooms port."""
        async with self._asking(room) as server:
            found = await server.room.get_participant(RoomParticipantIdentity(room=room, identity=person))
        for track in _open_microphones(found):
            async with self._asking(room) as server:
                await server.room.mute_published_track(
                    MuteRoomTrackRequest(room=room, identity=person, track_sid=track, muted=True)
                )

    async def remove(self, room: MeetingId, person: PersonId) -> None:
        """See the MediaRooms port."""
        async with self._asking(room) as server:
            await server.room.remove_participant(RoomParticipantIdentity(room=room, identity=person))

    async def delete_room(self, room: MeetingId) -> None:
        """See the MediaRooms port."""
        try:
            async with self._asking(room) as server:
                await server.room.delete_room(DeleteRoomRequest(room=room))
        except NotFound:
            return

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
    async def _asking(self, room: MeetingId | None = None) -> AsyncIterator[api.LiveKitAPI]:  # noqa: ARG002
        """The server that has this room, under our deadline, with its errors said in our words: NotFound, Unavailable.

        Its services: ``server.room``, ``server.egress``.
        """
        assert self._session is not None, "used before it was entered"
        server = api.LiveKitAPI(self._url, self._key.id, self._key.secret, session=self._session, failover=False)
        try:
            async with asyncio.timeout(_LIMIT_S):
                yield server
        except api.ServerError as error:
            if error.code == api.ServerErrorCode.NOT_FOUND:
                raise NotFound() from error
            raise Unavailable() from error
        except (aiohttp.ClientError, DecodeError, TimeoutError, OSError) as error:
            raise Unavailable() from error


def _permitted(permission: ParticipantPermission) -> frozenset[str]:
    """What may be published. An empty list of sources means all of them, if publishing is allowed at all."""
    if not permission.can_publish:
        return frozenset()
    listed = frozenset(_NAMES[source] for source in permission.can_publish_sources if source in _NAMES)
    return listed or frozenset(_SOURCES)


def _open_microphones(participant: ParticipantInfo) -> list[str]:
    return [track.sid for track in participant.tracks if track.source == TrackSource.MICROPHONE and not track.muted]
