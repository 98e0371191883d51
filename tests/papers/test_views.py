"""A paper as the wire has it."""

from ecabinet.kernel.ids import PaperId
from ecabinet.papers.model import Paper
from ecabinet.papers.views import paper_entry
from tests.fakes.gathering import FIRST, MEETING, SECRETARY
from tests.fakes.kernel import NOON


def test_an_entry_says_everything_but_the_bytes_and_who_sent_them() -> None:
    paper = Paper(PaperId("p"), MEETING, FIRST, "T", "t.pdf", 5, 1, "d" * 64, NOON, SECRETARY, True, 2)
    assert paper_entry(paper) == {
        "id": "p",
        "item": FIRST,
        "title": "T",
        "filename": "t.pdf",
        "size_bytes": 5,
        "pages": 1,
        "digest": "d" * 64,
        "added_at": "2026-11-25T05:00:00.000Z",
        "is_late": True,
        "position": 2,
    }
