"""What the minutes say of a meeting."""

from dataclasses import replace

import pytest

from ecabinet.minutes.compose import compose
from ecabinet.minutes.model import Attendee, Facts, MinutesText, OpeningQuorum, Result, Section, Stay, Table
from tests.minutes.facts import FACTS, at, member

TEXT = compose(FACTS)


def section(heading: str, text: MinutesText = TEXT) -> Section:
    return next(each for each in text.sections if each.heading.startswith(heading))


def lines(heading: str, text: MinutesText = TEXT) -> list[str]:
    return [line.text for line in section(heading, text).lines]


def figure(name: str, text: MinutesText = TEXT) -> tuple[str, tuple[int, ...]]:
    return next((each.value, each.entries) for each in text.figures if each.name == name)


def with_members(*members: Attendee) -> Facts:
    return replace(FACTS, attendees=members)


def test_the_parts_come_in_the_prescribed_order() -> None:
    assert [each.heading for each in TEXT.sections] == [
        "Thời gian bắt đầu",
        "Địa điểm",
        "Thành phần tham dự",
        "Chủ trì (chủ tọa)",
        "Thư ký (người ghi biên bản)",
        "Nội dung (theo diễn biến phiên họp)",
        "Nội dung 1. Báo cáo thực hiện kết luận tháng trước",
        "Nội dung 2. Dự thảo Nghị định về dịch vụ công không tiếp xúc",
        "Nội dung 3. Phân bổ dự toán 2027 cho 12 đơn vị",
        "Nội dung 4. Việc khác",
        "Kết thúc",
    ]


def test_the_beginning_and_the_end_are_told_with_their_proof() -> None:
    assert lines("Thời gian bắt đầu") == ["08 giờ 02 phút, ngày 25 tháng 11 năm 2026."]
    assert lines("Kết thúc") == ["Phiên họp kết thúc vào 11 giờ 26 phút, ngày 25 tháng 11 năm 2026./."]
    assert figure("Thời gian bắt đầu") == ("08 giờ 02 phút", (20,))
    assert figure("Thời gian kết thúc") == ("11 giờ 26 phút", (99,))


def test_who_was_there_and_who_was_not() -> None:
    told = lines("Thành phần tham dự")
    assert told[0] == (
        "Thành viên có mặt khi khai mạc: 5/7, gồm: Bộ trưởng TV01; Thứ trưởng TV02; Thứ trưởng TV03; "
        "Thứ trưởng TV04; Thứ trưởng TV05."
    )
    assert told[1].startswith("Đủ số lượng tiến hành phiên họp: cần ít nhất 5 thành viên có mặt, theo Quy định về họp")
    assert told[2:] == [
        "Thành viên có mặt sau khi khai mạc: Thứ trưởng TV07 (từ 09 giờ 12 phút).",
        "Thành viên vắng mặt: Thứ trưởng TV06 (lý do: đi công tác nước ngoài theo Quyết định cử đoàn).",
        (
            "Thành viên vắng mặt từng lúc: Thứ trưởng TV04 (từ 10 giờ 00 phút đến 10 giờ 20 phút); "
            "Thứ trưởng TV05 (từ 11 giờ 00 phút đến khi kết thúc)."
        ),
        "Dự họp, không biểu quyết: Chánh Văn phòng.",
        (
            "Người dự họp thay (được phát biểu, không biểu quyết): Phó Vụ trưởng Vụ Kế hoạch – Tài chính "
            "(dự thay Vụ trưởng Vụ KHTC)."
        ),
        "Khách mời: Vụ trưởng Vụ Pháp chế (nội dung 2).",
    ]
    assert section("Thành phần tham dự").lines[0].entries == (20, 8, 9, 10, 11, 12)


def test_a_lost_connection_is_not_an_absence() -> None:
    """TV03 was away for one minute."""
    assert "TV03 (" not in " ".join(lines("Thành phần tham dự"))


