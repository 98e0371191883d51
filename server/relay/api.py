"""RoomService: what the application may ask of the relay, as Twirp calls with protobuf or JSON bodies."""

import json
import logging
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError, Message
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.room import (
    CreateRoomRequest,
    DeleteRoomRequest,
    DeleteRoomResponse,
    ListParticipantsRequest,
    ListParticipantsResponse,
    ListRoomsRequest,
    ListRoomsResponse,
    MuteRoomTrackRequest,
    MuteRoomTrackResponse,
    RemoveParticipantResponse,
    RoomParticipantIdentity,
    UpdateParticipantRequest,
    UpdateRoomMetadataRequest,
)

from relay.rooms.peer import Peer
from relay.rooms.permission import Permission
from relay.rooms.registry import Full, Registry
from relay.rooms.room import Room
from relay.tokens import BadToken, Claims, verify

_log: Final = logging.getLogger(__name__)
_PROTOBUF: Final = "application/protobuf"
_STATUS: Final = {
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "bad_route": 404,
    "malformed": 400,
    "invalid_argument": 400,
    "resource_exhausted": 429,
}

Call = Callable[[Any, Claims], Message]


class TwirpError(Exception):
    """An answer to the caller; `code` is one of Twirp's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RoomService:
    """The calls, each a method named after what it does."""

    def __init__(self, registry: Registry, key: str, secret: str, called: Callable[[], None]) -> None:
        """`called` is told of every authenticated call."""
        self._registry = registry
        self._key = key
        self._secret = secret
        self._called = called
        self._calls: Final[dict[str, tuple[type[Message], Call]]] = {
            "CreateRoom": (CreateRoomRequest, self._create_room),
            "ListRooms": (ListRoomsRequest, self._list_rooms),
            "DeleteRoom": (DeleteRoomRequest, self._delete_room),
            "ListParticipants": (ListParticipantsRequest, self._list_participants),
            "GetParticipant": (RoomParticipantIdentity, self._get_participant),
            "RemoveParticipant": (RoomParticipantIdentity, self._remove_participant),
            "MutePublishedTrack": (MuteRoomTrackRequest, self._mute_track),
            "UpdateParticipant": (UpdateParticipantRequest, self._update_participant),
            "UpdateRoomMetadata": (UpdateRoomMetadataRequest, self._update_room_metadata),
        }

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/twirp/livekit.RoomService/{method}", self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            if request.headers.get("Content-Encoding"):
                raise TwirpError("malformed", "compressed bodies are not accepted")
            claims = self._authenticate(request)
            return self._answer(request, claims, await request.read())
        except TwirpError as error:
            body = json.dumps({"code": error.code, "msg": str(error)})
            return web.Response(status=_STATUS[error.code], text=body, content_type="application/json")

    def _authenticate(self, request: web.Request) -> Claims:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = verify(token, self._key, self._secret)
        except BadToken as error:
            _log.info("call refused: %s", error)
            raise TwirpError("unauthenticated", "invalid token") from error
        self._called()
        return claims

    def _answer(self, request: web.Request, claims: Claims, body: bytes) -> web.Response:
        if request.match_info["method"] not in self._calls:
            raise TwirpError("bad_route", "no such call")
        kind, call = self._calls[request.match_info["method"]]
        is_protobuf = request.content_type == _PROTOBUF
        try:
            message = kind.FromString(body) if is_protobuf else Parse(body or b"{}", kind(), ignore_unknown_fields=True)
        except (DecodeError, ParseError, UnicodeDecodeError) as error:
            raise TwirpError("malformed", "the body is not what the call takes") from error
        answer = call(message, claims)
        if is_protobuf:
            return web.Response(body=answer.SerializeToString(), content_type=_PROTOBUF)
        return web.Response(text=MessageToJson(answer), content_type="application/json")

    # --- rooms

    def _create_room(self, request: CreateRoomRequest, claims: Claims) -> RoomInfo:
        """Idempotent: an existing room takes the new limits."""
        _require(claims.room_create)
        if not request.name:
            raise TwirpError("invalid_argument", "a room needs a name")
        try:
            room = self._registry.room(request.name)
        except Full as error:
            raise TwirpError("resource_exhausted", "no more rooms fit") from error
        if request.empty_timeout:
            room.empty_s = float(request.empty_timeout)
        if request.departure_timeout:
            room.departure_s = float(request.departure_timeout)
        room.max_participants = request.max_participants
        if request.metadata:
            room.set_metadata(request.metadata)
        return room.describe()

    def _list_rooms(self, request: ListRoomsRequest, claims: Claims) -> ListRoomsResponse:
        _require(claims.room_list)
        rooms = [room for room in self._registry.rooms.values() if not request.names or room.name in request.names]
        return ListRoomsResponse(rooms=[room.describe() for room in rooms])

    def _delete_room(self, request: DeleteRoomRequest, claims: Claims) -> DeleteRoomResponse:
        _require(claims.room_create)
        self._registry.delete(self._room(request.room))
        return DeleteRoomResponse()

    def _update_room_metadata(self, request: UpdateRoomMetadataRequest, claims: Claims) -> RoomInfo:
        room = self._administered(request.room, claims)
        room.set_metadata(request.metadata)
        return room.describe()

    # --- participants

    def _list_participants(self, request: ListParticipantsRequest, claims: Claims) -> ListParticipantsResponse:
        room = self._administered(request.room, claims)
        return ListParticipantsResponse(participants=[peer.describe() for peer in room.peers.values()])

    def _get_participant(self, request: RoomParticipantIdentity, claims: Claims) -> ParticipantInfo:
        return _peer(self._administered(request.room, claims), request.identity).describe()

    def _remove_participant(self, request: RoomParticipantIdentity, claims: Claims) -> RemoveParticipantResponse:
        room = self._administered(request.room, claims)
        peer = _peer(room, request.identity)
        self._registry.expel(room, peer)
        return RemoveParticipantResponse()

    def _mute_track(self, request: MuteRoomTrackRequest, claims: Claims) -> MuteRoomTrackResponse:
        peer = _peer(self._administered(request.room, claims), request.identity)
        publication = peer.publications.get(request.track_sid)
        if publication is None:
            raise TwirpError("not_found", "no such track")
        if not request.muted:
            raise TwirpError("permission_denied", "only its owner may open a microphone or camera")
        peer.mute(publication)
        return MuteRoomTrackResponse(track=publication.info)

    def _update_participant(self, request: UpdateParticipantRequest, claims: Claims) -> ParticipantInfo:
        room = self._administered(request.room, claims)
        peer = _peer(room, request.identity)
        peer.set_profile(request.name, request.metadata, request.attributes)
        if request.HasField("permission"):
            room.set_permission(peer, Permission.from_proto(request.permission))
        else:
            room.changed(peer)
        return peer.describe()

    def _administered(self, name: str, claims: Claims) -> Room:
        _require(claims.room_admin and claims.room == name)
        return self._room(name)

    def _room(self, name: str) -> Room:
        room = self._registry.rooms.get(name)
        if room is None:
            raise TwirpError("not_found", "no such room")
        return room


def _require(allowed: bool) -> None:
    if not allowed:
        raise TwirpError("permission_denied", "the token does not allow this call")


def _peer(room: Room, identity: str) -> Peer:
    peer = room.peers.get(identity)
    if peer is None:
        raise TwirpError("not_found", "no such participant")
    return peer
