"""Datagrams to one address, many by one call.

The kernel cuts a long send into datagrams of equal size (UDP_SEGMENT, "GSO") and walks its stack once for all of them.
Where that is refused, by the kernel or on the way to this address, they are sent one by one from then on.
"""

import errno
import logging
import socket
from collections.abc import Iterator
from struct import Struct
from typing import Final, Protocol

from relay.transport.sockets import Address

_log: Final = logging.getLogger(__name__)
_UDP_SEGMENT: Final = 103
_SIZE: Final = Struct("@H")
_REFUSALS: Final = frozenset(
    {errno.EIO, errno.EINVAL, errno.EMSGSIZE, errno.ENOPROTOOPT, errno.EOPNOTSUPP, errno.EPROTO}
)
"""No segmentation: not known, not by this interface (no checksums in hardware), or packets too long for the route."""


class Exit(Protocol):
    """The way out to one receiver."""

    def write(self, datagram: bytes | memoryview) -> None:
        """Send one datagram now, or drop it."""

    def write_burst(self, packets: memoryview, size_bytes: int) -> None:
        """Send datagrams that lie one behind another now, or drop them.

        Each is so long, the last may be shorter. At most 64 of them, and 65,000 bytes.
        """


class Tally(Protocol):
    """What is counted; of all writers of a door together."""

    sent: int
    sent_bytes: int
    unsent: int
    """Datagrams the socket refused."""
    unsegmented: int
    """Addresses that segmentation was refused for."""


class UdpWriter:
    """Sends to one address from one socket; what cannot be sent at once is lost, as if by the network."""

    __slots__ = ("_address", "_segments", "_sendmsg", "_sendto", "_tally")

    def __init__(self, one: socket.socket, address: Address, tally: Tally) -> None:
        self._sendto: Final = one.sendto
        self._sendmsg: Final = one.sendmsg
        self._address: Final = address
        self._tally: Final = tally
        self._segments = True

    def write(self, datagram: bytes | memoryview) -> None:
        tally = self._tally
        try:
            self._sendto(datagram, self._address)
        except OSError:
            tally.unsent += 1
        else:
            tally.sent += 1
            tally.sent_bytes += len(datagram)

    def write_burst(self, packets: memoryview, size_bytes: int) -> None:
        total = len(packets)
        tally = self._tally
        try:
            if total <= size_bytes:
                self._sendto(packets, self._address)
            elif self._segments:
                self._sendmsg(
                    (packets,), [(socket.IPPROTO_UDP, _UDP_SEGMENT, _SIZE.pack(size_bytes))], 0, self._address
                )
            else:
                self._write_each(packets, size_bytes)
                return
        except OSError as error:
            if total > size_bytes and error.errno in _REFUSALS:
                self._refused(error)
                self._write_each(packets, size_bytes)
            else:
                tally.unsent += -(-total // size_bytes)
        else:
            tally.sent += -(-total // size_bytes)
            tally.sent_bytes += total

    def _refused(self, error: OSError) -> None:
        self._segments = False
        if not self._tally.unsegmented:
            _log.warning("datagrams are sent one by one where segmentation is refused: %s", error)
        self._tally.unsegmented += 1

    def _write_each(self, packets: memoryview, size_bytes: int) -> None:
        for packet in each(packets, size_bytes):
            self.write(packet)


def each(packets: memoryview, size_bytes: int) -> Iterator[memoryview]:
    """The datagrams of a burst, one by one."""
    for begin in range(0, len(packets), size_bytes):
        yield packets[begin : begin + size_bytes]
