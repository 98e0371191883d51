"""When a packet's sound or picture was captured, on the one clock of the recording: the relay's.

Each stream counts in units of its own. Sender reports say what a participant's clock showed at one of its timestamps,
so its streams are in time with each other (lips and voice); what that clock is ahead of ours is read from the packets
that travelled fastest, in windows, because clocks drift apart by seconds a day. Reports of a busy machine err by tens
of milliseconds, but sound and pictures come the same way: by more than `_APART_US` they are not let disagree.
Source: RFC 3550 §6.4.1.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from relay.recording.sequence import Ordered
from relay.recording.spool import ClockReport

_WINDOW_US: Final = 10_000_000
_APART_US: Final = 30_000
"""So much can be between coding a picture and coding a sound."""
_WRAP: Final = 1 << 32

Point = tuple[int, int]
"""Arrival and a difference between two clocks, microseconds."""


class Curve:
    """A difference between clocks over time: linear between its points, constant before and after them."""

    def __init__(self, points: Iterable[Point]) -> None:
        """At least one point."""
        self._points = sorted(points)
        self._times = [at_us for at_us, _ in self._points]

    def at(self, at_us: int) -> int:
        number = bisect_right(self._times, at_us)
        if number in (0, len(self._points)):
            return self._points[min(number, len(self._points) - 1)][1]
        (before_us, before), (after_us, after) = self._points[number - 1], self._points[number]
        return before + (after - before) * (at_us - before_us) // (after_us - before_us)


@dataclass(slots=True)
class Run:
    """One stretch of a stream whose timestamps go on."""

    ssrc: int
    first_at_us: int
    first_timestamp_us: int
    last_at_us: int = 0
    fastest: list[Point] = field(default_factory=list)
    """Per window, the least of arrival less timestamp."""
    ahead: list[Point] = field(default_factory=list)
    """Of each report, the participant's clock less the timestamp."""

    def delays(self) -> list[Point]:
        """The least time on the way, per window, in which our clock's advance over the participant's is contained."""
        ahead = Curve(_steadied(self.ahead, 5))
        return [(at_us, transit_us - ahead.at(at_us)) for at_us, transit_us in self.fastest]

    def add(self, at_us: int, timestamp_us: int) -> None:
        self.last_at_us = max(self.last_at_us, at_us)
        transit_us = at_us - timestamp_us
        if not self.fastest or at_us - self.fastest[-1][0] > _WINDOW_US:
            self.fastest.append((at_us, transit_us))
        elif transit_us < self.fastest[-1][1]:
            self.fastest[-1] = (self.fastest[-1][0], transit_us)

    def add_report(self, report: ClockReport, clock_rate_hz: int) -> None:
        expected_us = self.first_timestamp_us + report.at_us - self.first_at_us
        expected = expected_us * clock_rate_hz // 1_000_000
        timestamp = expected + ((report.timestamp - expected + _WRAP // 2) % _WRAP) - _WRAP // 2
        self.ahead.append((report.at_us, (report.ntp * 1_000_000 >> 32) - timestamp * 1_000_000 // clock_rate_hz))


class StreamTimes:
    """The runs of one stream, collected in a first reading of it."""

    def __init__(self, clock_rate_hz: int) -> None:
        self.runs: list[Run] = []
        self._clock_rate_hz = clock_rate_hz
        self._reports: list[ClockReport] = []

    def add(self, one: Ordered | ClockReport) -> None:
        if isinstance(one, ClockReport):
            self._reports.append(one)
            return
        if one.run == len(self.runs):
            self.runs.append(Run(one.packet.ssrc, one.packet.at_us, one.timestamp_us))
        self.runs[one.run].add(one.packet.at_us, one.timestamp_us)

    def close(self) -> None:
        """Everything was added: give each report to the run it is about."""
        for report in self._reports:
            of_it = (run for run in self.runs if run.ssrc == report.ssrc and run.last_at_us >= report.at_us)
            if (run := next(of_it, None)) is not None:
                run.add_report(report, self._clock_rate_hz)


def participant_clock(runs: Iterable[Run]) -> Curve | None:
    """What our clock is ahead of a participant's, and the way; None without a sender report.

    Where streams overlap, the one with the most reports is believed.
    """
    points: dict[int, Point] = {}
    for run in sorted((run for run in runs if run.ahead), key=lambda run: len(run.ahead)):
        for at_us, delay_us in run.delays():
            points[at_us // _WINDOW_US] = (at_us, delay_us)
    return Curve(_steadied(sorted(points.values()), 3)) if points else None


def _steadied(points: list[Point], width: int) -> list[Point]:
    """Each the median of itself and its neighbours (`width` in all): one bad value does not bend the clock."""
    half = width // 2
    values = [value for _, value in points]
    return [
        (at_us, int(median(values[max(0, number - half) : number + half + 1])))
        for number, (at_us, _) in enumerate(points)
    ]


class Clock:
    """Timestamps of one stream as microseconds since 1970."""

    def __init__(self, times: StreamTimes, participant: Curve | None) -> None:
        self._maps = [_reported(run, participant) if run.ahead and participant else _arrived(run) for run in times.runs]

    def captured_us(self, run: int, timestamp_us: int, at_us: int) -> int:
        """When what has this timestamp was captured; `at_us` is when it arrived, to within seconds."""
        return timestamp_us + self._maps[run](at_us)


def _arrived(run: Run) -> Callable[[int], int]:
    return Curve(_steadied(run.fastest, 3)).at


def _reported(run: Run, participant: Curve) -> Callable[[int], int]:
    ahead = Curve(_steadied(run.ahead, 5))
    apart_us = int(median(delay_us - participant.at(at_us) for at_us, delay_us in run.delays()))
    error_us = apart_us - max(-_APART_US, min(_APART_US, apart_us))
    return lambda at_us: ahead.at(at_us) + participant.at(at_us) + error_us
