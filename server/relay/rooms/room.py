"""A room: who is in it, and who gets which track."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from livekit.protocol.models import DisconnectReason, ParticipantInfo, SpeakerInfo, TrackInfo
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.rtc import (
    LeaveRequest,
    ParticipantUpdate,
    RoomUpdate,
    SignalResponse,
    SpeakersChanged,
)

from relay.rooms.allowance import Allowance
from relay.rooms.audience import Audience
from relay.rooms.distribution import Distribution
from relay.rooms.peer import Peer
from relay.rooms.permission import Permission
from relay.rooms.ports import World
from relay.rooms.publication import Publication
from relay.rooms.quality import QualityReports

Events = Callable[[str, RoomInfo, ParticipantInfo | None, TrackInfo | None], None]
"""Told what the application may want to know: a LiveKit webhook event's name, and whom it concerns."""

_PENDING_S: Final = 15.0
"""A participant whose media is not up by then is let go."""
_SILENT_S: Final = 30.0
"""So is one whose browser has stopped proving that it is there; it checks every few seconds."""
_COMINGS_AT_ONCE: Final = 20.0
_COMINGS_PER_S: Final = 0.2
"""Clients on a bad line come back again and again, but they leave longer and longer pauses."""
_RESUMES_PER_S: Final = 1.0
"""Costs the others nothing, but who resumes hears again of all that are there."""
_MAX_COMINGS: Final = 2_000
_COUNT_PAUSE_S: Final = 2.0
"""Between two room updates that say nothing but how many there are."""
_PRETENDED: Final = 0.9
"""Level of simulated speech."""


