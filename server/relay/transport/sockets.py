"""The sockets of the front door: one port number for UDP and TCP, over IPv4 and IPv6."""

import errno
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

_SOCKET_BUFFER: Final = 4 << 20
SO_TIMESTAMPNS: Final = 35
_PORT_ATTEMPTS: Final = 20
_NO_IPV6: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)
_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104  # strangers get no answer
_PROBES: Final = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses reserved for documentation (RFC 5737, RFC 3849): asking for the way to them sends nothing."""
_TCP_PASSIVE: Final = 4 << 13
"""RFC 6544 §4.2: the direction preference of a passive host candidate, in the upper bits of the local preference."""

Address = tuple[str, int] | tuple[str, int, int, int]
"""A source as the kernel names it: host and port, for IPv6 with flow and scope, without which nothing goes back."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where media goes in and out."""

    hosts: tuple[str, ...]
    """Addresses to bind to; empty: all of this machine, over IPv6 too where there is any."""
    port: int
    """0 for any that is free."""
    addresses: tuple[str, ...]
    """What clients are told, the preferred one first; empty: this machine's own on the way out."""
    transports: frozenset[str]
    """Of udp and tcp."""


@dataclass(frozen=True, slots=True)
class Sockets:
    """Bound, not yet listened on; `close` them or hand them on."""

    port: int
    udp: tuple[socket.socket, ...]
    tcp: tuple[socket.socket, ...]

    @property
    def families(self) -> frozenset[int]:
        return frozenset(one.family for one in self.udp)

    def close(self) -> None:
        for one in (*self.udp, *self.tcp):
            one.close()


def bind(hosts: tuple[str, ...], port: int) -> Sockets:
    """A UDP and a TCP socket for each host, all on one port number, which may be free for some of them only.

    Raises OSError. A machine without IPv6 is no error unless an address of it was asked for.
    """
    attempts = 1 if port else _PORT_ATTEMPTS
    while True:
        try:
            return _bind_once(hosts, port)
        except OSError as error:
            attempts -= 1
            if not attempts or error.errno != errno.EADDRINUSE:
                raise


def _bind_once(hosts: tuple[str, ...], port: int) -> Sockets:
    udp: list[socket.socket] = []
    tcp: list[socket.socket] = []
    try:
        for host in hosts or _EVERYWHERE:
            try:
                tcp.append(_socket(host, port, socket.SOCK_STREAM))
                port = tcp[0].getsockname()[1]
                udp.append(_socket(host, port, socket.SOCK_DGRAM))
            except OSError as error:
                if hosts or ":" not in host or error.errno not in _NO_IPV6:
                    raise
    except OSError:
        Sockets(port, tuple(udp), tuple(tcp)).close()
        raise
    return Sockets(port, tuple(udp), tuple(tcp))


def _socket(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    try:
        if one.family == socket.AF_INET6:
            # IPv4 has a socket of its own, so that nobody appears under two addresses.
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
            one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        one.setblocking(False)
        one.bind((host, port))
    except OSError:
        one.close()
        raise
    return one


def own_addresses(families: frozenset[int]) -> tuple[str, ...]:
    """This machine's addresses on the way out, IPv4 first; 127.0.0.1 when there is no way out."""
    found = [address for family in _PROBES if family in families and (address := _own_address(family))]
    return tuple(found) or ("127.0.0.1",)


def _own_address(family: socket.AddressFamily) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((_PROBES[family], 9))
            address = ipaddress.ip_address(probe.getsockname()[0])
    except OSError:
        return None
    return None if address.is_link_local or address.is_loopback else str(address)


def candidates(addresses: tuple[str, ...], port: int, transports: frozenset[str]) -> tuple[str, ...]:
    """Host candidates; UDP before TCP, addresses in the order given (RFC 8445 §5.1.2, RFC 6544 §4.2)."""
    lines = []
    for position, address in enumerate(addresses):
        if "udp" in transports:
            priority = (126 << 24) + (65535 - position << 8) + 255
            lines.append(f"{2 * position + 1} 1 udp {priority} {address} {port} typ host")
        if "tcp" in transports:
            priority = (90 << 24) + (_TCP_PASSIVE + 8191 - position << 8) + 255
            lines.append(f"{2 * position + 2} 1 tcp {priority} {address} {port} typ host tcptype passive")
    return tuple(lines)
