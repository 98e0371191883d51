"""What rooms need from the outside: a link that carries media, and an outbox that carries signals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from livekit.protocol.rtc import SignalResponse

from relay.forwarding.forwarder import Flush
from relay.forwarding.leg import Outlet
from relay.rooms.permission import Permission
from relay.tokens import Claims
from relay.wire.sdp import Credentials, Fingerprint


class LinkListener(Protocol):
    """What a link tells the participant it belongs to; called from the reader, so nothing here may block."""

    def on_up(self) -> None:
        """DTLS is done; packets can be sent."""

    def on_down(self) -> None:
        """The other side closed the association, or its certificate was not the announced one. Told once."""

    def admits(self, packet: bytes) -> bool:
        """Whether a packet (still encrypted, of an SSRC not yet admitted) belongs to a negotiated stream."""

    def on_rtp(self, packet: bytes, at_us: int) -> None:
        """A decrypted, authentic packet; `at_us` is when the kernel received it."""

    def on_rtcp(self, compound: bytes, at_us: int) -> None:
        """A decrypted, authentic RTCP compound."""


class Link(Protocol):
    """A client's way in: ICE credentials, then DTLS, then media."""

    @property
    def credentials(self) -> Credentials:
        """What an answer says about us."""

    @property
    def up(self) -> bool:
        """Whether packets can be sent."""

    @property
    def outlet(self) -> Outlet:
        """For media; nothing is sent before the association is up."""

    def silent_s(self) -> float:
        """Seconds since the client last proved that it is there."""

    def start(self, peer: Fingerprint) -> None:
        """Accept a DTLS association from the holder of this certificate; once per link."""

    def restart(self) -> None:
        """New ICE credentials (RFC 8445 §9); the old ones are good for a few more seconds."""

    def send_rtcp(self, compound: bytes) -> None:
        """Encrypt and send."""

    def defer(self, flush: Flush) -> None:
        """Call it once everything is read that has arrived by now."""

    def forget(self, ssrc: int) -> None:
        """A stream of the client ended; its SSRC must be admitted anew."""

    def end(self, ssrc: int) -> None:
        """A stream of ours ended; nothing is sent under its SSRC any more."""

    def close(self) -> None:
        """Idempotent."""


OpenLink = Callable[[LinkListener], Link]


class Outbox(Protocol):
    """The signalling connection of one participant."""

    def put(self, response: SignalResponse) -> None:
        """Queue a message; a client that does not read is cut off rather than waited for."""

    def close(self) -> None:
        """Send what is queued, then close the connection."""


@dataclass(frozen=True, slots=True)
class World:
    """Time, chance and ids."""

    now_s: Callable[[], float]
    """Monotonic."""
    wall_us: Callable[[], int]
    """Microseconds since 1970, the clock of packet arrivals."""
    new_sid: Callable[[str], str]
    """A fresh id behind a LiveKit prefix: PA participant, TR track, RM room."""
    random_bits: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every participant of a relay shares."""

    open_link: OpenLink
    world: World
    limits: "Limits"
    renew: Callable[[Claims, Permission], str]
    """A token with which a participant can come back after a failure, as who it is and with the rights it has now."""
    simulations: bool = False
    """Whether a client may have failures simulated, for tests."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a participant can make grow, and how far."""

    tracks: int
    sdp_bytes: int
    sections: int
    metadata_bytes: int = 65_536
    """Of metadata, and of attributes, each."""
