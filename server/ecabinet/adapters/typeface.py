"""Which characters a TrueType font can show. Pure: bytes in, code points out."""

import struct
import unicodedata
from collections.abc import Iterator

_KEPT = {"\n", "\t", "\u00ad", "\u200b"}
"""Breaks and invisible marks the typesetter knows without a glyph."""
_DROPPED = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: with them a name could be made to read as another."""


def covered(font: bytes) -> frozenset[int]:
    """The code points of the Basic Multilingual Plane that have a glyph.

    Source: OpenType 1.9, cmap, format 4. Raises ValueError when the font has no such table.
    """
    cmap = _table(font, b"cmap")
    count = struct.unpack_from(">H", cmap, 2)[0]
    for index in range(count):
        _platform, _encoding, offset = struct.unpack_from(">HHI", cmap, 4 + 8 * index)
        if struct.unpack_from(">H", cmap, offset)[0] == 4:
            return frozenset(_format_4(cmap[offset:]))
    raise ValueError("no cmap of format 4")


def showable(text: str, known: frozenset[int]) -> str:
    """The text in composed form (NFC), with a question mark for every character that has no glyph.

    An archival PDF must not contain such a character at all: one picture in a name would keep the whole document
    from being made.
    """
    composed = (sign for sign in unicodedata.normalize("NFC", text) if sign not in _DROPPED)
    return "".join(sign if ord(sign) in known or sign in _KEPT else "?" for sign in composed)


def _table(font: bytes, tag: bytes) -> bytes:
    count = struct.unpack_from(">H", font, 4)[0]
    for index in range(count):
        name, _checksum, offset, length = struct.unpack_from(">4sIII", font, 12 + 16 * index)
        if name == tag:
            return font[offset : offset + length]
    raise ValueError(f"no table {tag.decode()}")


def _format_4(table: bytes) -> Iterator[int]:
    segments = struct.unpack_from(">H", table, 6)[0] // 2
    ends = struct.unpack_from(f">{segments}H", table, 14)
    starts = struct.unpack_from(f">{segments}H", table, 16 + 2 * segments)
    deltas = struct.unpack_from(f">{segments}H", table, 16 + 4 * segments)
    at_offsets = 16 + 6 * segments
    offsets = struct.unpack_from(f">{segments}H", table, at_offsets)
    for index in range(segments):
        for code in range(starts[index], ends[index] + 1):
            if offsets[index] == 0:
                glyph = (code + deltas[index]) & 0xFFFF
            else:
                place = at_offsets + 2 * index + offsets[index] + 2 * (code - starts[index])
                glyph = struct.unpack_from(">H", table, place)[0] if place + 2 <= len(table) else 0
            if glyph and code >= 0x20 and not 0x7F <= code < 0xA0:
                yield code
