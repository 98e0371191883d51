"""What a participant may do in a room."""

from dataclasses import dataclass

from livekit.protocol.models import ParticipantPermission, TrackSource


@dataclass(frozen=True, slots=True)
class Permission:
    """Rights as a token grants them; the application may change them at any time."""

    can_publish: bool = True
    can_subscribe: bool = True
    can_publish_data: bool = True
    can_update_metadata: bool = False
    hidden: bool = False
    """Others do not see it (a recorder)."""
    recorder: bool = False
    sources: frozenset[int] = frozenset()
    """Track sources (LiveKit's TrackSource) it may publish; empty means any, if it may publish at all."""

    def may_publish(self, source: int) -> bool:
        return self.can_publish and (not self.sources or source in self.sources)

    def to_proto(self) -> ParticipantPermission:
        return ParticipantPermission(
            can_subscribe=self.can_subscribe,
            can_publish=self.can_publish,
            can_publish_data=self.can_publish_data,
            can_publish_sources=[TrackSource.Name(source) for source in sorted(self.sources)],
            hidden=self.hidden,
            recorder=self.recorder,
            can_update_metadata=self.can_update_metadata,
        )

    @classmethod
    def from_proto(cls, permission: ParticipantPermission) -> "Permission":
        return cls(
            can_publish=permission.can_publish,
            can_subscribe=permission.can_subscribe,
            can_publish_data=permission.can_publish_data,
            can_update_metadata=permission.can_update_metadata,
            hidden=permission.hidden,
            recorder=permission.recorder,
            sources=frozenset(permission.can_publish_sources),
        )
