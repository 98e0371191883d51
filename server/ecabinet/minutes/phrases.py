"""Moments, names and shares as Vietnamese official papers write them. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ecabinet.kernel.official import calendar_day, clock_time, per_cent

from .model import Attendee

__all__ = [
    "calendar_day",
    "called",
    "capital",
    "clock_time",
    "duration",
    "exact_time",
    "listed",
    "per_cent",
    "sentence",
]


def exact_time(at: datetime, zone: ZoneInfo) -> str:
    """ "08 giờ 02 phút 07 giây": a ballot is told by the second."""
    return f"{clock_time(at, zone)} {at.astimezone(zone).second:02d} giây"


def duration(span: timedelta) -> str:
    """ "04 phút", "45 giây": minutes rounded down, and seconds below one minute."""
    seconds = int(span.total_seconds())
    return f"{seconds // 60:02d} phút" if seconds >= 60 else f"{seconds:02d} giây"


def called(attendee: Attendee) -> str:
    """Name and post, the post left out where the name says it already."""
    if not attendee.post or attendee.post.casefold() in attendee.name.casefold():
        return attendee.name
    return f"{attendee.name}, {attendee.post}"


def listed(names: Iterable[str]) -> str:
    """Names after one another, with semicolons, since a name may have a comma in it."""
    return "; ".join(names)


def sentence(text: str) -> str:
    """The text with a full stop at its end, unless it has an end of its own."""
    stripped = text.strip()
    return stripped if stripped.endswith((".", "!", "?", "…", ":", ";")) else f"{stripped}."


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
