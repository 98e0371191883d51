"""The sockets, and who gets what arrives on them.

Strangers are answered with silence: a datagram is looked at only if it is a binding check for a fragment we issued, or
comes from an address that passed such a check. Source: RFC 7983 (demultiplexing), RFC 6544 and RFC 4571 (TCP).
"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from struct import Struct
from typing import Final

from relay.rooms.ports import LinkListener
from relay.transport.dtls import Certificate
from relay.transport.link import Front, Link, Path
from relay.wire import Malformed, stun

_log: Final = logging.getLogger(__name__)
_BATCH: Final = 64
"""Datagrams read per wake-up, so that timers and signalling get their turn under a flood."""
_MAX_DATAGRAM: Final = 2048
_SOCKET_BUFFER: Final = 4 << 20
_SO_TIMESTAMPNS: Final = 35
_ANCILLARY: Final = 64
_TIMESPEC: Final = Struct("@qq")
_PORT_ATTEMPTS: Final = 20
_RETIRE_S: Final = 5.0
_TCP_PROOF_S: Final = 5.0
"""A TCP connection that has not passed a binding check by then is closed."""
_MAX_UNPROVED: Final = 128
_TCP_BACKLOG_BYTES: Final = 1 << 20
"""Above this, media for a slow TCP client is dropped, newest first: what is in the buffer cannot be taken back."""


class FrontDoor(Front):
    """Owns the sockets. `open` a link per participant; `close` ends everything."""

    def __init__(self, host: str, port: int, addresses: tuple[str, ...], transports: frozenset[str]) -> None:
        """Binds at once, so that a taken port is known at start; `addresses` are what clients are told."""
        self.certificate = Certificate()
        self.received = self.sent = self.strangers = self.unsent = 0
        self._links: dict[str, Link] = {}
        self._by_address: dict[tuple[str, int], tuple[Link, Path]] = {}
        self._unproved: set[_TcpConnection] = set()
        self._complained_at_s = 0.0
        self._tcp: asyncio.Server | None = None
        self._connections: set[_TcpConnection] = set()
        self._socket, self._listener = _bind(host, port)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.port: int = self._socket.getsockname()[1]
        self.candidates = tuple(_candidates(addresses, self.port, transports))
        self._transports = transports

    async def start(self) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket.fileno(), self._readable)
        if "tcp" in self._transports:
            self._tcp = await loop.create_server(lambda: _TcpConnection(self), sock=self._listener)

    def close(self) -> None:
        """Stop listening and drop every connection; links were closed before."""
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        if self._tcp is not None:
            self._tcp.close()
        else:
            self._listener.close()
        for connection in list(self._connections):
            connection.abort()

    def open(self, listener: LinkListener) -> Link:
        return Link(self, listener)

    # --- what links ask for

    def claim(self, ufrag: str, link: Link) -> None:
        self._links[ufrag] = link

    def retire(self, ufrag: str, *, at_once: bool) -> None:
        if at_once:
            self._links.pop(ufrag, None)
        else:
            asyncio.get_running_loop().call_later(_RETIRE_S, self._expire, ufrag)

    def _expire(self, ufrag: str) -> None:
        link = self._links.pop(ufrag, None)
        if link is not None:
            link.expire(ufrag)

    def lose(self, path: Path) -> None:
        self._by_address.pop(path.address, None)
        for connection in list(self._connections):
            if connection.path is path:
                connection.abort()

    # --- UDP

    def _readable(self) -> None:
        receive = self._socket.recvmsg
        for _ in range(_BATCH):
            try:
                datagram, ancillary, _, source = receive(_MAX_DATAGRAM, _ANCILLARY)
            except (BlockingIOError, OSError):
                return
            if not datagram:
                continue
            self.received += 1
            try:
                self._received(datagram, source[:2], _received_at_us(ancillary))
            except Exception:
                self._complain()

    def _received(self, datagram: bytes, address: tuple[str, int], at_us: int) -> None:
        if datagram[0] <= 3:
            self._check(datagram, address, at_us)
        elif (known := self._by_address.get(address)) is not None:
            known[0].receive(datagram, at_us)
        else:
            self.strangers += 1

    def _complain(self) -> None:
        """One datagram met a fault of ours: the others must not suffer, nor the log."""
        now_s = time.monotonic()
        if now_s - self._complained_at_s > 1:
            self._complained_at_s = now_s
            _log.exception("a datagram was not handled")

    def _check(self, datagram: bytes, address: tuple[str, int], at_us: int) -> None:
        known = self._by_address.get(address)
        path = known[1] if known is not None else None
        accepted = self._accept(datagram, path or Path(address, self._writer(address)), at_us)
        if accepted is None:
            return
        link, path, answer = accepted
        if known is not None and known[0] is not link:
            known[0].path_lost(known[1])
        self._by_address[address] = (link, path)
        path.write(answer)

    def _accept(self, datagram: bytes, path: Path, at_us: int) -> tuple[Link, Path, bytes] | None:
        try:
            request = stun.parse(datagram)
        except Malformed:
            self.strangers += 1
            return None
        link = self._links.get(request.ufrag)
        answer = link.check(request, path, at_us) if link is not None else None
        if link is None or answer is None:
            self.strangers += 1
            return None
        return link, path, answer

    def _writer(self, address: tuple[str, int]) -> Callable[[bytes | memoryview], None]:
        send = self._socket.sendto

        def write(datagram: bytes | memoryview) -> None:
            try:
                send(datagram, address)
            except OSError:  # full buffer or unreachable: as if the network had lost it
                self.unsent += 1
            else:
                self.sent += 1

        return write

    # --- TCP

    def tcp_opened(self, connection: "_TcpConnection") -> bool:
        """Whether there is room for one more that has proved nothing yet."""
        if len(self._unproved) >= _MAX_UNPROVED:
            return False
        self._unproved.add(connection)
        self._connections.add(connection)
        asyncio.get_running_loop().call_later(_TCP_PROOF_S, self._expel, connection)
        return True

    def _expel(self, connection: "_TcpConnection") -> None:
        if connection in self._unproved:
            connection.abort()

    def tcp_frame(self, connection: "_TcpConnection", frame: bytes) -> None:
        at_us = time.time_ns() // 1000
        if frame[0] > 3:
            if connection.link is not None:
                connection.link.receive(frame, at_us)
            return
        accepted = self._accept(frame, connection.path, at_us)
        if accepted is not None:
            connection.link = accepted[0]
            self._unproved.discard(connection)
            connection.path.write(accepted[2])

    def tcp_closed(self, connection: "_TcpConnection") -> None:
        self._unproved.discard(connection)
        self._connections.discard(connection)
        if connection.link is not None:
            connection.link.path_lost(connection.path)


class _TcpConnection(asyncio.Protocol):
    """Length-prefixed frames on a TCP connection, fed into the same door."""

    def __init__(self, front: FrontDoor) -> None:
        self._front = front
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.link: Link | None = None
        self.path = Path(("0.0.0.0", 0), self._write)  # noqa: S104  # unknown until connected

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.path.address = transport.get_extra_info("peername")[:2]
        if not self._front.tcp_opened(self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 2:
            length = self._buffer[0] << 8 | self._buffer[1]
            if not 0 < length <= _MAX_DATAGRAM:
                self.abort()
                return
            if len(self._buffer) < 2 + length:
                return
            frame = bytes(self._buffer[2 : 2 + length])
            del self._buffer[: 2 + length]
            self._front.tcp_frame(self, frame)

    def connection_lost(self, exc: Exception | None) -> None:
        self._front.tcp_closed(self)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _write(self, frame: bytes | memoryview) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() < _TCP_BACKLOG_BYTES:
            transport.write(len(frame).to_bytes(2, "big") + bytes(frame))
            self._front.sent += 1


def _bind(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket on the same port; any free one for 0, where a number may be free for one of them only."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    attempts = 1 if port else _PORT_ATTEMPTS
    while True:
        udp, tcp = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_STREAM)
        try:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tcp.bind((host, port))
            udp.bind(tcp.getsockname()[:2])
        except OSError:
            udp.close()
            tcp.close()
            attempts -= 1
            if not attempts:
                raise
        else:
            udp.setblocking(False)
            tcp.setblocking(False)
            return udp, tcp


def _received_at_us(ancillary: list[tuple[int, int, bytes]]) -> int:
    """When the kernel received it: a busy process must not look like a slow network."""
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(value) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(value)
            return int(seconds * 1_000_000 + nanoseconds // 1000)
    return time.time_ns() // 1000


def _candidates(addresses: tuple[str, ...], port: int, transports: frozenset[str]) -> list[str]:
    """Host candidates; UDP before TCP, addresses in the order given (RFC 8445 §5.1.2)."""
    candidates = []
    for position, address in enumerate(addresses):
        local = 65535 - position
        if "udp" in transports:
            priority = (126 << 24) + (local << 8) + 255
            candidates.append(f"{2 * position + 1} 1 udp {priority} {address} {port} typ host")
        if "tcp" in transports:
            priority = (90 << 24) + (local << 8) + 255
            candidates.append(f"{2 * position + 2} 1 tcp {priority} {address} {port} typ host tcptype passive")
    return candidates
