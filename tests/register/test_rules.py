"""Members on a day, versions on a day, and by when things must be sent."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId
from ecabinet.register.model import (
    DayUnit,
    Electorate,
    Lang,
    LeadTime,
    Matter,
    Membership,
    RecusalEffect,
    RuleProfile,
    Secrecy,
    TieMethod,
    TieScope,
    Words,
)
from ecabinet.register.phrases import profile_in_words
from ecabinet.register.profiles import shipped
from ecabinet.register.rules import (
    ProfileUnknown,
    check_membership,
    is_working_day,
    lead_deadline,
    local_day,
    members_at,
    profile_at,
)

PROFILES = {profile.id: profile for profile in shipped()}


def membership(name: str, order: int, since: date, until: date | None = None) -> Membership:
    return Membership(
        MembershipId(name), BodyId("b"), PostId(f"post-{order}"), PersonId(name), name, Words("Thứ trưởng", "Deputy"),
        order, True, since, until,
    )  # fmt: skip


def test_a_membership_holds_from_its_first_day_to_the_day_before_its_end() -> None:
    sitting = [membership("b", 2, date(2026, 1, 1), date(2026, 6, 1)), membership("a", 1, date(2026, 3, 1))]
    on = {
        day: [each.name for each in members_at(sitting, day)]
        for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1))
    }
    assert list(on.values()) == [[], ["b"], ["a", "b"], ["a"]]


def test_members_stand_in_order_of_protocol_then_by_name() -> None:
    since = date(2026, 1, 1)
    sitting = [membership("c", 2, since), membership("b", 2, since), membership("z", 1, since)]
    assert [each.name for each in members_at(sitting, since)] == ["z", "b", "c"]


HEADED = replace(membership("a", 1, date(2026, 1, 1), date(2026, 7, 1)), is_head=True)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (membership("b", 2, date(2026, 3, 1), date(2026, 3, 1)), "span_invalid"),
        (membership("a", 2, date(2026, 6, 30)), "already_member"),
        (membership("a", 2, date(2025, 1, 1), date(2026, 1, 2)), "already_member"),
        (replace(membership("b", 1, date(2026, 6, 30)), is_head=True), "head_post_taken"),
        (membership("a", 2, date(2026, 7, 1)), None),
        (membership("a", 2, date(2025, 1, 1), date(2026, 1, 1)), None),
        (membership("b", 2, date(2026, 3, 1)), None),
        (replace(membership("b", 1, date(2026, 7, 1)), is_head=True), None),
    ],
)
def test_one_person_has_one_seat_and_a_body_one_head(new: Membership, code: str | None) -> None:
    if code is None:
        check_membership(new, [HEADED])
        return
    with pytest.raises(Refusal) as refused:
        check_membership(new, [HEADED])
    assert refused.value.code == code


def test_the_day_is_vietnams() -> None:
    assert local_day(datetime(2026, 11, 24, 17, tzinfo=UTC)) == date(2026, 11, 25)
    assert local_day(datetime(2026, 11, 24, 16, 59, tzinfo=UTC)) == date(2026, 11, 24)
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 11, 24))  # noqa: DTZ001


def test_a_meeting_keeps_the_rules_it_was_held_under() -> None:
    old = PROFILES[ProfileId("ubnd-tinh")]
    new = replace(old, version="2027.1", effective=date(2027, 1, 1))
    ended = replace(old, until=date(2027, 1, 1))
    for versions in ([old, new], [new, ended]):
        assert profile_at(versions, old.id, date(2026, 12, 31)).version == "2025.1"
        assert profile_at(versions, old.id, date(2027, 1, 1)).version == "2027.1"
    with pytest.raises(ProfileUnknown):
        profile_at([old], old.id, date(2020, 1, 1))


# A Friday, 08:00 in Vietnam; the Wednesday before it is a holiday in two rows.
FRIDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)
HOLIDAY = date(2026, 11, 25)
DEADLINES = [
    (DayUnit.WORKING_DAYS, 3, FRIDAY, [], datetime(2026, 11, 24, 17, tzinfo=UTC)),
    (DayUnit.WORKING_DAYS, 3, FRIDAY, [HOLIDAY], datetime(2026, 11, 23, 17, tzinfo=UTC)),
    (DayUnit.WORKING_DAYS, 5, FRIDAY, [], datetime(2026, 11, 20, 17, tzinfo=UTC)),
    (DayUnit.WORKING_DAYS, 1, datetime(2026, 11, 30, 1, tzinfo=UTC), [], datetime(2026, 11, 27, 17, tzinfo=UTC)),
    (DayUnit.DAYS, 1, datetime(2026, 11, 30, 1, tzinfo=UTC), [], datetime(2026, 11, 29, 17, tzinfo=UTC)),
    (DayUnit.DAYS, 5, FRIDAY, [HOLIDAY], datetime(2026, 11, 22, 17, tzinfo=UTC)),
    # 00:30 on the 28th in Vietnam is still the 27th in UTC.
    (DayUnit.DAYS, 1, datetime(2026, 11, 27, 17, 30, tzinfo=UTC), [], datetime(2026, 11, 27, 17, tzinfo=UTC)),
]


@pytest.mark.parametrize(("unit", "amount", "start", "holidays", "deadline"), DEADLINES)
def test_papers_are_in_time_until_the_end_of_the_last_day(
    unit: DayUnit, amount: int, start: datetime, holidays: list[date], deadline: datetime
) -> None:
    rule: LeadTime = replace(PROFILES[ProfileId("lanh-dao-bo")].lead_times[0], unit=unit, amount=amount)
    assert lead_deadline(rule, start, holidays) == deadline


def test_weekends_are_no_working_days() -> None:
    assert [is_working_day(date(2026, 11, day), []) for day in (27, 28, 29, 30)] == [True, False, False, True]


def test_a_profile_can_be_read_aloud() -> None:
    said = {each.heading: each for each in profile_in_words(PROFILES[ProfileId("ubnd-tinh")], Lang.VI)}
    assert said["Số lượng tiến hành phiên họp"].sentence == (
        "Phiên họp được tiến hành khi ít nhất 2/3 tổng số thành viên có mặt."
    )
    assert said["Quyết nghị của Ủy ban nhân dân"].sentence == "Cần quá nửa tổng số thành viên tán thành."
    assert said["Tài liệu, họp bất thường"].sentence == "Gửi chậm nhất 1 ngày trước ngày họp."
    assert said["Tài liệu, họp bất thường"].note == "Đối chiếu số điều với Luật số 72/2025/QH15."


def test_an_advisory_body_says_first_that_its_votes_advise() -> None:
    first = profile_in_words(PROFILES[ProfileId("lanh-dao-bo")], Lang.EN)[0]
    assert first.heading == "Force of a vote"
    assert "advises" in first.sentence


COUNCIL = PROFILES[ProfileId("hdnd-tinh")]
GOVERNMENT = PROFILES[ProfileId("chinh-phu")]
RESOLUTION = GOVERNMENT.decisions[Matter.RESOLUTION]


def with_tie(**changed: object) -> RuleProfile:
    """The Government's rules with another tie rule."""
    tie = replace(RESOLUTION.tie, **changed)  # type: ignore[arg-type]
    return replace(GOVERNMENT, decisions={Matter.RESOLUTION: replace(RESOLUTION, tie=tie)})


