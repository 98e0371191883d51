"""How a vote is told in the minutes and printed on the sheet of its result."""

from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest

from ecabinet.adapters.typesetter import Typesetter
from ecabinet.kernel.errors import NotFound
from ecabinet.minutes.compose import compose
from ecabinet.minutes.model import Count, Fact, Line, Result, SheetFacts, Stated, Table, Tallied, Vote, VoteNotClosed
from ecabinet.minutes.rules import require_result
from ecabinet.minutes.service import sheet_form
from ecabinet.minutes.sheets import result_rows, sheet_page, vote_lines
from ecabinet.voting.model import Phase
from tests.minutes.facts import FACTS, ZONE, at
from tests.minutes.past import whole_past
from tests.minutes.test_page import HOSTILE, typesetter

__all__ = ["typesetter"]
VOTE = FACTS.courses[1].votes[0]
_PAST, _HELD, _TURNS, ASKED, _KEPT = whole_past()


def result(vote: Vote) -> Result:
    assert vote.result is not None
    return vote.result


RESULT = replace(result(VOTE), took_part=Count("tham gia biểu quyết", 6, "85.71"))
FULL = replace(VOTE, result=RESULT, number=3)


def lines(vote: Vote) -> list[Line]:
    return vote_lines(vote, "thành viên", ZONE)


def text(vote: Vote) -> str:
    return "\n".join(line.text for line in lines(vote))


def test_the_table_has_the_lines_in_the_order_these_bodies_print_them() -> None:
    assert [row[1] for row in result_rows(RESULT, "đại biểu")] == [
        "Tổng số đại biểu",
        "Tham gia biểu quyết",
        "Tán thành",
        "Không tán thành",
        "Không biểu quyết",
        "Không tham gia biểu quyết",
        "Vắng mặt",
    ]


def test_invalid_papers_stand_after_the_answers_and_recused_members_among_the_absent() -> None:
    told = replace(RESULT, invalid=Count("phiếu không hợp lệ", 1, "14.29"), recused=1)
    rows = [row[1] for row in result_rows(told, "thành viên")]
    assert rows[5] == "Phiếu không hợp lệ"
    assert rows[-1] == "Vắng mặt (trong đó 1 người không tham gia vì xung đột lợi ích)"


def test_an_annulled_vote_says_why_and_which_vote_took_its_place_and_no_figure() -> None:
    annulled = replace(
        FULL, result=None, annulled=Stated("Bộ trưởng", "mất điện", at("09:06:00"), (77,)), replaced_by=4
    )
    assert text(annulled) == (
        "Biểu quyết “Thông qua dự thảo 3 Nghị định về dịch vụ công không tiếp xúc để trình Chính phủ.” (cuộc biểu "
        "quyết số 3) mở lúc 09 giờ 03 phút 10 giây. Lúc 09 giờ 06 phút 00 giây, chủ tọa quyết định hủy kết quả và "
        "biểu quyết lại (cuộc biểu quyết số 4); lý do: mất điện."
    )
    assert lines(annulled)[0].entries == (60, 77)


def test_what_happened_around_a_vote_is_told_with_its_entries() -> None:
    eventful = replace(
        FULL,
        settled=Stated("Bộ trưởng", "tán thành", at("09:07:00"), (80,)),
        incidents=(Stated("Thứ trưởng TV03", "", at("09:04:30"), (64,)),),
        entered_by=("Thư ký 1", "Thư ký 2"),
    )
    told = {line.text: line.entries for line in lines(eventful)}
    tie = "Số phiếu ngang nhau; lúc 09 giờ 07 phút 00 giây, Bộ trưởng cho ý kiến quyết định: tán thành."
    assert 80 in told[tie]
    assert told["Báo mất kết nối khi biểu quyết: Thứ trưởng TV03 (báo lúc 09 giờ 04 phút 30 giây)."] == (64,)
    assert "Số liệu do Thư ký 1 ghi, Thư ký 2 ghi độc lập để đối chiếu; hai lần ghi trùng khớp." in told


def test_another_opinion_is_printed_with_its_words_and_a_proxy_with_who_voted() -> None:
    first, second = (
        replace(FULL.choices[0], opinion="Lùi lại", attachment="y.pdf", label="Ý kiến khác"),
        FULL.choices[1],
    )
    told = text(replace(FULL, choices=(first, replace(second, cast_by="Bộ trưởng TV01"))))
    assert "1. Bộ trưởng TV01: Ý kiến khác: “Lùi lại” (kèm tệp y.pdf)" in told
    assert "2. Thứ trưởng TV02 (do Bộ trưởng TV01 biểu quyết thay): Tán thành" in told


ELECTED = replace(
    FULL,
    result=None,
    title="Bầu cử",
    how="bằng bỏ phiếu kín tại phòng họp",
    choices=(),
    papers=(Count("số phiếu phát ra", 7, "100.00"), Count("số phiếu không hợp lệ", 1, "14.29")),
    rows=(Tallied(Table.ELECTION, ("1", "Trần Thị B", "5", "71,43%", "trúng cử")),),
    conclusions=("bà Trần Thị B trúng cử; căn cứ: Điều 83",),
)


def test_papers_that_two_have_counted_have_minutes_of_their_own() -> None:
    told = text(replace(ELECTED, entered_by=("Đại biểu 08", "Đại biểu 09")))
    assert f"Kèm theo Biên bản kiểm phiếu của cuộc biểu quyết số {ELECTED.number}." in told


