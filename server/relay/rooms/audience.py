"""Who may subscribe to a participant's tracks, by its own word."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from livekit.protocol.rtc import SubscriptionPermission


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody, until its owner says otherwise."""

    everybody: bool = True
    _tracks: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    """Identity or sid of a participant -> the tracks it may have, None for all of them."""

    def allows(self, identity: str, sid: str, track_sid: str) -> bool:
        """Whether this participant may have this track."""
        if self.everybody:
            return True
        for name in (identity, sid):
            if name in self._tracks:
                tracks = self._tracks[name]
                return tracks is None or track_sid in tracks
        return False

    @classmethod
    def from_proto(cls, permission: SubscriptionPermission) -> "Audience":
        return cls(
            everybody=permission.all_participants,
            _tracks={
                one.participant_identity or one.participant_sid: None if one.all_tracks else frozenset(one.track_sids)
                for one in permission.track_permissions
            },
        )


def entries(permission: SubscriptionPermission) -> int:
    """How much a client asks us to remember."""
    return sum(1 + len(one.track_sids) for one in permission.track_permissions)