def test_whoever_came_only_before_the_opening_or_after_the_end_was_absent() -> None:
    early = member(2, Stay(at("07:40"), at("08:02"), 1, 2))
    after = member(3, Stay(at("11:26"), None, 3))
    told = lines("Thành phần tham dự", compose(with_members(member(1, Stay(at("08:02"), None, 4)), early, after)))
    assert "Thành viên vắng mặt: Thứ trưởng TV02 (không nêu lý do); Thứ trưởng TV03 (không nêu lý do)." in told


def test_nobody_absent_is_said_too() -> None:
    told = lines("Thành phần tham dự", compose(with_members(member(1, Stay(at("08:02"), None, 4)))))
    assert "Thành viên vắng mặt: không có." in told


def test_too_few_at_the_opening_is_not_hidden() -> None:
    facts = replace(FACTS, quorum=OpeningQuorum(7, 4, 5, "điều 1"))
    assert lines("Thành phần tham dự", compose(facts))[1].startswith("Chưa đủ số lượng")


def test_who_led_and_who_wrote() -> None:
    assert lines("Chủ trì") == ["Bộ trưởng TV01."]
    assert lines("Thư ký") == ["Thư ký 1."]
    alone = compose(with_members(member(2)))
    assert lines("Chủ trì", alone) == ["…"]


def test_an_item_is_told_point_by_point() -> None:
    assert lines("Nội dung 1.") == [
        "a) Bắt đầu lúc 08 giờ 05 phút, kết thúc lúc 08 giờ 20 phút. Văn phòng Bộ trình bày.",
        "b) Ý kiến:",
        "Hai nhiệm vụ quá hạn cần nêu rõ nguyên nhân.",
        "Đề nghị bổ sung phụ lục theo dõi.",
        "c) Kết luận của chủ tọa: Ghi nhận báo cáo; Văn phòng Bộ đôn đốc 02 nhiệm vụ quá hạn trước ngày 30/11/2026.",
    ]


def test_speakers_are_told_with_time_and_length() -> None:
    told = lines("Nội dung 2.")[1]
    assert told == (
        "b) Phát biểu (2 lượt): Thứ trưởng TV02 (lúc 08 giờ 31 phút, trong 04 phút); "
        "Thứ trưởng TV05 (lúc 08 giờ 40 phút, trong 45 giây)."
    )
    assert figure("Nội dung 2: phát biểu") == ("2 lượt", (27, 28, 29, 30))


def test_a_vote_is_told_with_counts_shares_rule_and_names() -> None:
    told = section("Nội dung 2.").lines[2:]
    assert told[0].text == (
        "c) Biểu quyết công khai bằng phương tiện điện tử, từ 09 giờ 03 phút 10 giây đến 09 giờ 05 phút 10 giây. "
        "Nội dung biểu quyết: “Thông qua dự thảo 3 Nghị định về dịch vụ công không tiếp xúc để trình Chính phủ.”"
    )
    assert [line.cells[1:] for line in told[1:7]] == [
        ("Tổng số thành viên", "7", "100,00%"),
        ("Tán thành", "6", "85,71%"),
        ("Không tán thành", "0", "0,00%"),
        ("Không biểu quyết", "0", "0,00%"),
        ("Không tham gia biểu quyết", "0", "0,00%"),
        ("Vắng mặt", "1", "14,29%"),
    ]
    assert {line.table for line in told[1:7]} == {Table.RESULT}
    assert (told[1].text, told[1].entries) == ("Tổng số thành viên: 7", (60,))
    assert (told[2].text, told[2].entries) == ("Tán thành: 6/7 (85,71%)", (61, 62, 63, 64, 65, 66, 69))
    assert (told[3].text, told[3].entries) == ("Không tán thành: 0/7 (0,00%)", (69,))
    assert told[7].text == (
        "Kết luận biểu quyết: thông qua. 6/7 tán thành: cần ≥ 4, quá nửa tổng số thành viên; căn cứ: Quy định về "
        "biểu quyết, Quy chế làm việc của Bộ (bản mẫu)."
    )
    assert told[9].text == "1. Bộ trưởng TV01: Tán thành"
    assert told[9].cells == ("1", "Bộ trưởng TV01", "Tán thành", "09 giờ 04 phút 11 giây")
    assert (told[9].entries, told[9].table) == ((61,), Table.BALLOTS)