SAID = [
    (GOVERNMENT, "Quyết nghị của Chính phủ – ngang nhau", "Số phiếu ngang nhau thì theo ý kiến Thủ tướng"),
    (
        with_tie(scope=TieScope.STRICT_ALL_VOTED),
        "Quyết nghị của Chính phủ – ngang nhau",
        "Số phiếu ngang nhau khi mọi thành viên đều đã tán thành hoặc không tán thành thì",
    ),
    (
        with_tie(method=TieMethod.CASTING_VOTE),
        "Quyết nghị của Chính phủ – ngang nhau",
        "Số phiếu ngang nhau thì Thủ tướng Chính phủ bỏ phiếu quyết định",
    ),
    (COUNCIL, "Người dự họp thay", "Không có người dự họp thay"),
    (GOVERNMENT, "Người dự họp thay", "Người dự họp thay được phát biểu, không được biểu quyết"),
    (
        replace(GOVERNMENT, stand_in=replace(GOVERNMENT.stand_in, speaks=False)),
        "Người dự họp thay",
        "Người dự họp thay chỉ dự, không phát biểu",
    ),
    (GOVERNMENT, "Xung đột lợi ích", "Người có xung đột lợi ích không tính là có mặt, vẫn tính trong tổng số"),
    (
        replace(GOVERNMENT, recusal=replace(GOVERNMENT.recusal, effect=RecusalEffect.LEAVES_BASE)),
        "Xung đột lợi ích",
        "Người có xung đột lợi ích không tính là có mặt và không tính trong tổng số",
    ),
    (GOVERNMENT, "Hình thức biểu quyết", "Công khai; bỏ phiếu kín chỉ tại phòng họp"),
    (
        replace(GOVERNMENT, secrecy=replace(GOVERNMENT.secrecy, default=Secrecy.SECRET, secret_from_afar=True)),
        "Hình thức biểu quyết",
        "Bỏ phiếu kín; bỏ phiếu kín có thể từ xa",
    ),
    (COUNCIL, "Tổng số", "Tổng số là số đại biểu đang tại chức"),
    (
        replace(COUNCIL, electorate=replace(COUNCIL.electorate, counts=Electorate.STATUTORY_SEATS)),
        "Tổng số",
        "Tổng số là số đại biểu theo quy định, kể cả khuyết",
    ),
    (COUNCIL, "Thông báo triệu tập, họp bất thường", "Gửi chậm nhất 7 ngày trước ngày họp"),
    (COUNCIL, "Bãi nhiệm đại biểu Hội đồng nhân dân", "Cần ít nhất 2/3 tổng số đại biểu tán thành"),
]


@pytest.mark.parametrize(("profile", "heading", "sentence"), SAID)
def test_each_rule_has_its_sentence(profile: RuleProfile, heading: str, sentence: str) -> None:
    said = {each.heading: each.sentence for each in profile_in_words(profile, Lang.VI)}
    assert said[heading].startswith(sentence)
    assert len(profile_in_words(profile, Lang.EN)) == len(said)
