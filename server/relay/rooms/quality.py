"""Tells participants how good their own lines are, and those of the people they receive."""

from collections.abc import Mapping
from typing import Final

from livekit.protocol.rtc import ConnectionQualityInfo, ConnectionQualityUpdate, SignalResponse

from relay.forwarding.quality import Quality, grade, rating
from relay.rooms.peer import Peer

_LOST_S: Final = 12.0
"""A client proves that it is there each 2.5 s or so; after so many absent proofs others are told that it is lost."""


class QualityReports:
    """What was told in one room."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], Quality] = {}
        """(who was told, about whom), by sid."""

    def tick(self, peers: Mapping[str, Peer]) -> None:
        """Every 5 s: tell what changed."""
        active = {peer.sid: peer for peer in peers.values() if peer.active}
        ratings = {sid: _rate(peer) for sid, peer in active.items()}
        told: dict[tuple[str, str], Quality] = {}
        for sid, peer in active.items():
            about = {sid, *(owner for owner in peer.subscriptions.owners() if owner in ratings)}
            changed = ConnectionQualityUpdate()
            for other in about:
                value = ratings[other]
                quality = told[sid, other] = _quality(active[other], value, itself=other == sid)
                if self._told.get((sid, other)) is not quality:
                    changed.updates.append(
                        ConnectionQualityInfo(participant_sid=other, quality=quality.name, score=value / 20)
                    )
            if changed.updates:
                peer.send(SignalResponse(connection_quality=changed))
        self._told = told


def _rate(peer: Peer) -> float:
    """The worse of its two directions."""
    down = rating(peer.downlink.arrival.take(), peer.downlink.shortfalls())
    sent = peer.publishing.arrival.take()
    sent.round_trip_s = peer.downlink.arrival.round_trip_s
    return min(down, rating(sent, peer.publishing.shortfalls()))


def _quality(peer: Peer, value: float, *, itself: bool) -> Quality:
    """Nobody is told to be lost itself: browsers answer that with a new connection, and they know better than we."""
    if peer.link.silent_s() > _LOST_S:
        return Quality.POOR if itself else Quality.LOST
    return grade(value)