def test_an_election_is_told_by_its_papers_its_rows_and_what_follows() -> None:
    told = lines(ELECTED)
    assert [(line.table, line.cells[1]) for line in told if line.cells] == [
        (Table.PAPERS, "Số phiếu phát ra"),
        (Table.PAPERS, "Số phiếu không hợp lệ"),
        (Table.ELECTION, "Trần Thị B"),
    ]
    assert [line.text for line in told if line.table is Table.ELECTION] == ["Trần Thị B: 5 (71,43%), trúng cử"]
    assert told[-1].text == "Bà Trần Thị B trúng cử; căn cứ: Điều 83."
    course = replace(FACTS.courses[1], votes=(ELECTED,))
    figures = {each.name: each.value for each in compose(replace(FACTS, courses=(course,))).figures}
    assert figures["Nội dung 2: số phiếu phát ra"] == "7"
    assert figures["Nội dung 2: Trần Thị B"] == "5; 71,43%; trúng cử"


def test_a_rating_is_told_level_by_level_and_took_part_by_all_its_ballots() -> None:
    rated = Tallied(Table.RATING, ("1", "Nguyễn Văn A", "5 (71,43%)", "1 (14,29%)", "1 (14,29%)"))
    told = lines(replace(ELECTED, rows=(rated,)))
    assert [line.text for line in told if line.table is Table.RATING] == [
        "Nguyễn Văn A: tín nhiệm cao 5 (71,43%), tín nhiệm 1 (14,29%), tín nhiệm thấp 1 (14,29%)"
    ]
    [took_part] = [line for line in lines(FULL) if line.text.startswith("Tham gia biểu quyết")]
    assert (took_part.text, took_part.entries) == (
        "Tham gia biểu quyết: 6/7 (85,71%)",
        (61, 62, 63, 64, 65, 66, 69),
    )


def test_who_took_no_part_and_who_gave_the_vote_away_stand_in_the_minutes() -> None:
    course = replace(FACTS.courses[1], recused=(Stated("Thứ trưởng TV03", "", at("08:00"), (31,)),))
    proxies = (Stated("Thứ trưởng TV06", "Thứ trưởng TV02", at("07:40"), (18,)),)
    composed = compose(replace(FACTS, courses=(course,), proxies=proxies))
    told = {line.text: line.entries for section in composed.sections for line in section.lines}
    recused = "b) Không tham gia bàn và biểu quyết nội dung này vì xung đột lợi ích: Thứ trưởng TV03."
    assert told[recused] == (31,)
    assert told["Ủy quyền biểu quyết: Thứ trưởng TV06 ủy quyền cho Thứ trưởng TV02."] == (18,)


def sheet(vote: Vote) -> SheetFacts:
    return SheetFacts(
        unit=FACTS.unit,
        meeting=FACTS.title,
        items=("2. Dự thảo Nghị định về dịch vụ công không tiếp xúc",),
        member="thành viên",
        zone=ZONE,
        members=7,
        vote=vote,
    )


async def printed(typesetter: Typesetter, facts: SheetFacts) -> str:
    pdf = await typesetter.pdf(sheet_form(), sheet_page(facts), datetime(2026, 11, 25, 5, tzinfo=UTC))
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(each.get_textpage().get_text_range().split()) for each in document)


async def test_the_sheet_prints_figures_names_rule_and_what_proves_them(typesetter: Typesetter) -> None:
    told = await printed(typesetter, sheet(FULL))
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "PHIẾU KẾT QUẢ BIỂU QUYẾT",
        "Biểu quyết số 3",
        "Phiên họp: Phiên họp giao ban Lãnh đạo Bộ tháng 11/2026",
        "Nội dung: 2. Dự thảo Nghị định về dịch vụ công không tiếp xúc",
        "Tham gia biểu quyết 6 85,71%",
        "Tán thành 6 85,71%",
        "Vắng mặt 1 14,29%",
        "Kết luận biểu quyết: thông qua. 6/7 tán thành: cần ≥ 4, quá nửa tổng số thành viên; căn cứ: Quy định về",
        "Thứ trưởng TV02 Tán thành",
        "Căn cứ: các mục số 60–66, 69 trong sổ ghi của hệ thống.",
    ):
        assert expected in told, expected


async def test_the_sheet_of_an_election_has_papers_and_rows_and_no_names(typesetter: Typesetter) -> None:
    told = await printed(typesetter, sheet(ELECTED))
    assert "Trần Thị B 5 71,43% trúng cử" in told
    assert "Danh sách biểu quyết" not in told


async def test_what_people_typed_is_printed_on_the_sheet_and_never_obeyed(typesetter: Typesetter) -> None:
    told = await printed(typesetter, sheet(replace(FULL, text=HOSTILE, title=HOSTILE)))
    assert '#panic("x") *đậm*' in told


def test_a_sheet_is_made_of_a_vote_that_has_ended_and_stands() -> None:
    assert require_result(ASKED) is ASKED
    for phase in set(Phase) - {Phase.CLOSED}:
        with pytest.raises(VoteNotClosed):
            require_result(replace(ASKED, phase=phase))
    with pytest.raises(NotFound):
        require_result(None)


def test_a_vote_that_ended_has_its_moment() -> None:
    assert FULL.ended == Fact(at("09:05:10"), (69,))
