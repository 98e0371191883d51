"""All rooms of this relay, and the way into them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from livekit.protocol.models import ClientInfo, Codec, DisconnectReason, ParticipantInfo, ServerInfo
from livekit.protocol.rtc import (
    JoinRequest,
    JoinResponse,
    LeaveRequest,
    ReconnectResponse,
    SignalRequest,
    SignalResponse,
)

from relay.rooms.peer import Peer
from relay.rooms.ports import Outbox, Surroundings
from relay.rooms.requests import carry_out
from relay.rooms.room import Events, Room
from relay.rooms.wishes import Wishes
from relay.tokens import Claims

EMULATED_VERSION: Final = "1.13.5"
"""The LiveKit server whose behaviour clients may expect; they turn features on by it."""
_CREATED_EMPTY_S: Final = 300.0
MAX_NAME: Final = 256
_MAX_CAPABILITIES: Final = 32
_MAX_REMOVED: Final = 10_000
"""Removals remembered; the oldest is forgotten first."""


class Full(Exception):
    """No more participants or rooms fit."""


class Closing(Full):
    """The relay stops: nobody comes in any more."""


class TooOften(Exception):
    """The same participant came so often lately that it must wait: each time costs everybody in the room."""


class Revoked(Exception):
    """The holder of the token was removed after it was minted."""


@dataclass(frozen=True, slots=True)
class Capacity:
    participants: int
    """In this relay."""
    participants_per_room: int
    rooms: int


class Registry:
    """Rooms by name."""

    def __init__(
        self,
        surroundings: Surroundings,
        events: Events,
        *,
        capacity: Capacity,
        departure_s: float,
        ping_timeout_s: int = 15,
    ) -> None:
        self.rooms: dict[str, Room] = {}
        self.recorded_only_granted = False
        """Of rooms that are opened from now on; see `Room`."""
        self._surroundings = surroundings
        self._world = surroundings.world
        self._events = events
        self._capacity = capacity
        self._departure_s = departure_s
        self._ping_timeout_s = ping_timeout_s
        self._closing = False
        self._ticks = 0
        self._removed_at_s: dict[tuple[str, str], int] = {}
        """(room, identity) -> when the application last removed it; its older tokens are good for nothing.

        On the clock that tokens are dated by, not the steady one: when that clock was put back, who was removed has to
        wait until it has caught up. Reckoned by the time since, tokens of before, dated ahead, would be good again.
        """

    @property
    def metadata_bytes(self) -> int:
        """How much metadata a room may have."""
        return self._surroundings.limits.metadata_bytes

    def peers(self) -> Iterator[Peer]:
        for room in self.rooms.values():
            yield from room.peers.values()

    def room(self, name: str) -> Room:
        """The room of this name, opened if need be. Raises Closing, Full."""
        if self._closing:
            raise Closing
        room = self.rooms.get(name)
        if room is None:
            if len(self.rooms) >= self._capacity.rooms or len(name) > MAX_NAME:
                raise Full
            departure_s = self._departure_s
            room = Room(name, self._world, self._events, empty_s=_CREATED_EMPTY_S, departure_s=departure_s)
            room.recorded_only_granted = self.recorded_only_granted
            self.rooms[name] = room
        return room

    def expel(self, room: Room, peer: Peer) -> None:
        """Remove a participant, whose tokens up to now become void: to come back it needs a new one."""
        key = (room.name, peer.identity)
        self._removed_at_s.pop(key, None)
        self._removed_at_s[key] = self._world.wall_us() // 1_000_000
        if len(self._removed_at_s) > _MAX_REMOVED:
            del self._removed_at_s[next(iter(self._removed_at_s))]
        room.remove(peer, DisconnectReason.PARTICIPANT_REMOVED, LeaveRequest.DISCONNECT)

    def check(self, claims: Claims) -> None:
        """Whether a join or resume with these claims is possible now; superseding oneself always fits.

        Raises Closing, Revoked, Full.
        """
        if self._closing:
            raise Closing
        if claims.not_before_s <= self._removed_at_s.get((claims.room, claims.identity), -1):
            raise Revoked
        room = self.rooms.get(claims.room)
        if room is not None and claims.identity in room.peers:
            return
        in_room = len(room.peers) if room is not None else 0
        allowed = self._capacity.participants_per_room
        if room is not None and room.max_participants:
            allowed = min(allowed, room.max_participants)
        if in_room >= allowed or sum(1 for _ in self.peers()) >= self._capacity.participants:
            raise Full

    def count_coming(self, claims: Claims, *, resumes: bool) -> None:
        """Somebody is about to join, or to resume. Raises TooOften."""
        room = self.rooms.get(claims.room)
        if room is not None and not room.admits(claims.identity, resumes=resumes):
            raise TooOften

    def join(self, claims: Claims, request: JoinRequest, outbox: Outbox) -> tuple[Room, Peer]:
        """Take a participant in; the same identity elsewhere in the room is superseded.

        Raises Closing, Revoked, Full.
        """
        self.check(claims)
        room = self.room(claims.room)
        old = room.peers.get(claims.identity)
        if old is not None:
            room.remove(old, DisconnectReason.DUPLICATE_IDENTITY, LeaveRequest.DISCONNECT)
        info = _participant(self._world.new_sid("PA"), claims.identity, request.client_info, self._world.wall_us())
        info.name = claims.name
        info.metadata = claims.metadata
        info.attributes.update(claims.attributes)
        peer = Peer(info, claims, outbox, room, self._surroundings)
        peer.permission = room.permitted(peer)
        wanted = request.connection_settings
        everything = wanted.auto_subscribe or not request.HasField("connection_settings")
        peer.wishes = Wishes(everything=everything, adaptive=wanted.adaptive_stream)
        peer.downlink.may_pause = wanted.subscriber_allow_pause or not wanted.HasField("subscriber_allow_pause")
        peer.send(_welcome(room, peer, self._ping_timeout_s))
        room.add(peer)
        for track in request.add_track_requests:
            carry_out(room, peer, SignalRequest(add_track=track))
        return room, peer

    def resume(self, claims: Claims, request: JoinRequest, outbox: Outbox) -> tuple[Room, Peer] | None:
        """A participant whose signalling connection was lost goes on; None when there is no such session any more."""
        room = self.rooms.get(claims.room)
        peer = room.peers.get(claims.identity) if room is not None else None
        if room is None or peer is None or peer.sid != request.participant_sid:
            return None
        failure, peer.fails_next_resume = peer.fails_next_resume, ""
        if failure == "disconnect_signal_on_resume_no_messages":
            outbox.close()
            return None
        peer.come_back(outbox)
        peer.send(SignalResponse(reconnect=ReconnectResponse(server_info=_server_info())))
        room.catch_up(peer)
        if request.HasField("sync_state"):
            carry_out(room, peer, SignalRequest(sync_state=request.sync_state))
        if failure:
            outbox.close()
        return room, peer

    def signal_lost(self, peer: Peer, outbox: Outbox) -> None:
        """A signalling connection ended without a farewell; it may be resumed for a while."""
        if peer.outbox is outbox:
            peer.outbox = None
            peer.signal_lost_at_s = self._world.now_s()

    def delete(self, room: Room) -> None:
        self.rooms.pop(room.name, None)
        room.close(DisconnectReason.ROOM_DELETED, LeaveRequest.DISCONNECT)

    def drain(self) -> None:
        """The relay stops: clients are told to come back, by then to another one; here nobody comes in any more."""
        self._closing = True
        for room in list(self.rooms.values()):
            room.close(DisconnectReason.SERVER_SHUTDOWN, LeaveRequest.RECONNECT)
        self.rooms.clear()

    def tick(self, on_error: Callable[[Exception], None]) -> None:
        """Every 50 ms; what goes wrong for one participant or room is told and does not stop the others."""
        self._ticks += 1
        for room in list(self.rooms.values()):
            due = [peer.tick for peer in room.peers.values()]
            if self._ticks % 8 == 0:
                due += [room.tick_speakers, room.tick_changes]
            if self._ticks % 20 == 0:
                due += [peer.tick_second for peer in room.peers.values()]
                due.append(partial(self._expire, room))
            if self._ticks % 100 == 0:
                due.append(room.tick_quality)
            for act in due:
                try:
                    act()
                except Exception as error:  # the clock must go on; on_error logs the traceback
                    on_error(error)

    def _expire(self, room: Room) -> None:
        room.expire()
        if room.is_over():
            del self.rooms[room.name]
            room.close(DisconnectReason.ROOM_CLOSED, LeaveRequest.DISCONNECT)


def _participant(sid: str, identity: str, client: ClientInfo, joined_at_us: int) -> ParticipantInfo:
    """What is known of a participant at the door; peers choose their protocol features from the client's."""
    info = ParticipantInfo(
        sid=sid,
        identity=identity,
        state=ParticipantInfo.State.JOINED,
        joined_at=joined_at_us // 1_000_000,
        joined_at_ms=joined_at_us // 1_000,
        version=1,
        client_protocol=client.client_protocol,
    )
    info.capabilities.extend(sorted(set(client.capabilities))[:_MAX_CAPABILITIES])
    return info


def _server_info() -> ServerInfo:
    return ServerInfo(edition=ServerInfo.Standard, version=EMULATED_VERSION, protocol=17, region="", node_id="relay")


def _welcome(room: Room, peer: Peer, ping_timeout_s: int) -> SignalResponse:
    """What a client needs before anything else; each field here is one that some client cannot do without."""
    return SignalResponse(
        join=JoinResponse(
            room=room.describe(),
            participant=peer.describe(),
            other_participants=room.others(peer),
            server_version=EMULATED_VERSION,
            server_info=_server_info(),
            subscriber_primary=False,
            ping_interval=ping_timeout_s // 3,
            ping_timeout=ping_timeout_s,
            fast_publish=True,
            enabled_publish_codecs=[
                Codec(mime=mime) for mime in ("audio/opus", "audio/red", "video/VP8", "video/H264", "video/rtx")
            ],
        )
    )
