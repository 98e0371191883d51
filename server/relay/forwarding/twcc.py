"""Transport-wide congestion feedback: when each packet of a sender arrived.

Without it a browser never sends more than its start bitrate.
Source: draft-holmer-rmcat-transport-wide-cc-extensions-01.
"""

from struct import Struct
from typing import Final

from relay.wire.rtcp import OUR_SSRC

_HEADER: Final = Struct("!BBHII")
_FCI: Final = Struct("!HHI")
_CHUNK: Final = Struct("!H")
_TICK_US: Final = 250
_REFERENCE_US: Final = 64_000
_MAX_SPAN: Final = 400
"""Packets one feedback covers at most: it still fits one datagram when every delta takes two bytes."""

_LOST, _SMALL, _LARGE = 0, 1, 2


class ArrivalRecorder:
    """Collects arrivals of one sender and turns them into feedback packets."""

    def __init__(self) -> None:
        self._arrivals: dict[int, int] = {}
        self._highest: int | None = None
        self._next: int | None = None
        self._count = 0
        self._ssrc = 0

    def add(self, sequence: int, at_us: int, ssrc: int) -> None:
        """One packet: its transport-wide number, when the kernel received it, and its SSRC."""
        if self._highest is None:
            self._highest = sequence
        ahead = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        full = self._highest + ahead
        self._highest = max(self._highest, full)
        if len(self._arrivals) < 2 * _MAX_SPAN:
            self._arrivals.setdefault(full, at_us)
        self._ssrc = ssrc

    def feedback(self) -> bytes | None:
        """Everything since the last call as one RTCP packet; None when nothing came."""
        if not self._arrivals:
            return None
        oldest, end = min(self._arrivals), max(self._arrivals) + 1
        base = min(oldest, self._next) if self._next is not None else oldest
        base = max(base, end - _MAX_SPAN)
        reference = min(at for number, at in self._arrivals.items() if number >= base) // _REFERENCE_US
        symbols, deltas = self._deltas(base, end, reference * _REFERENCE_US)
        fci = _FCI.pack(base & 0xFFFF, end - base, (reference & 0xFFFFFF) << 8 | self._count & 0xFF)
        fci += _chunks(symbols) + deltas
        padding = -len(fci) % 4
        if padding:
            fci += bytes(padding - 1) + bytes((padding,))
        self._arrivals.clear()
        self._next = end
        self._count += 1
        return _HEADER.pack(0x8F | (0x20 if padding else 0), 205, 2 + len(fci) // 4, OUR_SSRC, self._ssrc) + fci

    def _deltas(self, base: int, end: int, clock_us: int) -> tuple[list[int], bytes]:
        """A status symbol for each packet of [base, end), and the deltas of those that arrived."""
        symbols: list[int] = []
        deltas = bytearray()
        for number in range(base, end):
            at_us = self._arrivals.get(number)
            if at_us is None:
                symbols.append(_LOST)
                continue
            ticks = (at_us - clock_us) // _TICK_US
            if 0 <= ticks <= 255:
                symbols.append(_SMALL)
                deltas.append(ticks)
            else:
                ticks = max(-32768, min(32767, ticks))
                symbols.append(_LARGE)
                deltas += ticks.to_bytes(2, "big", signed=True)
            clock_us += ticks * _TICK_US
        return symbols, bytes(deltas)


def _chunks(symbols: list[int]) -> bytes:
    """Status vectors of seven two-bit symbols each."""
    chunks = bytearray()
    for begin in range(0, len(symbols), 7):
        chunk = 0xC000
        for index, symbol in enumerate(symbols[begin : begin + 7]):
            chunk |= symbol << (12 - 2 * index)
        chunks += _CHUNK.pack(chunk)
    return bytes(chunks)
