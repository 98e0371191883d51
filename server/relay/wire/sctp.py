"""The end of SCTP that data channels of foreign clients need: takes everything, says so, and keeps nothing.

We carry no messages from one client to another. But a client whose channels never open waits fifteen seconds in every
call that uses one; with this it gets on. What a client can make us remember are one window of bits and a few numbers.
Checksums of what arrives are not looked at: it came encrypted and authenticated by DTLS (RFC 9653 gives the argument).
Source: RFC 9260, RFC 8831 §6, RFC 8832 (opening of channels), RFC 3758 (messages given up).
"""

import hmac
from collections.abc import Iterator
from struct import Struct
from typing import Final

_COMMON: Final = Struct("!HHII")
"""Ports from and to, verification tag, checksum."""
_CHUNK: Final = Struct("!BBH")
_INIT: Final = Struct("!IIHHI")
"""Tag, window, streams out and in, first number."""
_DATA: Final = Struct("!IHHI")
"""Number, stream, number in the stream, what it is."""
_SACK: Final = Struct("!IIHH")
"""Number up to which all arrived, window, blocks beyond it, duplicates."""
_BLOCK: Final = Struct("!HH")
_NUMBER: Final = Struct("!I")
_COOKIE: Final = Struct("!II")

_KIND_DATA: Final = 0
_KIND_INIT: Final = 1
_KIND_INIT_ACK: Final = 2
_KIND_SACK: Final = 3
_KIND_HEARTBEAT: Final = 4
_KIND_HEARTBEAT_ACK: Final = 5
_KIND_ABORT: Final = 6
_KIND_SHUTDOWN: Final = 7
_KIND_SHUTDOWN_ACK: Final = 8
_KIND_COOKIE_ECHO: Final = 10
_KIND_COOKIE_ACK: Final = 11
_KIND_FORWARD: Final = 192

_PARAMETER_COOKIE: Final = 7
_FORWARD_SUPPORTED: Final = b"\xc0\x00\x00\x04"
_WHOLE_MESSAGE: Final = 3
"""Flags: beginning and end of it in one chunk."""
_CONTROL: Final = 50
_OPEN: Final = 3
_OPENED: Final = b"\x02"

WINDOW: Final = 256
"""Numbers beyond the first missing one that are taken; what is further on, the client must send again."""
_WINDOW_BYTES: Final = 131_072
"""Told to the client. Nothing is kept, so it never gets smaller."""
_MAX_STREAMS: Final = 1024
_MAX_CHUNKS: Final = 64
"""In one packet; more are not read."""
_MAX_UNACKNOWLEDGED: Final = 32
_REPEAT_S: Final = 1.0
_MAC_LENGTH: Final = 16
_HALF: Final = 1 << 31
_ALL: Final = 0xFFFFFFFF


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)  # noqa: PLW2901  # the usual way to write it
        table.append(byte)
    return tuple(table)


_CRC_TABLE: Final = _crc_table()


def crc32c(octets: bytes) -> int:
    """Castagnoli's checksum (RFC 9260 appendix A)."""
    crc = _ALL
    for octet in octets:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ octet) & 0xFF]
    return crc ^ _ALL


def sealed(packet: bytes) -> bytes:
    """The packet with its checksum, which stands in the header in the other byte order."""
    blank = packet[:8] + bytes(4) + packet[12:]
    return packet[:8] + crc32c(blank).to_bytes(4, "little") + packet[12:]


def chunk(kind: int, flags: int, body: bytes) -> bytes:
    """A chunk, padded to a multiple of four."""
    length = _CHUNK.size + len(body)
    return _CHUNK.pack(kind, flags, length) + body + bytes(-length % 4)