class Room:
    """Participants by identity; observer of each of them."""

    def __init__(self, name: str, world: World, events: Events, *, empty_s: float, departure_s: float) -> None:
        """
        empty_s  how long it stays open before the first participant came
        departure_s  how long after the last one left, and how long a lost signalling connection may be resumed
        """
        self.name: Final = name
        self.peers: Final[dict[str, Peer]] = {}
        self.metadata = ""
        self.max_participants = 0
        """0: as many as the relay allows."""
        self.recording = False
        self.recorded_only_granted = False
        """While it is recorded only those publish of whom the application has said so since they came."""
        self.distribution: Final = Distribution(self.peers)
        self.empty_s = empty_s
        self.departure_s = departure_s
        self._sid: Final = world.new_sid("RM")
        self._created_at_us: Final = world.wall_us()
        self._world = world
        self._events = events
        self._empty_since_s = world.now_s()
        self._was_used = False
        self._speaking: dict[str, float] = {}
        self._quality: Final = QualityReports()
        self._comings: dict[tuple[str, bool], Allowance] = {}
        """By identity, and whether it is for resuming."""
        self._late: dict[str, Peer] = {}
        """By sid, who changed so often that the others are told later."""
        self._late_audiences: dict[str, tuple[Peer, Audience]] = {}
        self._pretended: dict[str, float] = {}
        """Sid of a participant -> until when it is shown as speaking, as simulated."""
        self._counted = (0, 0)
        """Participants and publishers as last told."""
        self._counted_at_s = 0.0
        self._joined: set[str] = set()
        """Sids of those whose arrival was reported."""
        self._granted: set[str] = set()
        """Sids of those of whom the application has said what they may do; until then their token does."""
        events("room_started", self.describe(), None, None)

    def describe(self) -> RoomInfo:
        participants, publishers = self._count()
        return RoomInfo(
            sid=self._sid,
            name=self.name,
            empty_timeout=int(self.empty_s),
            departure_timeout=int(self.departure_s),
            max_participants=self.max_participants,
            creation_time=self._created_at_us // 1_000_000,
            creation_time_ms=self._created_at_us // 1_000,
            metadata=self.metadata,
            num_participants=participants,
            num_publishers=publishers,
            active_recording=self.recording,
        )

    # --- coming and going

    def admits(self, identity: str, *, resumes: bool) -> bool:
        """Whether somebody may come in now, or go on; each coming counts, and each resuming, for itself."""
        per_s = _RESUMES_PER_S if resumes else _COMINGS_PER_S
        comings = self._comings.setdefault((identity, resumes), Allowance(_COMINGS_AT_ONCE, per_s))
        if len(self._comings) > _MAX_COMINGS:
            del self._comings[next(iter(self._comings))]
        return comings.take(self._world.now_s())

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
        if self.peers.get(peer.identity) is peer:
            del self.peers[peer.identity]
        for publication in peer.publications.values():
            self.distribution.withdraw(publication)
            if publication.announced:
                self._events("track_unpublished", self.describe(), peer.describe(), publication.info)
        peer.close()
        peer.touch()
        self._forget(peer)
        self.changed(peer)
        if peer.sid in self._joined:
            self._joined.remove(peer.sid)
            self._events("participant_left", self.describe(), peer.describe(), None)
        self._empty_since_s = self._world.now_s()

    def _forget(self, peer: Peer) -> None:
        for kept in (self._late, self._late_audiences, self._speaking, self._pretended):
            kept.pop(peer.sid, None)
        self._granted.discard(peer.sid)

    def close(self, reason: DisconnectReason, action: LeaveRequest.Action) -> None:
        """Everybody out. All are told before the first one goes, so that nobody hears of the others' going."""
        for peer in self.peers.values():
            peer.leave(reason, action)
        for peer in list(self.peers.values()):
            self.remove(peer, reason, action)
        self._events("room_finished", self.describe(), None, None)

    def is_over(self) -> bool:
        """Whether it has been empty for so long that it can be forgotten."""
        patience_s = self.departure_s if self._was_used else self.empty_s
        return not self.peers and self._world.now_s() - self._empty_since_s > patience_s

    def catch_up(self, peer: Peer) -> None:
        """Tell a participant that comes back how things are now: it may have missed the news."""
        peer.send(SignalResponse(update=ParticipantUpdate(participants=[*self.others(peer), peer.describe()])))
        peer.send(SignalResponse(room_update=RoomUpdate(room=self.describe())))
        levels = ((other.sid, self._speaking.get(other.sid, 0.0)) for other in self.peers.values() if other is not peer)
        speakers = [SpeakerInfo(sid=sid, level=min(1.0, level), active=level > 0) for sid, level in levels]
        peer.send(SignalResponse(speakers_changed=SpeakersChanged(speakers=speakers)))
        peer.repeat()
        self.distribution.settle_receiver(peer)

    # --- telling

    def broadcast(self, response: SignalResponse, *, but: Peer | None = None) -> None:
        for peer in self.peers.values():
            if peer is not but:
                peer.send(response)

    def changed(self, peer: Peer) -> None:
        """Tell everybody, itself included, how a participant now is; a little later if that is often."""
        if not peer.closed and not peer.allowance.take(self._world.now_s()):
            self._late[peer.sid] = peer
            return
        self._late.pop(peer.sid, None)
        self._tell_of(peer)

    def _tell_of(self, peer: Peer) -> None:
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
        if recording == self.recording:
            return
        self.recording = recording
        for peer in self.peers.values():
            if (permission := self.permitted(peer)) != peer.permission:
                self._permit(peer, permission)
        self._tell_room()

    def _tell_room(self) -> None:
        self._counted = self._count()
        self._counted_at_s = self._world.now_s()
        self.broadcast(SignalResponse(room_update=RoomUpdate(room=self.describe())))

    # --- what participants report

    def media_up(self, peer: Peer) -> None:
        self.changed(peer)
        if peer.sid not in self._joined:
            self._joined.add(peer.sid)
            self._events("participant_joined", self.describe(), peer.describe(), None)
        self.distribution.settle_receiver(peer)

    def media_down(self, peer: Peer) -> None:
        self.remove(peer, DisconnectReason.MEDIA_FAILURE, LeaveRequest.RECONNECT)

    def track_added(self, peer: Peer, publication: Publication) -> None:
        peer.touch()
        self.changed(peer)
        self._events("track_published", self.describe(), peer.describe(), publication.info)
        self.distribution.announce(peer, publication)

    def track_removed(self, peer: Peer, publication: Publication) -> None:
        self.distribution.withdraw(publication)
        self.changed(peer)
        self._events("track_unpublished", self.describe(), peer.describe(), publication.info)

    def demand_changed(self, publication: Publication) -> None:
        if (found := self.distribution.find(publication.sid)) is not None:
            found[0].tell_demand(publication)

    # --- what participants ask for, or the application

    def now_s(self) -> float:
        """Monotonic."""
        return self._world.now_s()

    def wall_ms(self) -> int:
        """The time, in milliseconds since 1970."""
        return self._world.wall_us() // 1_000

    def set_profile(self, peer: Peer, name: str, metadata: str, attributes: Mapping[str, str]) -> None:
        """Raises Refused."""
        peer.set_profile(name, metadata, attributes)
        self.changed(peer)

    def set_audience(self, owner: Peer, audience: Audience) -> None:
        """A participant says who may have its tracks: effective at once, unless it changes its mind too often."""
        if owner.allowance.take(self._world.now_s()):
            self._late_audiences.pop(owner.sid, None)
            self.distribution.set_audience(owner, audience)
        else:
            self._late_audiences[owner.sid] = (owner, audience)

    def pretend_speech(self, peer: Peer, duration_s: float) -> None:
        """Show a participant as speaking for a while."""
        self._pretended[peer.sid] = self._world.now_s() + duration_s

    # --- rights

    def permitted(self, peer: Peer) -> Permission:
        """What a participant may do here: less than its token says while the room is recorded, if that takes a grant.
        A token may have been minted, or renewed, before its holder could be told of the recording."""
        if self.recorded_only_granted and self.recording and peer.sid not in self._granted:
            return replace(peer.permission, can_publish=False)
        return peer.permission

    def set_permission(self, peer: Peer, permission: Permission) -> None:
        """The application's word. Effective for the next packet."""
        self._granted.add(peer.sid)
        self._permit(peer, permission)

    def _permit(self, peer: Peer, permission: Permission) -> None:
        before = peer.permission
        peer.set_permission(permission)
        if permission.hidden and not before.hidden:
            self._tell_gone(peer)
        self.changed(peer)
        if permission.hidden != before.hidden:
            self.distribution.settle_publisher(peer)
        if permission.can_subscribe != before.can_subscribe:
            self.distribution.settle_receiver(peer)

    def _tell_gone(self, peer: Peer) -> None:
        """To others it is as if it had left."""
        gone = peer.describe()
        gone.state = ParticipantInfo.State.DISCONNECTED
        del gone.tracks[:]
        self.broadcast(SignalResponse(update=ParticipantUpdate(participants=[gone])), but=peer)

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

    def tick_changes(self) -> None:
        """Every 400 ms: tell what was put off, and how many there are."""
        late, self._late = self._late, {}
        for peer in late.values():
            self._tell_of(peer)
        audiences, self._late_audiences = self._late_audiences, {}
        for owner, audience in audiences.values():
            self.distribution.set_audience(owner, audience)
        if self._count() != self._counted and self._world.now_s() - self._counted_at_s >= _COUNT_PAUSE_S:
            self._tell_room()

    def _count(self) -> tuple[int, int]:
        """Participants whom others see, and the publishers among them."""
        visible = [peer for peer in self.peers.values() if not peer.permission.hidden]
        return len(visible), sum(bool(peer.publications) for peer in visible)

    def tick_quality(self) -> None:
        """Every 5 s."""
        self._quality.tick(self.peers)

    def tick_speakers(self) -> None:
        """Every 400 ms: tell who began, stopped, or is markedly louder or quieter."""
        changed: list[SpeakerInfo] = []
        for peer in self.peers.values():
            level = self._level(peer)
            before = self._speaking.get(peer.sid, 0.0)
            if (level > 0) == (before > 0) and abs(level - before) < 0.05:
                continue
            self._speaking[peer.sid] = level
            if not peer.permission.hidden:
                changed.append(SpeakerInfo(sid=peer.sid, level=min(1.0, level), active=level > 0))
        if changed:
            self.broadcast(SignalResponse(speakers_changed=SpeakersChanged(speakers=changed)))

    def _level(self, peer: Peer) -> float:
        sounds = [publication.up for publication in peer.publications.values() if publication.up.kind == "audio"]
        level = max((up.speech.close_window() for up in sounds), default=0.0)
        if peer.sid in self._pretended and self._pretended[peer.sid] <= self._world.now_s():
            del self._pretended[peer.sid]
        return _PRETENDED if peer.sid in self._pretended else level
