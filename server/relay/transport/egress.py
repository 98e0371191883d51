"""The way out to one receiver, as those see it who send."""

from collections.abc import Iterator
from typing import Protocol


class Exit(Protocol):
    """The way out to one receiver."""

    def write(self, datagram: bytes | memoryview) -> None:
        """Send one datagram now, or drop it."""

    def write_burst(self, packets: memoryview, size_bytes: int) -> None:
        """Send datagrams that lie one behind another now, or drop them.

        Each is so long, the last may be shorter. At most 64 of them, and 65,000 bytes.
        """


def each(packets: memoryview, size_bytes: int) -> Iterator[memoryview]:
    """The datagrams of a burst, one by one."""
    for begin in range(0, len(packets), size_bytes):
        yield packets[begin : begin + size_bytes]
