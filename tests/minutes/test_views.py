"""Minutes as the wire has them."""

from ecabinet.kernel.ids import MinutesId
from ecabinet.minutes.compose import compose
from ecabinet.minutes.model import MinutesVersion
from ecabinet.minutes.views import minutes_entry, minutes_text
from tests.fakes.gathering import MEETING, SECRETARY
from tests.fakes.kernel import NOON
from tests.minutes.facts import FACTS

VERSION = MinutesVersion(MinutesId("v1"), MEETING, 3, NOON, SECRETARY, "d" * 64, 98_000, compose(FACTS))


def test_a_version_in_the_view_has_no_text() -> None:
    assert minutes_entry(VERSION) == {
        "id": "v1",
        "version": 3,
        "drafted_at": "2026-11-25T05:00:00.000Z",
        "drafted_by": SECRETARY,
        "digest": "d" * 64,
    }


def test_the_text_names_the_entries_that_prove_each_line() -> None:
    told = minutes_text(VERSION)
    assert set(told) == {"id", "version", "drafted_at", "digest", "figures", "sections"}
    assert told["figures"][0] == {"name": "Thời gian bắt đầu", "value": "08 giờ 02 phút", "entries": [20]}
    assert told["sections"][0] == {
        "heading": "Thời gian bắt đầu",
        "lines": [{"text": "08 giờ 02 phút, ngày 25 tháng 11 năm 2026.", "entries": [20]}],
    }
