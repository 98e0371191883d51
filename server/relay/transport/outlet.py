"""The way out to one client: how its packets are encrypted, and where they go."""

from relay import native
from relay.forwarding.leg import Leg
from relay.forwarding.runs import Run
from relay.transport.egress import Exit
from relay.transport.srtp import Sender


class Outlet:
    """See `forwarding.leg.Outlet`. Nothing is sent before both are known."""

    __slots__ = ("sender", "way_out")

    def __init__(self) -> None:
        self.sender: Sender | None = None
        self.way_out: Exit | None = None

    def send(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> None:
        if self.sender is not None and self.way_out is not None:
            self.way_out.write(self.sender.protect(ssrc, index, header, payload))

    def send_run(self, run: Run, leg: Leg) -> None:
        if self.sender is not None and self.way_out is not None:
            self.sender.send_run(run, leg, self.way_out)


if native.FITS:
    import relay_native

    Outlet = relay_native.Outlet  # type: ignore[misc]
