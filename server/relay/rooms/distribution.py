"""Who in a room gets which track.

A track flows to a participant when both sides and the application agree: it is announced, its publisher is visible and
admits the receiver, the receiver may subscribe and wants it, and the application does not withhold it. Whatever of that
changes, `settle` makes the one subscription concerned as it should be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from livekit.protocol.models import SubscriptionError
from livekit.protocol.rtc import (
    SignalResponse,
    SubscriptionPermissionUpdate,
    SubscriptionResponse,
    TrackSubscribed,
)

from relay.rooms.audience import Audience
from relay.rooms.peer import Peer
from relay.rooms.publication import Publication
from relay.rooms.wishes import Setting

_MAX_ANSWERS: Final = 100
"""Refusals in answer to one list of tracks; a client that is told of a hundred knows."""


class Distribution:
    """The subscriptions of one room."""

    def __init__(self, peers: Mapping[str, Peer]) -> None:
        """`peers` are the room's, by identity, and stay its own."""
        self._peers = peers
        self._tracks: dict[str, tuple[Peer, Publication]] = {}
        """The announced ones."""

    def find(self, track_sid: str) -> tuple[Peer, Publication] | None:
        """An announced track and its publisher."""
        return self._tracks.get(track_sid)

    def announce(self, owner: Peer, publication: Publication) -> None:
        """A new track, for everybody who is to have it."""
        self._tracks[publication.sid] = (owner, publication)
        for peer in self._peers.values():
            self._introduce(peer, owner, publication)
            peer.ask_sections()

    def withdraw(self, publication: Publication) -> None:
        """The track is gone, and so is every wish about it."""
        self._tracks.pop(publication.sid, None)
        for peer in self._peers.values():
            peer.subscriptions.remove(publication.sid)
            peer.wishes.forget(publication.sid)

    # --- making it so

    def settle(self, peer: Peer, owner: Peer, publication: Publication) -> None:
        """Begin or end one subscription, if it is not as it should be. Idempotent; `peer.ask_sections` is to follow."""
        sid = publication.sid
        has = sid in peer.subscriptions
        if self._may_have(peer, owner, publication) and peer.wishes.wants(sid):
            if not has:
                peer.subscribe(owner, publication)
                self._note_first(owner, publication)
        elif has:
            peer.unsubscribe(sid)
            owner.tell_demand(publication)

    def _may_have(self, peer: Peer, owner: Peer, publication: Publication) -> bool:
        return (
            peer is not owner
            and peer.active
            and peer.permission.can_subscribe
            and publication.sid in self._tracks
            and not owner.permission.hidden
            and owner.audience.allows(peer.identity, peer.sid, publication.sid)
        )

    def _note_first(self, owner: Peer, publication: Publication) -> None:
        """Tell a publisher once that there is somebody to send to."""
        if not publication.was_subscribed:
            publication.was_subscribed = True
            owner.send(SignalResponse(track_subscribed=TrackSubscribed(track_sid=publication.sid)))

    def settle_receiver(self, peer: Peer) -> None:
        """All tracks of the room on their way to one participant."""
        for owner, publication in self._tracks.values():
            self._introduce(peer, owner, publication)
        peer.ask_sections()

    def _introduce(self, peer: Peer, owner: Peer, publication: Publication) -> None:
        """Settle for the first time; who would have the track but may not is told, or it would wait for it."""
        self.settle(peer, owner, publication)
        admitted = owner.audience.allows(peer.identity, peer.sid, publication.sid)
        if peer is not owner and not owner.permission.hidden and not admitted and peer.wishes.wants(publication.sid):
            self._tell_admission(peer, owner, publication, allowed=False)

    def _tell_admission(self, peer: Peer, owner: Peer, publication: Publication, *, allowed: bool) -> None:
        update = SubscriptionPermissionUpdate(participant_sid=owner.sid, track_sid=publication.sid, allowed=allowed)
        peer.send(SignalResponse(subscription_permission_update=update))

    def settle_publisher(self, owner: Peer) -> None:
        """All tracks of one participant."""
        for peer in self._peers.values():
            for publication in owner.publications.values():
                self.settle(peer, owner, publication)
            peer.ask_sections()

    # --- what changes it

    def want(self, peer: Peer, track_sids: Iterable[str], *, wanted: bool) -> None:
        """A participant asks for tracks, or wants them no longer. It is told which it cannot have."""
        answers = 0
        for sid in dict.fromkeys(track_sids):
            found = self._tracks.get(sid)
            if found is not None:
                peer.wishes.want(sid, wanted=wanted)
                self.settle(peer, *found)
            waits = found is not None and not peer.active
            if wanted and sid not in peer.subscriptions and not waits and answers < _MAX_ANSWERS:
                answers += 1
                self._refuse(peer, sid, found)
        peer.ask_sections()

    def _refuse(self, peer: Peer, sid: str, found: tuple[Peer, Publication] | None) -> None:
        if found is None or found[0].permission.hidden:
            refusal = SubscriptionResponse(track_sid=sid, err=SubscriptionError.SE_TRACK_NOTFOUND)
        else:
            # There is no better word for what is not allowed; this one makes the client show it as such.
            self._tell_admission(peer, *found, allowed=False)
            refusal = SubscriptionResponse(track_sid=sid, err=SubscriptionError.SE_UNKNOWN)
        peer.send(SignalResponse(subscription_response=refusal))

    def rule(self, peer: Peer, track_sids: Iterable[str], *, granted: bool) -> None:
        """The application says what a participant gets. What it withholds stays withheld until it says otherwise."""
        for sid in dict.fromkeys(track_sids):
            found = self._tracks.get(sid)
            if found is not None:
                peer.wishes.rule(sid, granted=granted)
                self.settle(peer, *found)
        peer.ask_sections()

    def set_setting(self, peer: Peer, track_sids: Iterable[str], setting: Setting) -> None:
        """How a participant shows tracks from now on; also kept for those it does not have yet."""
        for sid in dict.fromkeys(track_sids):
            found = self._tracks.get(sid)
            if found is not None:
                peer.show(sid, setting)
                found[0].tell_demand(found[1])

    def disable(self, peer: Peer, track_sids: Iterable[str]) -> None:
        """Tracks that a participant has and does not show."""
        for sid in dict.fromkeys(track_sids):
            self.set_setting(peer, [sid], replace(peer.wishes.setting(sid), disabled=True))

    def set_audience(self, owner: Peer, audience: Audience) -> None:
        """A participant says who may have its tracks: those who may not lose them at once."""
        before, owner.audience = owner.audience, audience
        for peer in self._peers.values():
            for publication in owner.publications.values() if peer is not owner else ():
                sid = publication.sid
                allowed = audience.allows(peer.identity, peer.sid, sid)
                if allowed != before.allows(peer.identity, peer.sid, sid):
                    self._tell_admission(peer, owner, publication, allowed=allowed)
                    self.settle(peer, owner, publication)
            peer.ask_sections()
