"""DTLS 1.2 records: which of them may reach the TLS library.

Unencrypted records can be forged by anyone who guesses an address pair, and the library ends an association over the
first that makes no sense. So before the handshake is done only those pass that a client's half of one is made of, and
afterwards none. Source: RFC 6347 §4.1, §4.2; RFC 5246 §7.4.
"""

from typing import Final

_HEADER_LENGTH: Final = 13
_CHANGE_CIPHER_SPEC: Final = 20
_ALERT: Final = 21
_HANDSHAKE: Final = 22
_APPLICATION: Final = 23
_VERSIONS: Final = (b"\xfe\xff", b"\xfe\xfd")
"""DTLS 1.0 stands on a client's first hello only."""
_CLIENT_MESSAGES: Final = frozenset({1, 11, 15, 16})
"""Hello, certificate, proof that it is its own, key exchange; the last one, "finished", is encrypted."""
_MESSAGE_HEADER: Final = 12
_MAX_MESSAGE: Final = 8192
_MAX_MESSAGE_NUMBER: Final = 8


def trusted_records(datagram: bytes, *, established: bool, application: bool = False) -> bytes:
    """The records of a datagram worth passing on, joined; empty when there are none.

    application  whether anybody wants what is sent on an established association
    """
    kept = b""
    at = 0
    while at + _HEADER_LENGTH <= len(datagram) and datagram[at + 1 : at + 3] in _VERSIONS:
        begin = at + _HEADER_LENGTH
        end = begin + int.from_bytes(datagram[at + 11 : at + 13], "big")
        if end > len(datagram):
            break
        if datagram[at + 3 : at + 5] == b"\0\0":
            is_trusted = not established and _is_of_handshake(datagram[at], datagram[begin:end])
        else:
            is_trusted = _is_wanted(datagram[at], established=established, application=application)
        if is_trusted:
            kept += datagram[at:end]
        at = end
    return kept


def _is_wanted(kind: int, *, established: bool, application: bool) -> bool:
    """Whether an encrypted record is of use: before the end of the handshake only its last message is."""
    return kind == _HANDSHAKE or (established and (kind == _ALERT or (application and kind == _APPLICATION)))


def _is_of_handshake(kind: int, body: bytes) -> bool:
    """Whether an unencrypted record is what a client's half of a handshake is made of, as far as its shape tells."""
    if kind == _CHANGE_CIPHER_SPEC:
        return body == b"\x01"
    at = 0
    while kind == _HANDSHAKE and at + _MESSAGE_HEADER <= len(body):
        length = int.from_bytes(body[at + 1 : at + 4], "big")
        number = int.from_bytes(body[at + 4 : at + 6], "big")
        offset = int.from_bytes(body[at + 6 : at + 9], "big")
        size = int.from_bytes(body[at + 9 : at + 12], "big")
        if body[at] not in _CLIENT_MESSAGES or (body[at] == 1) != (number == 0) or number > _MAX_MESSAGE_NUMBER:
            return False
        if not 0 < length <= _MAX_MESSAGE or not 0 < size <= length - offset:
            return False
        at += _MESSAGE_HEADER + size
    return kind == _HANDSHAKE and 0 < at == len(body)


def datagrams(records: bytes, max_bytes: int) -> list[bytes]:
    """Outgoing records packed into datagrams, never cut in two."""
    packed: list[bytes] = []
    at = 0
    while at < len(records):
        end = len(records)
        if at + _HEADER_LENGTH <= end:
            end = min(end, at + _HEADER_LENGTH + int.from_bytes(records[at + 11 : at + 13], "big"))
        record = records[at:end]
        if packed and len(packed[-1]) + len(record) <= max_bytes:
            packed[-1] += record
        else:
            packed.append(record)
        at = end
    return packed
