"""Datagrams in and out of one socket, many by one call.

The kernel cuts a long send into datagrams of equal size (UDP_SEGMENT, "GSO") and walks its stack once for all of them.
Where that is refused, by the kernel or on the way to an address, they are sent one by one from then on. Linux before
4.18 does not refuse: it overlooks what it does not know and sends one long datagram in fragments, so it is asked first.
"""

import errno
import os
import socket
import time
from collections.abc import Callable
from struct import Struct
from typing import Final

from relay import native
from relay.transport.egress import each
from relay.transport.sockets import SO_TIMESTAMPNS, Address

_BATCH: Final = 64
"""Datagrams read at once, so that timers and signalling get their turn under a flood."""
_MAX_DATAGRAM: Final = 2048
_ANCILLARY: Final = 64
_TIMESPEC: Final = Struct("@qq")
_UDP_SEGMENT: Final = 103
_SIZE: Final = Struct("@H")
_REFUSALS: Final = frozenset(
    {errno.EIO, errno.EINVAL, errno.EMSGSIZE, errno.ENOPROTOOPT, errno.EOPNOTSUPP, errno.EPROTO}
)
"""No segmentation: not known, not by this interface (no checksums in hardware), or packets too long for the route."""


class UdpPort:
    """A bound socket, and what is counted on it."""

    def __init__(self, one: socket.socket, on_refused: Callable[[OSError], None]) -> None:
        """`on_refused` is told the first time that segmentation is refused."""
        self._socket: Final = one
        self._on_refused: Final = on_refused
        self.received = self.received_bytes = 0
        self.sent = self.sent_bytes = 0
        self.unsent = 0
        """Datagrams the socket refused."""
        self.unsegmented = 0
        """Addresses that segmentation was refused for."""
        self.segments: Final = _segments(one)

    def receive(self) -> list[tuple[bytes, Address, int]]:
        """What has arrived: datagrams, from where, and when the kernel received them, microseconds since 1970."""
        read: list[tuple[bytes, Address, int]] = []
        receive = self._socket.recvmsg
        for _ in range(_BATCH):
            try:
                datagram, ancillary, _, source = receive(_MAX_DATAGRAM, _ANCILLARY)
            except OSError:
                break
            if datagram:
                self.received += 1
                self.received_bytes += len(datagram)
                read.append((datagram, source, _received_at_us(ancillary)))
        return read

    def writer(self, address: Address) -> "UdpWriter":
        return UdpWriter(self, self._socket, address)

    def close(self) -> None:
        """Nothing is sent any more; the socket is closed by who owns it."""

    def refused(self, error: OSError) -> None:
        """By the network, for another address."""
        self.unsegmented += 1
        if self.unsegmented == 1:
            self._on_refused(error)


class UdpWriter:
    """An `Exit` to one address; what cannot be sent at once is lost, as if by the network."""

    __slots__ = ("_address", "_port", "_segments", "_sendmsg", "_sendto")

    def __init__(self, port: UdpPort, one: socket.socket, address: Address) -> None:
        self._port: Final = port
        self._sendto: Final = one.sendto
        self._sendmsg: Final = one.sendmsg
        self._address: Final = address
        self._segments = True

    def write(self, datagram: bytes | memoryview) -> None:
        port = self._port
        try:
            self._sendto(datagram, self._address)
        except OSError:
            port.unsent += 1
        else:
            port.sent += 1
            port.sent_bytes += len(datagram)

    def write_burst(self, packets: memoryview, size_bytes: int) -> None:
        total = len(packets)
        if total <= size_bytes:
            self.write(packets)
        elif not self._segments or not self._write_segmented(packets, size_bytes):
            for packet in each(packets, size_bytes):
                self.write(packet)

    def _write_segmented(self, packets: memoryview, size_bytes: int) -> bool:
        """False when segmentation is refused."""
        port, count = self._port, -(-len(packets) // size_bytes)
        segment = (socket.IPPROTO_UDP, _UDP_SEGMENT, _SIZE.pack(size_bytes))
        try:
            if not port.segments:
                raise OSError(errno.ENOPROTOOPT, os.strerror(errno.ENOPROTOOPT))
            self._sendmsg((packets,), [segment], 0, self._address)
        except OSError as error:
            if error.errno in _REFUSALS:
                self._segments = False
                port.refused(error)
                return False
            port.unsent += count
        else:
            port.sent += count
            port.sent_bytes += len(packets)
        return True


def _segments(one: socket.socket) -> bool:
    """Whether the kernel knows how to."""
    try:
        one.getsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT)
    except OSError:
        return False
    return True


def _received_at_us(ancillary: list[tuple[int, int, bytes]]) -> int:
    """When the kernel received it: a busy process must not look like a slow network."""
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(value) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(value)
            return int(seconds * 1_000_000 + nanoseconds // 1000)
    return time.time_ns() // 1000


UdpPortInPython = UdpPort

if native.FITS:
    import relay_native

    UdpPort = relay_native.UdpPort  # type: ignore[misc]
