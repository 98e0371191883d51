"""The front door: who gets what arrives on the sockets.

Strangers are answered with silence: a datagram is looked at only if it is a binding check for a fragment we issued, or
comes from an address that passed such a check. Source: RFC 7983 (demultiplexing).
"""

import asyncio
import logging
import time
from typing import Final, NamedTuple

from relay.forwarding.forwarder import Flush
from relay.rooms.ports import LinkListener
from relay.transport.budgets import SourceBudgets
from relay.transport.certificate import Certificate
from relay.transport.link import Drop, Front, Link, Path
from relay.transport.sockets import Address, Place, bind, candidates, own_addresses
from relay.transport.tcp import TcpDoor
from relay.transport.turnstile import Turnstile
from relay.transport.udp import UdpPort
from relay.wire import Malformed, stun

_log: Final = logging.getLogger(__name__)
_RETIRE_S: Final = 5.0
_ADDRESS_KEPT_S: Final = 5.0
"""An address belongs to a client that proved itself from it so lately; browsers do each two or three seconds."""
_STRANGE_PER_S: Final = 50.0
"""Checks that failed, from one part of the network; above it only those are read that name a fragment we issued, so
that whoever shares an address with a nuisance still gets in."""
_CERTIFICATE_S: Final = 86_400.0


class Traffic(NamedTuple):
    """Datagrams, and frames on TCP, since the start."""

    received: int
    received_bytes: int
    sent: int
    sent_bytes: int
    unsent: int
    """Those that a socket refused."""
    unsegmented: int
    """Addresses to which datagrams have to be sent one by one."""


class FrontDoor(Front):
    """Owns the sockets. `open` a link per participant; `close` ends everything."""

    def __init__(self, place: Place, handshakes_per_s: float = 80.0, *, takes_messages: bool = False) -> None:
        """Binds at once, so that a taken port is known at start. Raises OSError."""
        self.takes_messages = takes_messages
        self._sockets = bind(place.hosts, place.port)
        self.port: Final = self._sockets.port
        self.addresses: Final = place.addresses or own_addresses(self._sockets.families)
        """What clients are told."""
        self.candidates = candidates(self.addresses, self.port, place.transports)
        self.certificate = Certificate()
        self._certified_at_s = time.monotonic()
        self.ports: Final = tuple(UdpPort(one, _told_of_refusal) for one in self._sockets.udp)
        self.dropped = dict.fromkeys(Drop, 0)
        self.handshakes = Turnstile(handshakes_per_s)
        self._links: dict[str, Link] = {}
        self._by_address: dict[Address, tuple[Link, Path]] = {}
        self._strangers = SourceBudgets(_STRANGE_PER_S, _STRANGE_PER_S)
        self._deferred: list[Flush] = []
        self._complained_at_s = 0.0
        self._tcp = TcpDoor(self)
        self._has_tcp = "tcp" in place.transports

    async def start(self) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        for one, port in zip(self._sockets.udp, self.ports, strict=True):
            loop.add_reader(one.fileno(), self._readable, port)
        if self._has_tcp:
            await self._tcp.listen(self._sockets.tcp)

    def close(self) -> None:
        """Stop listening and drop every connection; links were closed before."""
        for one in self._sockets.udp:
            asyncio.get_running_loop().remove_reader(one.fileno())
        for port in self.ports:
            port.close()
        self._tcp.close()
        self.handshakes.close()
        self._sockets.close()

    @property
    def tcp_connections(self) -> int:
        return self._tcp.connections

    def open(self, listener: LinkListener) -> Link:
        now_s = time.monotonic()
        if now_s - self._certified_at_s > _CERTIFICATE_S:
            self._certified_at_s = now_s
            self.certificate = Certificate()
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

    def defer(self, flush: Flush) -> None:
        self._deferred.append(flush)

    # --- UDP

    def _readable(self, port: UdpPort) -> None:
        for datagram, source, at_us in port.receive():
            try:
                self._received(datagram, source, at_us, port)
            except Exception as error:
                self._complain(error)
        self.flush()

    def _received(self, datagram: bytes, source: Address, at_us: int, port: UdpPort) -> None:
        if (known := self._by_address.get(source)) is not None:
            if datagram[0] > 3:
                known[0].receive(datagram, at_us)
            else:
                self._check(datagram, known[1], at_us)
        elif datagram[0] > 3:
            self.dropped[Drop.STRANGER] += 1
        elif self._strangers.is_spent(source[0], time.monotonic()) and stun.first_ufrag(datagram) not in self._links:
            self.dropped[Drop.SOURCE_BUDGET] += 1
        elif not self._check(datagram, self._path(source, port), at_us):
            self._strangers.take(source[0], time.monotonic())

    def flush(self) -> None:
        """Send on what came in with this wake-up."""
        deferred, self._deferred = self._deferred, []
        for send_on in deferred:
            try:
                send_on(self._complain)
            except Exception as error:
                self._complain(error)

    def _complain(self, error: Exception) -> None:
        """One datagram met a fault of ours: the others must not suffer, nor the log."""
        self.dropped[Drop.FAULT] += 1
        now_s = time.monotonic()
        if now_s - self._complained_at_s > 1:
            self._complained_at_s = now_s
            _log.error("a datagram was not handled", exc_info=error)

    def _check(self, datagram: bytes, path: Path, at_us: int) -> bool:
        """Whether it was a proved check; then it is answered and the address is known."""
        accepted = self.accept(datagram, path, at_us)
        if accepted is None:
            return False
        link, answer = accepted
        before = self._by_address.get(path.address)
        if before is not None and before[0] is not link:
            if before[0].up and before[0].silent_s() < _ADDRESS_KEPT_S:
                # Whoever forges the source of a check must not make another's media unheard.
                self.dropped[Drop.UNPROVED] += 1
                return False
            before[0].path_lost(before[1])
        self._by_address[path.address] = (link, path)
        path.way_out.write(answer)
        return True

    def accept(self, datagram: bytes, path: Path, at_us: int) -> tuple[Link, bytes] | None:
        """Whose binding check it was, and the answer; None unless the sender proved to know the password."""
        try:
            request = stun.parse(datagram)
        except Malformed:
            request = None
        link = self._links.get(request.ufrag) if request is not None else None
        answer = link.check(request, path, at_us) if link is not None and request is not None else None
        if link is None or answer is None:
            self.dropped[Drop.UNPROVED] += 1
            return None
        return link, answer

    def _path(self, address: Address, port: UdpPort) -> Path:
        def forget() -> None:
            known = self._by_address.get(address)
            if known is not None and known[1] is path:
                del self._by_address[address]

        path = Path(address, port.writer(address), forget)
        return path

    # --- what is counted

    @property
    def traffic(self) -> Traffic:
        """Of all sockets together."""
        each = (*self.ports, self._tcp)
        return Traffic(*(sum(getattr(one, name) for one in each) for name in Traffic._fields))

    def count_refused(self) -> None:
        self.dropped[Drop.TCP_BUDGET] += 1


def _told_of_refusal(error: OSError) -> None:
    _log.warning("datagrams are sent one by one where segmentation is refused: %s", error)
