"""ICE over TCP: length-prefixed frames on connections that clients open. Source: RFC 6544, RFC 4571."""

import asyncio
import socket
import time
from typing import Final, Protocol, cast

from relay.transport.budgets import Probation, SourceBudgets
from relay.transport.egress import each
from relay.transport.link import Link, Path

MAX_UNPROVED: Final = 256
"""A whole office may come from one address at once; a connection is proved after one round trip. A stranger's many
make room for others', see `Probation`."""
_PROOF_S: Final = 5.0
"""A connection that has not passed a binding check by then is closed."""
_PER_S: Final = 20.0
_BURST: Final = 200.0
"""New connections of one part of the network."""
_MAX_FRAME: Final = 2048
_BACKLOG_BYTES: Final = 1 << 17
"""Above this, media for a slow client is dropped, newest first: what is in the buffer cannot be taken back. A second of
a picture; the kernel keeps as much again."""


class Checker(Protocol):
    """What the front door does with a frame that may be a binding check."""

    def accept(self, datagram: bytes, path: Path, at_us: int) -> tuple[Link, bytes] | None:
        """Whose check it was, and the answer; None unless it was proved."""

    def flush(self) -> None:
        """Everything read so far was accepted."""

    def count_refused(self) -> None: ...


class TcpDoor:
    """The listening sockets and what is connected."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._unproved: Probation[Connection] = Probation(MAX_UNPROVED)
        self._sources = SourceBudgets(_PER_S, _BURST)
        self.received = self.received_bytes = self.sent = self.sent_bytes = 0
        """Frames."""
        self.unsent = self.unsegmented = 0

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def listen(self, sockets: tuple[socket.socket, ...]) -> None:
        """The sockets are closed with the door."""
        loop = asyncio.get_running_loop()
        for one in sockets:
            self._servers.append(await loop.create_server(lambda: Connection(self), sock=one))

    def close(self) -> None:
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.abort()

    def opened(self, connection: "Connection", host: str) -> bool:
        """Whether it may try to prove itself; another may have to go for it."""
        if not self._sources.take(host, time.monotonic()):
            self.checker.count_refused()
            return False
        ousted = self._unproved.add(host, connection)
        self._connections.add(connection)
        if ousted is not None:
            self.checker.count_refused()
            ousted.abort()
        asyncio.get_running_loop().call_later(_PROOF_S, self._expel, connection)
        return True

    def proved(self, connection: "Connection") -> None:
        self._unproved.remove(connection.path.address[0], connection)

    def closed(self, connection: "Connection") -> None:
        self.proved(connection)
        self._connections.discard(connection)

    def _expel(self, connection: "Connection") -> None:
        if self._unproved.remove(connection.path.address[0], connection):
            connection.abort()


class Connection(asyncio.Protocol):
    """One TCP connection; what is on it before a proved check ends it."""

    def __init__(self, door: TcpDoor) -> None:
        self._door = door
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._link: Link | None = None
        self.path = Path(("0.0.0.0", 0), self, self.abort)  # noqa: S104  # unknown until connected

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)  # other loops have types of their own
        self.path.address = transport.get_extra_info("peername")
        # What the kernel takes beyond what is on its way waits there as it would here.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _BACKLOG_BYTES)
        if not self._door.opened(self, self.path.address[0]):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._take_frames(data)
        finally:
            self._door.checker.flush()

    def _take_frames(self, data: bytes) -> None:
        self._buffer += data
        begin = 0
        while len(self._buffer) >= begin + 2:
            length = self._buffer[begin] << 8 | self._buffer[begin + 1]
            if not 0 < length <= _MAX_FRAME:
                self.abort()
                return
            end = begin + 2 + length
            if end > len(self._buffer):
                break
            if not self._take(bytes(self._buffer[begin + 2 : end])):
                self.abort()
                return
            begin = end
        del self._buffer[:begin]

    def _take(self, frame: bytes) -> bool:
        """Whether the connection may go on."""
        at_us = time.time_ns() // 1000
        self._door.received += 1
        self._door.received_bytes += len(frame)
        if frame[0] > 3:
            if self._link is not None:
                self._link.receive(frame, at_us)
            return self._link is not None
        accepted = self._door.checker.accept(frame, self.path, at_us)
        if accepted is not None:
            self._link, answer = accepted
            self._door.proved(self)
            self.write(answer)
        return self._link is not None

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.closed(self)
        if self._link is not None:
            self._link.path_lost(self.path)
        self._buffer.clear()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def write(self, frame: bytes | memoryview) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() < _BACKLOG_BYTES:
            transport.write(len(frame).to_bytes(2, "big") + bytes(frame))
            self._door.sent += 1
            self._door.sent_bytes += len(frame)

    def write_burst(self, packets: memoryview, size_bytes: int) -> None:
        for packet in each(packets, size_bytes):
            self.write(packet)
