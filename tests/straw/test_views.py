"""A straw poll on the wire."""

from ecabinet.straw import rules
from ecabinet.straw.views import straw_poll_entry
from tests.straw.polls import CHOICES, NOW, POLL, ROOM, a_poll


def test_an_open_one_tells_no_sums() -> None:
    assert straw_poll_entry(a_poll()) == {
        "id": POLL,
        "item": "item1",
        "text": "Phiên sau họp buổi nào?",
        "options": [{"id": "option-1", "label": "Họp buổi sáng"}, {"id": "option-2", "label": "Họp buổi chiều"}],
        "status": "open",
        "roll": list(ROOM),
        "opened_at": "2026-11-25T05:00:00.000Z",
        "closed_at": None,
        "answered": None,
        "counts": None,
        "cancel_reason": None,
    }


def test_a_closed_one_tells_them() -> None:
    poll, _ = rules.close(a_poll(), {CHOICES[0]: 3, CHOICES[1]: 3}, NOW)
    entry = straw_poll_entry(poll)
    assert (entry["status"], entry["answered"], entry["counts"]) == ("closed", 6, {"option-1": 3, "option-2": 3})
    assert entry["closed_at"] == "2026-11-25T05:00:00.000Z"
