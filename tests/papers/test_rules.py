"""What a paper may be called, and when it may come and go."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ecabinet.kernel.errors import Invalid, NotFound, Refusal, WrongPhase
from ecabinet.kernel.ids import ItemId, PaperId
from ecabinet.meetings.model import Act, Phase
from ecabinet.papers import rules
from ecabinet.papers.model import Names, NotAPdf, Paper, PaperIsThere, Upload
from tests.fakes.gathering import FIRST, MEETING, SECOND, SECRETARY, a_meeting
from tests.fakes.kernel import NOON

UPLOAD = Upload(Names("Tờ trình", "to-trinh.pdf"), "d" * 64, 1000, 12)


def hung(
    there: list[Paper],
    item: ItemId = FIRST,
    phase: Phase = Phase.CONVENED,
    upload: Upload = UPLOAD,
    at: datetime = NOON,
) -> Paper:
    meeting = a_meeting(phase)
    event = rules.added(meeting, item, PaperId(f"p{len(there)}"), upload, Act(SECRETARY, at))
    return rules.add(meeting, there, event)


@pytest.mark.parametrize(
    ("title", "filename", "names"),
    [
        ("Tờ trình", "to-trinh.pdf", Names("Tờ trình", "to-trinh.pdf")),
        ("  Tờ trình  ", "Tờ trình.PDF", Names("Tờ trình", "Tờ trình.PDF")),
        (None, "Báo cáo quý III.pdf", Names("Báo cáo quý III", "Báo cáo quý III.pdf")),
        ("Báo cáo", None, Names("Báo cáo", "Báo cáo.pdf")),
        ("Báo cáo", "", Names("Báo cáo", "Báo cáo.pdf")),
        # The same letters in two forms of Unicode are the same name.
        ("Ti\u0300nh hi\u0300nh", "a.pdf", Names("Tình hình", "a.pdf")),
        ("Quy chế v1.2", "v1.2.pdf", Names("Quy chế v1.2", "v1.2.pdf")),
    ],
)
def test_a_paper_has_a_title_and_a_filename(title: str | None, filename: str | None, names: Names) -> None:
    assert rules.name(title, filename) == names


@pytest.mark.parametrize(
    ("title", "filename", "refusal"),
    [
        (None, None, NotAPdf),
        ("x", "a.docx", NotAPdf),
        ("x", "pdf", NotAPdf),
        ("x", ".pdf", NotAPdf),
        ("x", "../../etc/passwd.pdf", Invalid),
        ("x", "c:\\tep.pdf", Invalid),
        ("x", "a\nb.pdf", Invalid),
        ("x", "a\0.pdf", Invalid),
        # Direction marks make fdp.exe look like exe.pdf.
        ("x", "exe\u202efdp.pdf", Invalid),
        ("x\u2028y", "a.pdf", Invalid),
        ("x" * 301, "a.pdf", Invalid),
        ("x", "ờ" * 100 + ".pdf", Invalid),
        ("   ", "a.pdf", Invalid),
    ],
)
def test_names_that_deceive_or_break_are_refused(
    title: str | None, filename: str | None, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        rules.name(title, filename)


ADDING = {Phase.DRAFT, Phase.CONVENED, Phase.OPEN, Phase.PAUSED}


@pytest.mark.parametrize("phase", Phase)
def test_papers_come_until_the_meeting_is_over(phase: Phase) -> None:
    if phase in ADDING:
        assert hung([], phase=phase).item == FIRST
        return
    with pytest.raises(WrongPhase) as refused:
        hung([], phase=phase)
    assert refused.value.detail == {"phase": phase.value}


@pytest.mark.parametrize("phase", Phase)
def test_papers_go_only_before_the_opening(phase: Phase) -> None:
    paper = hung([])
    if phase in {Phase.DRAFT, Phase.CONVENED}:
        event = rules.remove(a_meeting(phase), paper, Act(SECRETARY, NOON))
        assert (event.paper, event.digest, event.meeting) == (paper.id, paper.digest, MEETING)
        return
    with pytest.raises(WrongPhase):
        rules.remove(a_meeting(phase), paper, Act(SECRETARY, NOON))


def test_a_paper_hangs_on_an_item_of_this_meeting() -> None:
    with pytest.raises(NotFound):
        hung([], item=ItemId("elsewhere"))


def test_papers_of_an_item_stand_in_the_order_they_came() -> None:
    first = hung([])
    second = hung([first], upload=replace(UPLOAD, digest="e" * 64))
    other = hung([first, second], item=SECOND)
    assert [first.position, second.position, other.position] == [1, 2, 1]


def test_the_same_bytes_hang_on_an_item_once() -> None:
    first = hung([])
    with pytest.raises(PaperIsThere) as refused:
        hung([first])
    assert refused.value.detail == {"paper": first.id}


def test_a_position_is_not_given_twice() -> None:
    first = hung([])
    second = hung([first], upload=replace(UPLOAD, digest="e" * 64))
    third = hung([second], upload=replace(UPLOAD, digest="f" * 64))
    assert third.position == 3


def test_a_paper_is_late_after_the_papers_were_due() -> None:
    due = NOON - timedelta(days=1)
    assert not hung([], at=due).is_late
    assert hung([], at=due + timedelta(milliseconds=1)).is_late


def test_nothing_is_late_before_the_invitations_went_out() -> None:
    assert not hung([], phase=Phase.DRAFT).is_late


def test_the_record_binds_the_bytes() -> None:
    event = rules.added(a_meeting(), FIRST, PaperId("p"), UPLOAD, Act(SECRETARY, NOON))
    assert event.payload() == {
        "paper": "p",
        "item": FIRST,
        "title": "Tờ trình",
        "filename": "to-trinh.pdf",
        "size_bytes": 1000,
        "pages": 12,
        "digest": "d" * 64,
        "is_late": True,
    }
