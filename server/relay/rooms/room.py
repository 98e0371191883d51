"""A room: who is in it, and who gets which track."""

from collections.abc import Callable, Iterable
from typing import Final

from livekit.protocol.models import DisconnectReason, ParticipantInfo, SpeakerInfo, TrackInfo
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.rtc import (
    LeaveRequest,
    ParticipantUpdate,
    RoomUpdate,
    SignalResponse,
    SpeakersChanged,
    SubscriptionPermissionUpdate,
    TrackSubscribed,
)

from relay.rooms.audience import Audience
from relay.rooms.peer import Peer
from relay.rooms.permission import Permission
from relay.rooms.ports import World
from relay.rooms.publication import Publication

Events = Callable[[str, RoomInfo, ParticipantInfo | None, TrackInfo | None], None]
"""Told what the application may want to know: a LiveKit webhook event's name, and whom it concerns."""

_PENDING_S: Final = 15.0
"""A participant whose media is not up by then is let go."""
_SILENT_S: Final = 30.0
"""So is one whose browser has stopped proving that it is there; it checks every few seconds."""


class Room:
    """Participants by identity; observer of each of them."""

    def __init__(self, name: str, world: World, events: Events, *, empty_s: float, departure_s: float) -> None:
        """
        empty_s  how long it stays open before the first participant came
        departure_s  how long after the last one left, and how long a lost signalling connection may be resumed
        """
        self.name: Final = name
        self.peers: dict[str, Peer] = {}
        self.metadata = ""
        self.max_participants = 0
        """0: as many as the relay allows."""
        self.recording = False
        self.empty_s = empty_s
        self.departure_s = departure_s
        self._sid: Final = world.new_sid("RM")
        self._created_at_us: Final = world.wall_us()
        self._world = world
        self._events = events
        self._empty_since_s = world.now_s()
        self._was_used = False
        self._speaking: dict[str, float] = {}
        self._joined: set[str] = set()
        """Sids of those whose arrival was reported."""
        events("room_started", self.describe(), None, None)

    def describe(self) -> RoomInfo:
        visible = [peer for peer in self.peers.values() if not peer.permission.hidden]
        return RoomInfo(
            sid=self._sid,
            name=self.name,
            empty_timeout=int(self.empty_s),
            departure_timeout=int(self.departure_s),
            max_participants=self.max_participants,
            creation_time=self._created_at_us // 1_000_000,
            creation_time_ms=self._created_at_us // 1_000,
            metadata=self.metadata,
            num_participants=len(visible),
            num_publishers=sum(bool(peer.publications) for peer in visible),
            active_recording=self.recording,
        )

    # --- coming and going

    def add(self, peer: Peer) -> None:
        """A newcomer; others learn of it, and the same identity must have been removed before."""
        self._was_used = True
        self.peers[peer.identity] = peer
        self.changed(peer)

    def remove(self, peer: Peer, reason: DisconnectReason, action: LeaveRequest.Action) -> None:
        """Let a participant go; a late farewell of one that was superseded changes nothing for its successor."""
        if peer.closed:
            return
        peer.leave(reason, action)
        for publication in peer.publications.values():
            self._withdraw(publication)
            if publication.announced:
                self._events("track_unpublished", self.describe(), peer.describe(), publication.info)
        peer.close()
        if self.peers.get(peer.identity) is peer:
            del self.peers[peer.identity]
        peer.touch()
        self._speaking.pop(peer.sid, None)
        self.changed(peer)
        if peer.sid in self._joined:
            self._joined.remove(peer.sid)
            self._events("participant_left", self.describe(), peer.describe(), None)
        self._empty_since_s = self._world.now_s()

    def close(self, reason: DisconnectReason, action: LeaveRequest.Action) -> None:
        """Everybody out."""
        for peer in list(self.peers.values()):
            self.remove(peer, reason, action)
        self._events("room_finished", self.describe(), None, None)

    def is_over(self) -> bool:
        """Whether it has been empty for so long that it can be forgotten."""
        patience_s = self.departure_s if self._was_used else self.empty_s
        return not self.peers and self._world.now_s() - self._empty_since_s > patience_s

    # --- telling

    def broadcast(self, response: SignalResponse, *, but: Peer | None = None) -> None:
        for peer in self.peers.values():
            if peer is not but:
                peer.send(response)

    def changed(self, peer: Peer) -> None:
        """Tell everybody, itself included, how a participant now is."""
        update = SignalResponse(update=ParticipantUpdate(participants=[peer.describe()]))
        if peer.permission.hidden:
            peer.send(update)
        else:
            self.broadcast(update)

    def others(self, than: Peer | None) -> list[ParticipantInfo]:
        return [p.describe() for p in self.peers.values() if p is not than and not p.permission.hidden]

    def set_metadata(self, metadata: str) -> None:
        self.metadata = metadata
        self._tell_room()

    def set_recording(self, recording: bool) -> None:
        """Whether what is said here is kept; everybody is told at once."""
        if recording != self.recording:
            self.recording = recording
            self._tell_room()

    def _tell_room(self) -> None:
        self.broadcast(SignalResponse(room_update=RoomUpdate(room=self.describe())))

    # --- what participants report

    def media_up(self, peer: Peer) -> None:
        self.changed(peer)
        if peer.sid not in self._joined:
            self._joined.add(peer.sid)
            self._events("participant_joined", self.describe(), peer.describe(), None)
        if peer.auto_subscribe:
            self.subscribe_to_all(peer)
        peer.ask_sections()

    def media_down(self, peer: Peer) -> None:
        self.remove(peer, DisconnectReason.MEDIA_FAILURE, LeaveRequest.RECONNECT)

    def track_added(self, peer: Peer, publication: Publication) -> None:
        peer.touch()
        self.changed(peer)
        self._events("track_published", self.describe(), peer.describe(), publication.info)
        for other in list(self.peers.values()):
            if other is not peer and other.active and other.auto_subscribe:
                self.subscribe(other, peer, publication)

    def track_removed(self, peer: Peer, publication: Publication) -> None:
        self._withdraw(publication)
        self.changed(peer)
        self._events("track_unpublished", self.describe(), peer.describe(), publication.info)

    # --- subscriptions

    def subscribe_to_all(self, peer: Peer) -> None:
        for owner in list(self.peers.values()):
            if owner is not peer:
                for publication in owner.publications.values():
                    if publication.announced:
                        self.subscribe(peer, owner, publication)

    def subscribe(self, peer: Peer, owner: Peer, publication: Publication) -> None:
        """Idempotent; without effect for one that may not subscribe."""
        if not owner.audience.allows(peer.identity, peer.sid, publication.sid):
            return
        first = not any(publication.sid in other.subscriptions for other in self.peers.values())
        subscription = peer.subscribe(owner, publication)
        if subscription is not None and first:
            owner.send(SignalResponse(track_subscribed=TrackSubscribed(track_sid=publication.sid)))

    def set_audience(self, owner: Peer, audience: Audience) -> None:
        """A participant says who may have its tracks: those who may not lose them at once."""
        before, owner.audience = owner.audience, audience
        for peer in self.peers.values():
            for publication in owner.publications.values() if peer is not owner else ():
                sid = publication.sid
                allowed = audience.allows(peer.identity, peer.sid, sid)
                if allowed == before.allows(peer.identity, peer.sid, sid):
                    continue
                if not allowed:
                    peer.subscriptions.remove(sid)
                update = SubscriptionPermissionUpdate(participant_sid=owner.sid, track_sid=sid, allowed=allowed)
                peer.send(SignalResponse(subscription_permission_update=update))
                if allowed and publication.announced and peer.active and peer.auto_subscribe:
                    self.subscribe(peer, owner, publication)

    def unsubscribe(self, peer: Peer, track_sid: str) -> None:
        peer.subscriptions.remove(track_sid)

    def find(self, track_sid: str) -> tuple[Peer, Publication] | None:
        for owner in self.peers.values():
            if (publication := owner.publications.get(track_sid)) is not None:
                return owner, publication
        return None

    def _withdraw(self, publication: Publication) -> None:
        for peer in self.peers.values():
            peer.subscriptions.remove(publication.sid)

    def set_permission(self, peer: Peer, permission: Permission) -> None:
        """Effective for the next packet."""
        could_subscribe = peer.permission.can_subscribe
        peer.set_permission(permission)
        self.changed(peer)
        if permission.can_subscribe and not could_subscribe and peer.active and peer.auto_subscribe:
            self.subscribe_to_all(peer)

    # --- time passes

    def expire(self) -> None:
        """Let go those who never arrived, and those who have gone without a word."""
        now_s = self._world.now_s()
        for peer in list(self.peers.values()):
            lost_at_s = peer.signal_lost_at_s
            if not peer.active and now_s - peer.joined_at_s > _PENDING_S:
                self.remove(peer, DisconnectReason.CONNECTION_TIMEOUT, LeaveRequest.RECONNECT)
            elif lost_at_s is not None and now_s - lost_at_s > self.departure_s:
                self.remove(peer, DisconnectReason.SIGNAL_CLOSE, LeaveRequest.DISCONNECT)
            elif peer.active and peer.link.silent_s() > _SILENT_S:
                self.remove(peer, DisconnectReason.MEDIA_FAILURE, LeaveRequest.RECONNECT)

    def tick_speakers(self) -> None:
        """Every 400 ms: tell who began, stopped, or is markedly louder or quieter."""
        changed: list[SpeakerInfo] = []
        for peer in self.peers.values():
            level = _level(peer.publications.values())
            before = self._speaking.get(peer.sid, 0.0)
            if (level > 0) == (before > 0) and abs(level - before) < 0.05:
                continue
            self._speaking[peer.sid] = level
            if not peer.permission.hidden:
                changed.append(SpeakerInfo(sid=peer.sid, level=min(1.0, level), active=level > 0))
        if changed:
            self.broadcast(SignalResponse(speakers_changed=SpeakersChanged(speakers=changed)))


def _level(publications: Iterable[Publication]) -> float:
    levels = [publication.up.speech.close_window() for publication in publications if publication.up.kind == "audio"]
    return max(levels, default=0.0)
