"""When a sign-in has ended, and how often a password may be tried."""

from datetime import timedelta

import pytest

from ecabinet.identity.model import SignInSession
from ecabinet.identity.rules import Pace, SessionLimits, is_live, take
from ecabinet.kernel.ids import PersonId, SessionId
from tests.fakes.kernel import NOON

LIMITS = SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=8))
PACE = Pace(burst=5, every=timedelta(seconds=12))


@pytest.mark.parametrize(
    ("unused", "old", "expected"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(minutes=30) - timedelta(microseconds=1), timedelta(hours=1), True),
        (timedelta(minutes=30), timedelta(hours=1), False),
        (timedelta(0), timedelta(hours=8) - timedelta(microseconds=1), True),
        (timedelta(0), timedelta(hours=8), False),
    ],
)
def test_a_session_ends_at_the_very_moment_of_its_limit(unused: timedelta, old: timedelta, expected: bool) -> None:
    session = SignInSession(SessionId("s"), PersonId("p"), False, NOON - old, NOON - unused)
    assert is_live(session, LIMITS, NOON) is expected


def test_five_tries_are_welcome_at_once_and_then_one_every_twelve_seconds() -> None:
    bucket, waits = None, []
    for _ in range(6):
        bucket, wait = take(bucket, PACE, NOON)
        waits.append(wait)
    assert waits == [None] * 5 + [timedelta(seconds=12)]
    bucket, wait = take(bucket, PACE, NOON + timedelta(seconds=12))
    assert wait is None
    assert take(bucket, PACE, NOON + timedelta(seconds=13))[1] == timedelta(seconds=11)


def test_waiting_never_earns_more_than_the_burst_and_a_clock_set_back_earns_nothing() -> None:
    bucket, _ = take(None, PACE, NOON)
    assert take(bucket, PACE, NOON + timedelta(days=1))[0].level == PACE.burst - 1
    assert take(bucket, PACE, NOON - timedelta(days=1))[0].level == PACE.burst - 2
