"""What is written in C, see `relay/native`. Each of these has its twin in Python, where it is described."""

from relay.forwarding.fan_out import fan_out as fan_out
from relay.forwarding.leg import Leg as Leg
from relay.transport.outlet import Outlet as Outlet
from relay.transport.srtp import GcmSender as GcmSender
from relay.transport.udp import UdpPort as UdpPort
from relay.wire.rtp import split as split

SOURCES: str

class GcmReceiver:
    """A `relay.transport.srtp.Receiver`; its twin is libsrtp."""

    def __init__(self, session_key: bytes, session_salt: bytes) -> None: ...
    def unprotect(self, datagram: bytes) -> bytes | None: ...
    def forget(self, ssrc: int) -> None: ...