def chunks(packet: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Kind, flags and body of each chunk, as far as they make sense."""
    at = _COMMON.size
    for _ in range(_MAX_CHUNKS):
        if at + _CHUNK.size > len(packet):
            return
        kind, flags, length = _CHUNK.unpack_from(packet, at)
        if length < _CHUNK.size or at + length > len(packet):
            return
        yield kind, flags, packet[at + _CHUNK.size : at + length]
        at += length + -length % 4


def _is_after(one: int, other: int) -> bool:
    """Whether a number comes after another, in arithmetic that wraps (RFC 1982)."""
    return 0 < (one - other & _ALL) < _HALF


class Sink:
    """Our end of one association."""

    def __init__(self, tag: int, first_number: int, secret: bytes) -> None:
        """`tag` is not 0; all three come from chance, and `secret` vouches for cookies."""
        self._tag = tag
        self._first_number = first_number & _ALL
        self._secret = secret
        self._answered_to: int | None = None
        """The client's tag, for the packet at hand."""
        self._close()

    def _close(self) -> None:
        self._peer_tag: int | None = None
        """None while there is no association."""
        self._arrived = 0
        """The number up to which everything arrived."""
        self._beyond = 0
        """Which of the numbers after the first missing one arrived: bit 0 for that one, which is never set."""
        self._next_number = self._first_number
        self._unacknowledged: dict[int, tuple[bytes, float]] = {}
        """What we sent that may have to be sent again, by number, and when it was sent."""

    def receive(self, packet: bytes, now_s: float) -> bytes | None:
        """What to answer to a packet of the client, at most one packet; None for nothing."""
        if len(packet) < _COMMON.size:
            return None
        source, target, tag, _ = _COMMON.unpack_from(packet)
        first = next(chunks(packet), None)
        if first is not None and first[0] == _KIND_INIT:
            return self._welcome(source, target, first[2]) if tag == 0 else None
        if tag != self._tag:
            return None
        answers = b"".join(self._answers(packet, now_s))
        if not answers or (peer_tag := self._answered_to) is None:
            return None
        return sealed(_COMMON.pack(target, source, peer_tag, 0) + answers)

    def _answers(self, packet: bytes, now_s: float) -> Iterator[bytes]:
        self._answered_to = self._peer_tag
        says_what_arrived = False
        for kind, flags, body in chunks(packet):
            if kind == _KIND_COOKIE_ECHO:
                yield self._associate(body)
            elif self._peer_tag is None:
                return
            elif kind == _KIND_DATA:
                says_what_arrived = True
                self._take(flags, body, now_s)
            elif kind == _KIND_FORWARD:
                says_what_arrived = True
                self._skip(body)
            else:
                yield self._control(kind, body)
        if self._peer_tag is None:
            return
        if says_what_arrived:
            yield self._what_arrived()
        yield from self._due(now_s)

    # --- the association

    def _welcome(self, source: int, target: int, init: bytes) -> bytes | None:
        """INIT: nothing is kept of it; the client brings it back in the cookie."""
        if len(init) < _INIT.size:
            return None
        peer_tag, _, _, _, number = _INIT.unpack_from(init)
        if not peer_tag:
            return None
        cookie = _COOKIE.pack(peer_tag, number)
        cookie += self._mac(cookie)
        body = _INIT.pack(self._tag, _WINDOW_BYTES, _MAX_STREAMS, _MAX_STREAMS, self._first_number)
        body += _CHUNK.pack(0, _PARAMETER_COOKIE, _CHUNK.size + len(cookie)) + cookie + _FORWARD_SUPPORTED
        return sealed(_COMMON.pack(target, source, peer_tag, 0) + chunk(_KIND_INIT_ACK, 0, body))

    def _mac(self, cookie: bytes) -> bytes:
        return hmac.digest(self._secret, cookie, "sha256")[:_MAC_LENGTH]

    def _associate(self, cookie: bytes) -> bytes:
        """COOKIE ECHO: what we vouched for is true; an association that is there already goes on."""
        head = cookie[: _COOKIE.size]
        if len(head) < _COOKIE.size or not hmac.compare_digest(cookie[_COOKIE.size :], self._mac(head)):
            return b""
        peer_tag, number = _COOKIE.unpack(head)
        if peer_tag != self._peer_tag:
            self._close()
            self._peer_tag = self._answered_to = peer_tag
            self._arrived = number - 1 & _ALL
        return chunk(_KIND_COOKIE_ACK, 0, b"")

    def _control(self, kind: int, body: bytes) -> bytes:
        if kind == _KIND_HEARTBEAT:
            return chunk(_KIND_HEARTBEAT_ACK, 0, body)
        if kind == _KIND_SACK and len(body) >= _SACK.size:
            arrived = _SACK.unpack_from(body)[0]
            for number in [n for n in self._unacknowledged if not _is_after(n, arrived)]:
                del self._unacknowledged[number]
        elif kind == _KIND_SHUTDOWN:
            self._close()
            return chunk(_KIND_SHUTDOWN_ACK, 0, b"")
        elif kind == _KIND_ABORT:
            self._close()
        return b""

    # --- what is sent to us

    def _take(self, flags: int, body: bytes, now_s: float) -> None:
        if len(body) < _DATA.size:
            return
        number, stream, _, meaning = _DATA.unpack_from(body)
        ahead = number - self._arrived - 1 & _ALL
        if ahead >= WINDOW or self._beyond >> ahead & 1:
            return
        self._beyond |= 1 << ahead
        self._close_up()
        payload = body[_DATA.size :]
        if meaning == _CONTROL and flags & _WHOLE_MESSAGE == _WHOLE_MESSAGE and payload[:1] == bytes([_OPEN]):
            self._say(stream, _OPENED, now_s)

    def _close_up(self) -> None:
        """Everything up to the first missing number arrived."""
        while self._beyond & 1:
            self._beyond >>= 1
            self._arrived = self._arrived + 1 & _ALL

    def _skip(self, body: bytes) -> None:
        """The client gave up what it sent before this number."""
        if len(body) < _NUMBER.size:
            return
        number = _NUMBER.unpack_from(body)[0]
        if _is_after(number, self._arrived):
            self._beyond >>= min(number - self._arrived & _ALL, WINDOW)
            self._arrived = number
            self._close_up()

    def _what_arrived(self) -> bytes:
        blocks = b""
        at = 1
        while self._beyond >> at:
            if self._beyond >> at & 1:
                begin = at
                while self._beyond >> at & 1:
                    at += 1
                blocks += _BLOCK.pack(begin + 1, at)
            at += 1
        count = len(blocks) // _BLOCK.size
        return chunk(_KIND_SACK, 0, _SACK.pack(self._arrived, _WINDOW_BYTES, count, 0) + blocks)

    # --- what we say: that a channel is open

    def _say(self, stream: int, message: bytes, now_s: float) -> None:
        if len(self._unacknowledged) >= _MAX_UNACKNOWLEDGED:
            return
        number = self._next_number
        self._next_number = number + 1 & _ALL
        # The first message on this stream, so its number in the stream is 0.
        body = _DATA.pack(number, stream, 0, _CONTROL) + message
        self._unacknowledged[number] = (chunk(_KIND_DATA, _WHOLE_MESSAGE, body), now_s - _REPEAT_S)

    def _due(self, now_s: float) -> Iterator[bytes]:
        """What has not been sent yet, or was not acknowledged for so long that it may be lost."""
        for number, (said, sent_at_s) in self._unacknowledged.items():
            if now_s - sent_at_s >= _REPEAT_S:
                self._unacknowledged[number] = (said, now_s)
                yield said
