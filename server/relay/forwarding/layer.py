"""One incoming stream of a track: what came of it, what is kept of it, and whether it still comes."""

from dataclasses import dataclass, field

from relay.forwarding.cache import Forwarded, PacketCache
from relay.forwarding.reception import Reception
from relay.forwarding.selector import ALIVE_US


@dataclass(slots=True, eq=False)
class Layer:
    """One incoming stream of a track."""

    ssrc: int
    number: int
    """0 for the lowest simulcast layer, or for the only stream."""
    source: int
    """Tells the streams of a track apart, also two that came under one SSRC after each other: each counts anew."""
    reception: Reception
    cache: PacketCache = field(default_factory=PacketCache)
    forwarded: Forwarded = field(default_factory=Forwarded)
    watched: bool = False
    """Whether anybody is on it or moves to it."""
    heard_at_us: int = 0
    asked_at_us: int = 0
    """When its publisher was last asked for a key frame."""

    def is_alive(self, now_us: int) -> bool:
        """Whether it is being sent at present."""
        return now_us - self.heard_at_us < ALIVE_US
