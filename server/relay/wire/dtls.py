"""DTLS records: which of them may reach the TLS library.

Unencrypted records can be forged by anyone who guesses an address pair, so before the handshake is done plaintext
alerts are dropped, and afterwards every plaintext record. Source: RFC 6347 §4.1, RFC 9147 §4.
"""

_HEADER_LENGTH = 13
_ALERT = 21


def trusted_records(datagram: bytes, *, established: bool) -> bytes:
    """The records of a datagram worth passing on, joined; empty when there are none.

    A DTLS 1.3 encrypted record (first byte 001xxxxx) carries no length we could rely on: it and what follows is kept.
    """
    kept = b""
    at = 0
    while at < len(datagram):
        if datagram[at] >> 5 == 1:
            return kept + datagram[at:]
        if at + _HEADER_LENGTH > len(datagram):
            break
        end = at + _HEADER_LENGTH + int.from_bytes(datagram[at + 11 : at + 13], "big")
        plaintext = datagram[at + 3 : at + 5] == b"\0\0"
        if end <= len(datagram) and not (plaintext and (established or datagram[at] == _ALERT)):
            kept += datagram[at:end]
        at = end
    return kept


def datagrams(records: bytes, max_bytes: int) -> list[bytes]:
    """Outgoing records packed into datagrams, never cut in two."""
    packed: list[bytes] = []
    at = 0
    while at < len(records):
        end = len(records)
        if records[at] >> 5 != 1 and at + _HEADER_LENGTH <= end:
            end = min(end, at + _HEADER_LENGTH + int.from_bytes(records[at + 11 : at + 13], "big"))
        record = records[at:end]
        if packed and len(packed[-1]) + len(record) <= max_bytes:
            packed[-1] += record
        else:
            packed.append(record)
        at = end
    return packed
