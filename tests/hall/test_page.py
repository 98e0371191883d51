"""The tellers' minutes: what they say, and that they can be set."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from ecabinet.adapters.typesetter import Typesetter
from ecabinet.hall import rules
from ecabinet.hall.model import Facts, Occasion
from ecabinet.hall.page import page
from ecabinet.hall.printing import Press
from ecabinet.meetings.model import Act
from ecabinet.voting import closing
from ecabinet.voting.model import Levels, PaperCount, Question
from tests.hall.halls import (
    BODY,
    HEAD,
    PROFILE,
    SECOND,
    counted,
    elected,
    election,
    elections,
    on_paper,
    rated,
    rating,
    session,
)
from tests.minutes.test_page import FONTS
from tests.voting.halls import AT

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CLOSED_AT = AT + timedelta(minutes=40)


def facts(question: Question, said: PaperCount) -> Facts:
    content = rules.count(question, said)
    sheet = rules.enter(question, None, content, None, Act(HEAD, AT)).sheet
    agreed = rules.confirm(sheet, content, Act(SECOND, AT)).sheet
    [seated] = rules.boards([elected()])
    closed = closing.conclude_papers(question, said, PROFILE, Act(SECOND, CLOSED_AT))
    ended = replace(question, verdict=closed.verdict, election=closed.election, ratings=closed.ratings)
    return rules.facts(ended, CLOSED_AT, agreed, seated, Occasion(session(), BODY, PROFILE, ZONE))


ELECTION = facts(election(), elections())
RATING = facts(rating(), rated(Levels(9, 3, 1), Levels(2, 4, 6)))
DECISION = facts(on_paper(), counted({"for": 10, "against": 2, "abstain": 1}))


def test_an_election_tells_what_became_of_the_papers_and_each_candidates_share_of_all() -> None:
    values = page(ELECTION)
    _board, course, papers, votes, _conclusion = values["sections"]
    assert "Tổng số đại biểu: 15." in course["lines"][1]
    assert "Số người được bầu: 2. Số người trong danh sách: 3." in course["lines"][2]
    assert papers["rows"][0] == ["1", "Số phiếu phát ra", "14", "93,33%"]
    assert [row[2] for row in papers["rows"]] == ["14", "14", "13", "1"]
    assert votes["rows"] == [
        ["1", "Ứng cử viên 1", "12", "80,00%"],
        ["2", "Ứng cử viên 2", "9", "60,00%"],
        ["3", "Ứng cử viên 3", "4", "26,67%"],
    ]
    assert (values["head"], values["members"]) == ("Đại biểu 10", ["Đại biểu 11", "Đại biểu 12"])
    assert values["ending"].startswith("Việc kiểm phiếu kết thúc vào hồi 09 giờ 10 phút cùng ngày.")


def test_the_end_tells_who_is_elected_by_name_and_who_stands_again() -> None:
    said = page(facts(election(), elections(12, 7, 6)))["sections"][4]["lines"]
    assert said == [
        "Số phiếu cần đạt để trúng cử: ít nhất 8, tính trên 15.",
        "Người trúng cử: Ứng cử viên 1 (12 phiếu, 80,00%).",
        "Còn thiếu 1 người. Những người được bầu lại: Ứng cử viên 2; Ứng cử viên 3.",
        "Số liệu do Đại biểu 10 nhập, Đại biểu 11 kiểm và nhập lại độc lập; hai lần nhập trùng khớp.",
    ]
    nobody = page(facts(election(), elections(7, 7, 6)))["sections"][4]["lines"]
    assert nobody[1] == "Không có người trúng cử."


def test_a_rating_tells_three_levels_of_the_ballots() -> None:
    levels = page(RATING)["sections"][3]
    assert levels["heads"] == ["TT", "Họ và tên", "Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp"]
    assert levels["rows"][0] == ["1", "Chủ tịch UBND tỉnh", "9\n(64,29%)", "3\n(21,43%)", "1\n(7,14%)"]


def test_a_decision_tells_the_answers_of_the_ballot() -> None:
    assert [row[1] for row in page(DECISION)["sections"][3]["rows"]] == [
        "Tán thành",
        "Không tán thành",
        "Không biểu quyết",
    ]


@pytest.mark.parametrize("told", [ELECTION, RATING, DECISION], ids=["election", "rating", "decision"])
async def test_the_pages_can_be_read_and_are_the_same_each_time(told: Facts) -> None:
    press = Press(Typesetter(FONTS))
    pages = await press.set(told)
    assert (await press.set(told)).digest == pages.digest
    text = "".join(each.get_textpage().get_text_range() for each in pypdfium2.PdfDocument(BytesIO(pages.content)))
    for words in ("BIÊN BẢN KIỂM PHIẾU", "Độc lập - Tự do - Hạnh phúc", "TRƯỞNG BAN KIỂM PHIẾU", "Đại biểu 12"):
        assert words in text
