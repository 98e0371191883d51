"""When a session has ended, and when the next try at a password is welcome. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .model import SignInSession


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a sign-in lasts."""

    idle: timedelta
    absolute: timedelta


def is_live(session: SignInSession, limits: SessionLimits, at: datetime) -> bool:
    """Whether the session may still be used: half-open, so that it has ended at the very moment of its limit."""
    return at < session.seen_at + limits.idle and at < session.begun_at + limits.absolute


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket: ``burst`` tries at once, then one every ``every``."""

    level: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast tries are welcome."""

    burst: int
    every: timedelta


def take(bucket: Bucket | None, pace: Pace, at: datetime) -> tuple[Bucket, timedelta | None]:
    """Take a try. Returns the bucket afterwards, and how long to wait when there was none left (then none is taken)."""
    level = float(pace.burst)
    if bucket is not None:
        level = min(level, bucket.level + max(timedelta(), at - bucket.at) / pace.every)
    if level < 1:
        return Bucket(level, at), (1 - level) * pace.every
    return Bucket(level - 1, at), None
