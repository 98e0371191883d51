"""STUN binding requests and their answers: all that an ICE-lite agent needs.

Written here rather than taken from a library because every byte of a request comes from strangers: one pass, no
allocation of attributes we do not read, one exception. Source: RFC 8489 §5, §14; RFC 8445 §7.3.
"""

import hmac
import ipaddress
import zlib
from dataclasses import dataclass
from struct import Struct, pack
from typing import Final

from relay.wire import Malformed

_HEADER: Final = Struct("!HHI12s")
_ATTRIBUTE: Final = Struct("!HH")
_COOKIE: Final = 0x2112A442
_BINDING_REQUEST: Final = 0x0001
_BINDING_SUCCESS: Final = 0x0101
_USERNAME: Final = 0x0006
_MESSAGE_INTEGRITY: Final = 0x0008
_XOR_MAPPED_ADDRESS: Final = 0x0020
_USE_CANDIDATE: Final = 0x0025
_FINGERPRINT: Final = 0x8028
_FINGERPRINT_XOR: Final = 0x5354554E
_INTEGRITY_LENGTH: Final = 24
_MAX_LENGTH: Final = 548
"""A connectivity check is some 100 bytes; anything above a safe datagram is not one."""


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """A connectivity check whose integrity is still to be proved."""

    transaction: bytes
    ufrag: str
    """Our own fragment: the part of the user name before the colon."""
    nominates: bool
    _covered: bytes
    _integrity: bytes

    def proves(self, password: str) -> bool:
        """Whether the sender knows the password; compares in constant time."""
        return hmac.compare_digest(self._integrity, hmac.digest(password.encode(), self._covered, "sha1"))


def parse(datagram: bytes) -> BindingRequest:
    """Raises Malformed for everything but a binding request with user name and integrity."""
    if not _HEADER.size <= len(datagram) <= _MAX_LENGTH:
        raise Malformed("not a binding request")
    kind, length, cookie, transaction = _HEADER.unpack_from(datagram)
    if kind != _BINDING_REQUEST or cookie != _COOKIE or length != len(datagram) - _HEADER.size or length % 4:
        raise Malformed("not a binding request")
    username: bytes | None = None
    nominates = False
    at = _HEADER.size
    while at + 4 <= len(datagram):
        attribute, size = _ATTRIBUTE.unpack_from(datagram, at)
        begin, end = at + 4, at + 4 + size
        if end > len(datagram):
            raise Malformed("STUN attribute runs past the end")
        if attribute == _MESSAGE_INTEGRITY:  # what follows is not authenticated, so it is not read
            if username is None or size != 20:
                raise Malformed("STUN integrity without a user name")
            covered = _with_length(datagram[:at], at - _HEADER.size + _INTEGRITY_LENGTH)
            ufrag = username.partition(b":")[0].decode("ascii", "replace")
            return BindingRequest(transaction, ufrag, nominates, covered, datagram[begin:end])
        if attribute == _USERNAME:
            username = datagram[begin:end]
        elif attribute == _USE_CANDIDATE:
            nominates = True
        at = end + -size % 4
    raise Malformed("STUN request without integrity")


def first_ufrag(datagram: bytes) -> str:
    """Our fragment, if the user name comes first as it does in checks of browsers: a glance, nothing is proved."""
    if datagram[20:22] != b"\0\x06":
        return ""
    name = datagram[24 : 24 + int.from_bytes(datagram[22:24], "big")]
    return name.partition(b":")[0].decode("ascii", "replace")


def binding_success(request: BindingRequest, password: str, host: str, port: int) -> bytes:
    """The answer to a proved request: the address it came from, signed with the same password."""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # how a socket for both families shows an IPv4 client
    mask = pack("!I", _COOKIE) + request.transaction
    packed = bytes(byte ^ mask[index] for index, byte in enumerate(address.packed))
    value = pack("!BBH", 0, 1 if address.version == 4 else 2, port ^ _COOKIE >> 16) + packed
    body = _ATTRIBUTE.pack(_XOR_MAPPED_ADDRESS, len(value)) + value
    message = _HEADER.pack(_BINDING_SUCCESS, len(body), _COOKIE, request.transaction) + body
    message = _with_length(message, len(body) + _INTEGRITY_LENGTH)
    message += _ATTRIBUTE.pack(_MESSAGE_INTEGRITY, 20) + hmac.digest(password.encode(), message, "sha1")
    message = _with_length(message, len(message) - _HEADER.size + 8)
    return message + _ATTRIBUTE.pack(_FINGERPRINT, 4) + pack("!I", zlib.crc32(message) ^ _FINGERPRINT_XOR)


def _with_length(message: bytes, length: int) -> bytes:
    return message[:2] + pack("!H", length) + message[4:]