def test_each_count_points_to_the_ballots_that_make_it() -> None:
    assert figure("Nội dung 3: tán thành") == ("4/7", (61, 62, 65, 66, 89))
    assert figure("Nội dung 3: không tán thành") == ("2/7", (63, 64, 89))
    assert figure("Nội dung 3: không biểu quyết") == ("1/7", (67, 89))
    assert figure("Nội dung 3: kết quả") == ("thông qua", (89,))


def test_silence_is_told_by_name() -> None:
    course = FACTS.courses[1]
    silent = replace(course.votes[0], choices=(replace(course.votes[0].choices[0], label=None, at=None, entry=None),))
    text = compose(replace(FACTS, courses=(replace(course, votes=(silent,)),)))
    row = section("Nội dung 2.", text).lines[-2]
    assert row.text == "1. Bộ trưởng TV01: Không tham gia biểu quyết"
    assert row.cells[-1] == "–"
    assert row.entries == ()


def test_a_vote_that_was_called_off_is_told_and_counts_for_nothing() -> None:
    assert (
        "b) Biểu quyết “Phương án 0.” mở lúc 09 giờ 15 phút 00 giây, hủy lúc 09 giờ 16 phút 00 giây; "
        "lý do: ghi sai tên đơn vị. Các phiếu đã gửi không có giá trị."
    ) in lines("Nội dung 3.")
    assert not [each for each in TEXT.figures if each.name.startswith("Nội dung 3, biểu quyết")]


def test_two_votes_on_one_item_are_told_apart() -> None:
    course = FACTS.courses[1]
    second = replace(course.votes[0], result=replace(_result(course.votes[0].result), outcome="không thông qua"))
    text = compose(replace(FACTS, courses=(replace(course, votes=(course.votes[0], second)),)))
    assert figure("Nội dung 2, biểu quyết 1: kết quả", text)[0] == "thông qua"
    assert figure("Nội dung 2, biểu quyết 2: kết quả", text)[0] == "không thông qua"


def _result(result: Result | None) -> Result:
    assert result is not None
    return result


def test_an_item_the_meeting_did_not_come_to_is_not_left_out() -> None:
    assert lines("Nội dung 4.") == ["Phiên họp chưa xem xét nội dung này."]


@pytest.mark.parametrize(
    ("resumed", "told"),
    [("09:45", "Từ 09 giờ 30 phút đến 09 giờ 45 phút."), (None, "Từ 09 giờ 30 phút đến khi kết thúc phiên họp.")],
)
def test_breaks_are_told(resumed: str | None, told: str) -> None:
    paused = replace(FACTS.opened, at=at("09:30"), entries=(41,))
    back = replace(paused, at=at(resumed), entries=(42,)) if resumed else None
    text = compose(replace(FACTS, pauses=((paused, back),)))
    assert lines("Tạm nghỉ", text) == [told]
    assert section("Tạm nghỉ", text).lines[0].entries == ((41, 42) if resumed else (41,))


def test_that_the_session_was_recorded_is_told_with_its_times_and_what_proves_them() -> None:
    since, until = (
        replace(FACTS.opened, at=at("08:05"), entries=(7,)),
        replace(FACTS.opened, at=at("09:30"), entries=(9,)),
    )
    text = compose(replace(FACTS, recordings=((since, until),)))
    told = "từ 08 giờ 05 phút đến 09 giờ 30 phút."
    assert lines("Ghi âm, ghi hình", text) == [f"Phiên họp được ghi âm, ghi hình theo quyết định của chủ tọa, {told}"]
    assert section("Ghi âm, ghi hình", text).lines[0].entries == (7, 9)
    assert not [each for each in compose(FACTS).sections if each.heading == "Ghi âm, ghi hình"]


def test_guests_who_stayed_away_are_named() -> None:
    away = [replace(each, stays=()) if each.positions else each for each in FACTS.attendees]
    assert "Khách mời vắng mặt: Vụ trưởng Vụ Pháp chế (không nêu lý do)." in lines(
        "Thành phần", compose(replace(FACTS, attendees=tuple(away)))
    )
