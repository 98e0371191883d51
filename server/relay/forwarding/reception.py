"""What arrived of one incoming stream: loss, jitter, what to ask for again.

Source: RFC 3550 §6.4.1 and appendix A (loss, jitter), RFC 4585 §6.2.1 (NACK).
"""

from typing import Final

from relay.wire.rtcp import Report, SenderReport

_MAX_MISSING: Final = 128
_MAX_ASKS: Final = 5
_FIRST_GUESS_US: Final = 100_000
_LEAST_WAIT_US, _MOST_WAIT_US = 30_000, 1_000_000
_MAX_GAP: Final = 512
"""A larger jump is a new start of the stream, not loss."""


class _Gap:
    """A packet that has not come."""

    __slots__ = ("asked_at_us", "asks", "first_at_us")

    def __init__(self) -> None:
        self.asks = 0
        self.first_at_us = 0
        self.asked_at_us = 0


class Reception:
    """Counters of one SSRC; all times are microseconds of one clock."""

    def __init__(self, ssrc: int, clock_rate_hz: int) -> None:
        self.ssrc = ssrc
        self.packets = 0
        self.octets = 0
        self.clock_rate_hz = clock_rate_hz
        self._first: int | None = None
        self._highest = 0
        self._transit: int | None = None
        self._jitter = 0.0
        self._before = (0, 0)
        self._last_sr: tuple[int, int] | None = None
        self._missing: dict[int, _Gap] = {}
        self._answer_us = _FIRST_GUESS_US
        """How long it takes from asking for a packet to its arrival, smoothed: a round trip and a little more."""

    def add(self, sequence: int, timestamp: int, at_us: int, size_bytes: int) -> int:
        """One packet, of whatever order. Returns its ordinal: the sequence number, but it does not wrap."""
        self.packets += 1
        self.octets += size_bytes
        if self._first is None:
            self._first = self._highest = sequence
        ahead = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if ahead <= 0:
            gap = self._missing.pop(sequence, None)
            if gap is not None and gap.asks:
                self._learn(gap, at_us)
            return self._highest + ahead
        if ahead > _MAX_GAP:
            self._missing.clear()
        elif ahead > 1:
            self._note_gap(self._highest + 1, self._highest + ahead)
        self._highest += ahead
        transit = at_us * self.clock_rate_hz // 1_000_000 - timestamp & 0xFFFFFFFF
        if self._transit is not None:
            change = ((transit - self._transit + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            self._jitter += (abs(change) - self._jitter) / 16
        self._transit = transit
        return self._highest

    def _note_gap(self, begin: int, end: int) -> None:
        for number in range(begin, end):
            if len(self._missing) >= _MAX_MISSING:
                return
            self._missing[number & 0xFFFF] = _Gap()

    def _learn(self, gap: _Gap, at_us: int) -> None:
        """After one request its answer is timed; after several it may be the first's, if that is not known to be wrong.

        So a guess that is too short grows until packets come before the second request (compare RFC 6298 §3).
        """
        took_us = min(at_us - gap.first_at_us, _MOST_WAIT_US)
        if gap.asks == 1 or took_us > self._answer_us:
            self._answer_us += (took_us - self._answer_us) // 4

    def missing(self, now_us: int) -> list[int]:
        """Sequence numbers to ask for now, oldest first.

        Each is asked for again when its answer is overdue, after longer and longer waits, then given up.
        """
        numbers: list[int] = []
        wait_us = max(_LEAST_WAIT_US, min(_MOST_WAIT_US, self._answer_us * 5 // 4))
        for number, gap in list(self._missing.items()):
            if gap.asks and now_us - gap.asked_at_us < wait_us * (1 + gap.asks) // 2:
                continue
            if gap.asks == _MAX_ASKS:
                del self._missing[number]
                continue
            if not gap.asks:
                gap.first_at_us = now_us
            gap.asks += 1
            gap.asked_at_us = now_us
            numbers.append(number)
        return numbers

    def give_up(self) -> None:
        """Nobody needs what is missing."""
        self._missing.clear()

    def on_sender_report(self, report: SenderReport, at_us: int) -> None:
        self._last_sr = (report.ntp >> 16 & 0xFFFFFFFF, at_us)

    def report(self, now_us: int) -> Report | None:
        """A report block on everything since the last one; None before the first packet."""
        if self._first is None:
            return None
        expected = self._highest - self._first + 1
        lost = expected - self.packets
        expected_before, packets_before = self._before
        span, received = expected - expected_before, self.packets - packets_before
        self._before = (expected, self.packets)
        fraction = max(0, min(255, (span - received) * 256 // span)) if span > 0 else 0
        last_sr, since = self._last_sr or (0, now_us)
        return Report(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            cumulative_lost=max(0, min(0x7FFFFF, lost)),
            highest_sequence=self._highest & 0xFFFFFFFF,
            jitter=int(self._jitter),
            last_sr=last_sr,
            delay_since_sr=(now_us - since) * 65536 // 1_000_000 & 0xFFFFFFFF,
        )
