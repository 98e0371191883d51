"""What every kind of client is to the measurement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.bench.relaying.content import Source, transport_numbers
from tests.bench.relaying.line import Line
from tests.bench.relaying.loads import Load


@dataclass(eq=False)
class Publishing:
    """A line and the streams that go out on it."""

    line: Line
    sources: list[Source]
    _numbers: Iterator[int] = field(default_factory=transport_numbers)

    def send(self, source: Source) -> int:
        """One frame of it; how many packets that was."""
        sent = 0
        for packet in source.burst(self._numbers):
            self.line.send_rtp(packet)
            sent += 1
        return sent

    def report(self) -> None:
        """Map the timestamps of all its streams to the wall clock."""
        for source in self.sources:
            if source.packets:
                self.line.send_rtcp(source.sender_report())


class NotApplicable(Exception):
    """A server cannot be asked for this load; the message says why."""


class Participant(Protocol):
    """Somebody in the room."""

    publishing: Publishing | None
    lines: list[Line]
    """All of theirs: a server may want one for each direction."""

    async def run(self) -> None:
        """Join, publish, and be there until cancelled."""

    async def watch(self, publishers: Sequence[str], large: str) -> None:
        """Receive these, the large one at its best and the others small, if there is a choice; called when they are up.

        Returns when it was asked for; what arrives shows whether it was granted.
        """


class Server(Protocol):
    """A running server."""

    pid: int
    """Of the process that forwards packets; its threads are counted with it, its children are not."""
    forwards: bool
    """Whether it sends on what it gets, packet by packet, so that both can be counted against one another."""
    remark: str
    """What readers of its figures must know."""

    def participant(self, identity: str, load: Load, *, publishes: bool) -> Participant:
        """Somebody who will come to the one room of this load."""

    async def loop_lag(self) -> dict[float, float] | None:
        """How often its event loop was how late so far: bound in seconds -> how many were not later; None unknown."""
