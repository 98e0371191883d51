"""The demo's days: always working days, always in order, whenever it is loaded."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ecabinet.demo.story import a_month_before


@given(st.dates(date(2026, 3, 1), date(2046, 12, 31)))
def test_last_months_meeting_was_on_a_working_day_of_the_month_before(today: date) -> None:
    found = a_month_before(today)
    assert found.weekday() < 5
    assert (today.year * 12 + today.month) - (found.year * 12 + found.month) == 1
    # This month's is called ten days ahead, and the minutes of the last are there by then.
    assert today - found >= timedelta(days=21)
