"""A turn as the wire has it."""

from datetime import timedelta

from ecabinet.kernel.ids import TurnId
from ecabinet.speaking.model import Status, Turn
from ecabinet.speaking.views import turn_entry
from tests.fakes.gathering import AN, FIRST, MEETING
from tests.fakes.kernel import NOON


def test_a_turn_that_waits_has_only_its_beginning() -> None:
    assert turn_entry(Turn(TurnId("t"), MEETING, AN, None, Status.WAITING, NOON)) == {
        "id": "t",
        "person": AN,
        "item": None,
        "status": "waiting",
        "asked_at": "2026-11-25T05:00:00.000Z",
        "started_at": None,
        "ended_at": None,
        "allotted_s": None,
    }


def test_a_turn_that_is_over_has_all_its_times() -> None:
    minute = timedelta(minutes=1)
    entry = turn_entry(Turn(TurnId("t"), MEETING, AN, FIRST, Status.DONE, NOON, NOON + minute, NOON + 2 * minute, 90))
    assert (entry["started_at"], entry["ended_at"]) == ("2026-11-25T05:01:00.000Z", "2026-11-25T05:02:00.000Z")
    assert (entry["status"], entry["allotted_s"], entry["item"]) == ("done", 90, FIRST)
