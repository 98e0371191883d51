"""How official papers write moments, names and shares."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecabinet.minutes.phrases import (
    calendar_day,
    called,
    capital,
    clock_time,
    duration,
    exact_time,
    listed,
    per_cent,
    sentence,
)
from tests.minutes.facts import ZONE, member


def test_moments_are_told_in_the_bodys_own_zone() -> None:
    late = datetime(2026, 11, 24, 17, 2, 7, tzinfo=UTC)
    assert clock_time(late, ZONE) == "00 giờ 02 phút"
    assert exact_time(late, ZONE) == "00 giờ 02 phút 07 giây"
    assert calendar_day(late, ZONE) == "ngày 25 tháng 11 năm 2026"


@pytest.mark.parametrize(
    ("month", "day", "told"),
    [
        (1, 5, "ngày 05 tháng 01 năm 2026"),
        (2, 28, "ngày 28 tháng 02 năm 2026"),
        (3, 9, "ngày 09 tháng 3 năm 2026"),
        (12, 31, "ngày 31 tháng 12 năm 2026"),
    ],
)
def test_a_zero_stands_before_small_days_and_the_first_two_months(month: int, day: int, told: str) -> None:
    assert calendar_day(datetime(2026, month, day, 5, tzinfo=UTC), ZONE) == told


@pytest.mark.parametrize(("seconds", "told"), [(0, "00 giây"), (59, "59 giây"), (60, "01 phút"), (299, "04 phút")])
def test_a_span_is_told_in_whole_minutes_or_in_seconds(seconds: int, told: str) -> None:
    assert duration(timedelta(seconds=seconds)) == told


def test_a_share_has_a_comma() -> None:
    assert per_cent("85.71") == "85,71%"


def test_a_post_is_not_said_twice() -> None:
    deputy = member(2)
    assert called(deputy) == "Thứ trưởng TV02"
    assert called(replace(deputy, name="TV02")) == "TV02, Thứ trưởng"
    assert called(replace(deputy, post="")) == "Thứ trưởng TV02"


def test_a_sentence_ends_once() -> None:
    assert [sentence(text) for text in (" a ", "a.", "a!", "a…")] == ["a.", "a.", "a!", "a…"]


def test_names_are_kept_apart() -> None:
    assert listed(["TV01, Bộ trưởng", "TV02"]) == "TV01, Bộ trưởng; TV02"
    assert capital("đại biểu") == "Đại biểu"
