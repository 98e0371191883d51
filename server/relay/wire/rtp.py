"""RTP packets: fixed header and header extensions.

Source: RFC 3550 §5.1 (header), RFC 8285 §4 (extensions).
"""

from struct import Struct
from typing import Final

from relay import native
from relay.wire import Malformed

AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
ORIENTATION: Final = "urn:3gpp:video-orientation"
TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

HEADER: Final = Struct("!BBHII")
"""First byte (version, padding, extension, CSRC count), marker and payload type, sequence, timestamp, SSRC."""

HEADER_LENGTH: Final = HEADER.size
_BLOCK: Final = Struct("!HH")
_ONE_BYTE: Final = 0xBEDE
_TWO_BYTE: Final = 0x1000

Elements = list[tuple[int, bytes]]
"""Header extension elements in order: (id negotiated in SDP, value)."""


def is_rtcp(packet: bytes) -> bool:
    """Whether a packet on the multiplexed transport is RTCP (RFC 5761 §4); it has two bytes or more."""
    return 192 <= packet[1] <= 223


def split(packet: bytes) -> tuple[int, Elements]:
    """Where the payload begins, and the header extension elements.

    The payload still ends with the padding, if the padding bit is set. Raises Malformed.
    """
    size = len(packet)
    if size < HEADER_LENGTH or packet[0] >> 6 != 2:
        raise Malformed("no RTP header")
    begin = HEADER_LENGTH + 4 * (packet[0] & 0x0F)
    if not packet[0] & 0x10:
        if begin > size:
            raise Malformed("RTP sources run past the end")
        return begin, []
    if begin + 4 > size:
        raise Malformed("RTP extension runs past the end")
    profile, words = _BLOCK.unpack_from(packet, begin)
    begin += 4
    end: int = begin + 4 * words
    if end > size:
        raise Malformed("RTP extension runs past the end")
    if profile == _ONE_BYTE:
        return end, _one_byte_elements(packet, begin, end)
    if profile & 0xFFF0 == _TWO_BYTE:
        return end, _two_byte_elements(packet, begin, end)
    return end, []


split_in_python = split

if native.FITS:
    import relay_native

    split = relay_native.split


def _one_byte_elements(packet: bytes, at: int, end: int) -> Elements:
    elements: Elements = []
    while at < end:
        byte = packet[at]
        at += 1
        if byte == 0:
            continue
        if byte >> 4 == 15:  # reserved: processing stops here (RFC 8285 §4.2)
            break
        length = (byte & 0x0F) + 1
        if at + length > end:
            raise Malformed("RTP extension element runs past its block")
        elements.append((byte >> 4, packet[at : at + length]))
        at += length
    return elements


def _two_byte_elements(packet: bytes, at: int, end: int) -> Elements:
    elements: Elements = []
    while at < end:
        if packet[at] == 0:
            at += 1
            continue
        if at + 2 > end or at + 2 + packet[at + 1] > end:
            raise Malformed("RTP extension element runs past its block")
        length = packet[at + 1]
        elements.append((packet[at], packet[at + 2 : at + 2 + length]))
        at += 2 + length
    return elements


def pack_elements(elements: Elements) -> bytes:
    """The extension block for a header whose extension bit is set; empty when there is nothing to say."""
    if not elements:
        return b""
    if all(0 < number < 15 and 1 <= len(value) <= 16 for number, value in elements):
        profile = _ONE_BYTE
        body = b"".join(bytes((number << 4 | len(value) - 1,)) + value for number, value in elements)
    else:
        profile = _TWO_BYTE
        body = b"".join(bytes((number, len(value))) + value for number, value in elements)
    body += bytes(-len(body) % 4)
    return _BLOCK.pack(profile, len(body) // 4) + body
