"""The inner loop of the relay: what is done for each receiver whose stream goes on where it ended."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from relay import native
from relay.forwarding.remap import Remap
from relay.forwarding.runs import Run

OnError = Callable[[Exception], None]


class Receiver(Protocol):
    """Who may be given a run."""

    @property
    def leg(self) -> Remap: ...


R = TypeVar("R", bound=Receiver)


def fan_out(run: Run, receivers: Sequence[R], on_error: OnError) -> list[R]:
    """Send a run to all whose stream it continues. Returns the others, for whom nothing was done.

    What goes wrong for one receiver is told and does not stop the others.
    """
    batch, shape = run.batch, run.shape
    newest = batch.newest
    others = []
    for receiver in receivers:
        leg = receiver.leg
        if leg.paused:
            continue
        if (
            leg.follows != batch.source
            or batch.lowest < leg.first_ordinal
            or leg.shapes.get(batch.codec) is not shape
            or (leg.picture_offset, leg.tl0_offset) != (run.picture_offset, run.tl0_offset)
        ):
            others.append(receiver)
            continue
        leg.advance(newest.ordinal, newest.timestamp, newest.at_us, newest.reading.pictures)
        leg.packets += run.count
        leg.octets += run.octets
        try:
            leg.outlet.send_run(run, leg)
        except Exception as error:  # on_error logs the traceback
            on_error(error)
    return others


fan_out_in_python = fan_out

if native.FITS:
    import relay_native

    fan_out = relay_native.fan_out
