"""Where one receiver's stream stands: what is read and written for every run that goes to it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

from relay import native

if TYPE_CHECKING:
    from relay.forwarding.runs import Run, Shape

NOTHING: Final = -1


class Outlet(Protocol):
    """The way out to one receiver. It never blocks, and drops what it cannot send."""

    def send(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> None:
        """Encrypt and send one packet; `index` as in SRTP, the roll-over counter above the sequence number."""

    def send_run(self, run: "Run", leg: "Leg") -> None:
        """Number, encrypt and send the packets of a run."""


class Leg:
    """The numbers of one outgoing stream; `Remap` knows what they mean for each other."""

    __slots__ = (
        "first_ordinal", "follows", "index", "index_offset", "octets", "outlet", "packets", "paused", "picture_id",
        "picture_offset", "sent_at_us", "shapes", "ssrc", "timestamp", "timestamp_offset", "tl0", "tl0_offset",
    )  # fmt: skip

    def __init__(self, ssrc: int, index: int, outlet: Outlet) -> None:
        """`index` is a random number below 2**15."""
        self.ssrc = ssrc
        self.outlet = outlet
        self.shapes: Mapping[str, Shape] = {}
        """By codec: what the receiver knows the packets by."""
        self.paused = False
        """Nothing goes out for now."""
        self.follows = NOTHING
        """`Layer.source` of what goes on; none when the next packet has to be one that can be begun with."""
        self.first_ordinal = 0
        """The first incoming packet under the present offsets; older ones must not be sent any more."""
        self.index_offset = 0
        """Index less ordinal, the same for all packets under the present offsets: so no index is used twice. An index
        counts the packets of an SSRC. Its low 16 bits are the sequence number, the others the roll-over counter (RFC
        3711 §3.3.1)."""
        self.timestamp_offset = 0
        self.picture_offset = 0
        self.tl0_offset = 0
        self.index = index
        """The highest sent."""
        self.timestamp = 0
        self.sent_at_us = 0
        self.picture_id = NOTHING
        self.tl0 = NOTHING
        self.packets = 0
        self.octets = 0
        """Of payload, for sender reports."""


if native.FITS:
    import relay_native

    Leg = relay_native.Leg  # type: ignore[misc]
