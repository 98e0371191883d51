"""After the end: replies, the way to a session, and what the documents say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId
from ecabinet.meetings.model import Item, ItemType, Kind, Meeting, Mode, Phase
from ecabinet.opinions import page, reporting, rules, sheets
from ecabinet.opinions.model import Opinion, Report, ReportKind, Secrecy, Sheet, Slip
from tests.opinions.slips import (
    AT,
    BODY,
    CHOICE,
    DEADLINE,
    HEAD,
    RESOLUTION,
    answered,
    by,
    ended,
    kept,
    sent,
    sheet,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SESSION = Meeting(
    MeetingId("meeting"), BODY.id, "Phiên họp", Kind.REGULAR, Mode.HYBRID, "", DEADLINE, DEADLINE, False, Phase.DRAFT
)
FAILED = ended(sent(), answered(("for", 3), ("other", 1)))
ON_AGENDA = Item(ItemId("item"), 1, "Báo cáo", ItemType.INFORMATION, "", 5)
PASSED = ended(sent(), answered(("for", 6)))


@pytest.mark.parametrize(
    ("why", "slip", "meeting", "kind", "code"),
    [
        ("still running", sent(), SESSION, ReportKind.REPORT, "wrong_phase"),
        ("another body's", FAILED, replace(SESSION, body=BodyId("x")), ReportKind.REPORT, "not_found"),
        ("begun already", FAILED, replace(SESSION, phase=Phase.OPEN), ReportKind.REPORT, "wrong_phase"),
        ("called off", FAILED, replace(SESSION, phase=Phase.CANCELLED), ReportKind.AGENDA, "wrong_phase"),
        ("nothing left to decide", PASSED, SESSION, ReportKind.AGENDA, "slip_settled"),
    ],
)
def test_a_slip_that_cannot_come_before_a_meeting_is_refused(
    why: str, slip: Slip, meeting: Meeting, kind: ReportKind, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        reporting.require_reportable(slip, meeting, kind)
    assert refused.value.code == code, why


def test_a_meeting_is_told_once_of_each() -> None:
    reporting.require_reportable(PASSED, SESSION, ReportKind.REPORT)
    on = Report(SESSION.id, ItemId("item"), ReportKind.REPORT, AT)
    told = reporting.report(FAILED, on, by()).slip
    # Its item was taken off the agenda again.
    reporting.require_reportable(told, SESSION, ReportKind.REPORT)
    with pytest.raises(Refusal) as refused:
        reporting.require_reportable(told, replace(SESSION, items=(ON_AGENDA,)), ReportKind.REPORT)
    assert (refused.value.code, refused.value.detail) == ("slip_is_on_agenda", {"meeting": "meeting", "item": "item"})
    reporting.require_reportable(told, SESSION, ReportKind.AGENDA)
    reporting.require_reportable(told, replace(SESSION, id=MeetingId("next")), ReportKind.REPORT)


def test_what_goes_there_is_for_information_or_for_decision() -> None:
    choice = ended(sent(questions=(CHOICE,)), [])
    mixed = sent(questions=(RESOLUTION, CHOICE))
    long = replace(FAILED, plan=replace(FAILED.plan, title="x" * 300))
    assert reporting.item_for(FAILED, ReportKind.REPORT).type is ItemType.INFORMATION
    assert reporting.item_for(FAILED, ReportKind.AGENDA).type is ItemType.DECISION
    assert reporting.item_for(choice, ReportKind.AGENDA).type is ItemType.CHOICE
    assert reporting.item_for(mixed, ReportKind.AGENDA).type is ItemType.DECISION
    assert len(reporting.item_for(long, ReportKind.REPORT).title) == 300


def opinions(slip: Slip, given: Sequence[Sheet]) -> tuple[Opinion, ...]:
    return reporting.opinions_of(slip, kept(sent(len(slip.roll)), given), iter(map(str, range(99))).__next__)


def test_every_text_that_counts_is_an_opinion_and_no_other() -> None:
    given = [
        sheet(2, "for", "Đề nghị làm sớm"),
        sheet(0, "other", "bản cũ"),
        sheet(0, "other", "bản mới", n=2),
        sheet(1),
    ]
    found = opinions(sent(), given)
    assert [(each.by.name if each.by else None, each.choice, each.text, each.position) for each in found] == [
        ("Thành viên 00", "other", "bản mới", 1),
        ("Thành viên 02", "for", "Đề nghị làm sớm", 2),
    ]
    assert [each.by for each in opinions(sent(secrecy=Secrecy.CLOSED), given)] == [None, None]


def test_only_what_has_ended_is_replied_to() -> None:
    [said] = opinions(FAILED, [sheet(0, "other", "khác")])
    assert reporting.reply(FAILED, said, "Đã tiếp thu", by()).event.payload()["text"] == "Đã tiếp thu"
    with pytest.raises(Refusal) as refused:
        reporting.reply(sent(), said, "Đã tiếp thu", by())
    assert refused.value.code == "wrong_phase"


# --- the documents ---


def printable(slip: Slip, given: Sequence[Sheet]) -> page.Printable:
    return page.Printable(slip, BODY, sheets.current(kept(sent(len(slip.roll)), given)), opinions(slip, given))


def said(values: object) -> str:
    """Every text in it, one after the other."""
    if isinstance(values, dict):
        return " ".join(said(each) for each in values.values())
    if isinstance(values, list):
        return " ".join(said(each) for each in values)
    return str(values)


def test_the_report_tells_both_bases_with_two_decimals() -> None:
    slip = sent(27)
    given = answered(("for", 15), ("against", 2), ("other", 3))
    extended = rules.extend(slip, DEADLINE + timedelta(days=1), "bổ sung tài liệu", by(HEAD)).slip
    told = page.result_page(printable(ended(extended, given), given), HANOI)
    [counts] = [
        block
        for section in told["sections"]
        for block in section["blocks"]
        if "Số phiếu" in said(block) and "rows" in block
    ]
    assert counts["rows"] == [
        ["Đồng ý", "15", "55,56%", "75,00%"],
        ["Không đồng ý", "2", "7,41%", "10,00%"],
        ["Ý kiến khác", "3", "11,11%", "15,00%"],
        ["Không trả lời", "7", "25,93%", "–"],
    ]
    text = said(told)
    for wanted in (
        "Số phiếu gửi: 27. Số phiếu trả lời: 20 (74,07%). Không trả lời: 7.",
        "Được thông qua",
        "15/27",
        "cần ≥ 14",
        "Điều 46",
        "lý do: bổ sung tài liệu",
        "do hết thời hạn",
        "không được tính là đồng ý",
        "Thành viên 26, Bộ trưởng",
        "Ý kiến khác: Ý kiến 17",
    ):
        assert wanted in text, wanted


def test_the_report_of_a_closed_slip_names_nobody_who_answered() -> None:
    given = answered(("for", 3), ("against", 1), ("other", 2))
    slip = ended(sent(secrecy=Secrecy.CLOSED), given)
    for values in (page.result_page(printable(slip, given), HANOI), page.opinions_page(printable(slip, given), HANOI)):
        text = said(values)
        assert "Ý kiến khác: Ý kiến 4" in text
        assert not any(f"Thành viên {place:02d}" in text for place in range(7))
    assert "phiếu kín" in said(page.result_page(printable(slip, given), HANOI))


def test_the_report_tells_what_was_chosen_and_what_was_not() -> None:
    for counts, wanted in (
        ((("option-2", 5),), "Được chọn: Tự xây dựng"),
        ((("option-1", 3), ("option-2", 3)), "Không phương án nào đủ đa số"),
    ):
        slip, given = sent(questions=(CHOICE,)), answered(*counts)
        stored = sheets.current(kept(slip, given))
        told = page.Printable(ended(slip, given), BODY, stored, ())
        assert wanted in said(page.result_page(told, HANOI))


def test_the_table_of_opinions_has_a_line_for_each_and_says_when_there_is_none() -> None:
    given = answered(("for", 1), ("other", 1))
    told = printable(FAILED, given)
    replied = replace(told, opinions=tuple(replace(each, reply="Tiếp thu") for each in told.opinions))
    [section] = page.opinions_page(replied, HANOI)["sections"]
    assert section["blocks"][1]["rows"] == [["1", "Thành viên 01", "Ý kiến khác: Ý kiến 1", "Tiếp thu"]]
    assert "…" in said(page.opinions_page(told, HANOI)["sections"][0]["blocks"][1]["rows"])
    assert "Không có ý kiến" in said(page.opinions_page(replace(told, opinions=()), HANOI))
