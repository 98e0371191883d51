"""RoomService: what the application may ask of the relay, as Twirp calls with protobuf or JSON bodies."""

from typing import Final, NoReturn

from google.protobuf.message import Message
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.room import (
    CreateRoomRequest,
    DeleteRoomRequest,
    DeleteRoomResponse,
    ForwardParticipantRequest,
    ListParticipantsRequest,
    ListParticipantsResponse,
    ListRoomsRequest,
    ListRoomsResponse,
    MoveParticipantRequest,
    MuteRoomTrackRequest,
    MuteRoomTrackResponse,
    PerformRpcRequest,
    RemoveParticipantResponse,
    RoomParticipantIdentity,
    SendDataRequest,
    UpdateParticipantRequest,
    UpdateRoomMetadataRequest,
    UpdateSubscriptionsRequest,
    UpdateSubscriptionsResponse,
)

from relay.rooms.peer import Peer
from relay.rooms.permission import Permission
from relay.rooms.refusal import Refused
from relay.rooms.registry import MAX_NAME, Closing, Full, Registry
from relay.rooms.room import Room
from relay.tokens import Claims
from relay.twirp import Calls, TwirpError, require


class RoomService:
    """The calls, each a method named after what it does."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.calls: Final[Calls] = {
            "CreateRoom": (CreateRoomRequest, self._create_room),
            "ListRooms": (ListRoomsRequest, self._list_rooms),
            "DeleteRoom": (DeleteRoomRequest, self._delete_room),
            "ListParticipants": (ListParticipantsRequest, self._list_participants),
            "GetParticipant": (RoomParticipantIdentity, self._get_participant),
            "RemoveParticipant": (RoomParticipantIdentity, self._remove_participant),
            "MutePublishedTrack": (MuteRoomTrackRequest, self._mute_track),
            "UpdateParticipant": (UpdateParticipantRequest, self._update_participant),
            "UpdateRoomMetadata": (UpdateRoomMetadataRequest, self._update_room_metadata),
            "UpdateSubscriptions": (UpdateSubscriptionsRequest, self._update_subscriptions),
            "SendData": (SendDataRequest, self._not_here),
            "PerformRpc": (PerformRpcRequest, self._not_here),
            "ForwardParticipant": (ForwardParticipantRequest, self._not_here),
            "MoveParticipant": (MoveParticipantRequest, self._not_here),
        }

    # --- rooms

    def _create_room(self, request: CreateRoomRequest, claims: Claims) -> RoomInfo:
        """Idempotent: an existing room takes the new limits."""
        require(claims.room_create)
        if not request.name:
            raise TwirpError("invalid_argument", "a room needs a name")
        if len(request.name) > MAX_NAME:
            raise TwirpError("invalid_argument", f"the name has more than {MAX_NAME} characters")
        self._check_metadata(request.metadata)
        try:
            room = self._registry.room(request.name)
        except Closing as error:
            raise TwirpError("unavailable", "the relay stops") from error
        except Full as error:
            raise TwirpError("resource_exhausted", "no more rooms fit") from error
        if request.empty_timeout:
            room.empty_s = float(request.empty_timeout)
        if request.departure_timeout:
            room.departure_s = float(request.departure_timeout)
        if request.max_participants:
            room.max_participants = request.max_participants
        if request.metadata:
            room.set_metadata(request.metadata)
        return room.describe()

    def _list_rooms(self, request: ListRoomsRequest, claims: Claims) -> ListRoomsResponse:
        require(claims.room_list)
        rooms = [room for room in self._registry.rooms.values() if not request.names or room.name in request.names]
        return ListRoomsResponse(rooms=[room.describe() for room in rooms])

    def _delete_room(self, request: DeleteRoomRequest, claims: Claims) -> DeleteRoomResponse:
        require(claims.room_create)
        self._registry.delete(self._room(request.room))
        return DeleteRoomResponse()

    def _update_room_metadata(self, request: UpdateRoomMetadataRequest, claims: Claims) -> RoomInfo:
        room = self._administered(request.room, claims)
        self._check_metadata(request.metadata)
        room.set_metadata(request.metadata)
        return room.describe()

    def _check_metadata(self, metadata: str) -> None:
        if len(metadata.encode()) > self._registry.metadata_bytes:
            raise TwirpError("invalid_argument", f"the metadata has more than {self._registry.metadata_bytes} bytes")

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
        if request.muted:
            peer.mute(publication)
        elif publication.info.muted:
            raise TwirpError("failed_precondition", "only its owner may open a microphone or camera")
        return MuteRoomTrackResponse(track=publication.info)

    def _update_participant(self, request: UpdateParticipantRequest, claims: Claims) -> ParticipantInfo:
        room = self._administered(request.room, claims)
        peer = _peer(room, request.identity)
        try:
            room.set_profile(peer, request.name, request.metadata, request.attributes)
        except Refused as refused:
            raise TwirpError("invalid_argument", str(refused)) from refused
        if request.HasField("permission"):
            room.set_permission(peer, Permission.from_proto(request.permission))
        return peer.describe()

    def _update_subscriptions(self, request: UpdateSubscriptionsRequest, claims: Claims) -> UpdateSubscriptionsResponse:
        """Tracks that are gone meanwhile are passed over."""
        room = self._administered(request.room, claims)
        peer = _peer(room, request.identity)
        grouped = [sid for tracks in request.participant_tracks for sid in tracks.track_sids]
        room.distribution.rule(peer, [*request.track_sids, *grouped], granted=request.subscribe)
        return UpdateSubscriptionsResponse()

    def _not_here(self, request: Message, claims: Claims) -> NoReturn:
        """No data goes through this relay, and a participant stays where it is."""
        require(claims.room_admin)
        raise TwirpError("unimplemented", f"{request.DESCRIPTOR.name.removesuffix('Request')} is not offered here")

    def _administered(self, name: str, claims: Claims) -> Room:
        require(claims.room_admin and claims.room == name)
        return self._room(name)

    def _room(self, name: str) -> Room:
        room = self._registry.rooms.get(name)
        if room is None:
            raise TwirpError("not_found", "no such room")
        return room


def _peer(room: Room, identity: str) -> Peer:
    peer = room.peers.get(identity)
    if peer is None:
        raise TwirpError("not_found", "no such participant")
    return peer
