"""Members on a day, versions on a day, and by when things must be sent."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId
from ecabinet.kernel.restore import restore
from ecabinet.register.model import (
    DayUnit,
    Electorate,
    Lang,
    LeadTime,
    Matter,
    Membership,
    MotionOutOfOrder,
    MotionUnknown,
    ProxyNotAllowed,
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
    check_in_order,
    check_membership,
    check_proxy,
    in_order,
    is_working_day,
    lead_deadline,
    local_day,
    members_at,
    motion_decision,
    profile_at,
)
from tests.reference import elections as twin

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


# --- proxies and motions ---


def test_nobody_holds_more_proxies_than_the_charter_allows() -> None:
    charter = PROFILES[ProfileId("hoi")].proxies
    check_proxy(charter, held=1)
    with pytest.raises(ProxyNotAllowed) as refused:
        check_proxy(charter, held=2)
    assert refused.value.detail == {"most": 2}
    with pytest.raises(ProxyNotAllowed) as refused:
        check_proxy(PROFILES[ProfileId("ubnd-tinh")].proxies, held=0)
    assert refused.value.detail == {"most": 0}


HOI = PROFILES[ProfileId("hoi")]
MOTIONS = [motion.key for motion in HOI.motions]


@pytest.mark.parametrize(
    ("pending", "wanted", "is_in_order"),
    [
        ([], "main", True),
        (["main"], "main", False),
        ([], "amend", False),  # nothing to amend
        (["main"], "amend", True),
        (["main", "amend"], "amend", True),  # an amendment may be amended
        (["main", "amend", "amend"], "amend", False),  # and no further
        (["main", "amend"], "postpone_indefinitely", False),
        (["main", "amend"], "refer", True),
        (["main", "refer"], "amend", False),
        (["main", "previous_question"], "lay_on_the_table", True),
        (["main", "lay_on_the_table"], "previous_question", False),
        ([], "adjourn", True),
        (["main", "lay_on_the_table"], "adjourn", True),
        (["adjourn"], "fix_time_to_adjourn", True),
        (["fix_time_to_adjourn"], "adjourn", False),
        (["adjourn"], "adjourn", False),
        (["main", "adjourn"], "point_of_order", True),
        ([], "appeal", True),
        (["appeal"], "main", True),
    ],
)
def test_a_motion_is_in_order_when_nothing_pending_ranks_as_high(
    pending: list[str], wanted: str, is_in_order: bool
) -> None:
    assert in_order(HOI, pending, wanted) is is_in_order
    if is_in_order:
        check_in_order(HOI, pending, wanted)
        return
    with pytest.raises(MotionOutOfOrder) as refused:
        check_in_order(HOI, pending, wanted)
    assert refused.value.detail == {"motion": wanted, "pending": pending}


@given(st.lists(st.sampled_from(MOTIONS), max_size=4), st.sampled_from(MOTIONS))
def test_the_ladder_is_roberts_as_the_twin_reads_it(pending: list[str], wanted: str) -> None:
    assert in_order(HOI, pending, wanted) == twin.in_order(pending, wanted)


@pytest.mark.parametrize("profile", ["hoi", "hdnd-tinh"])
def test_a_motion_the_rules_do_not_know_is_refused(profile: str) -> None:
    with pytest.raises(MotionUnknown):
        in_order(PROFILES[ProfileId(profile)], [], "filibuster")


def test_a_motion_that_is_not_voted_on_has_no_decision() -> None:
    with pytest.raises(MotionUnknown) as refused:
        motion_decision(HOI, "point_of_order")
    assert "appeal" in refused.value.detail["known"]
    assert "point_of_order" not in refused.value.detail["known"]


def test_a_tie_on_a_motion_is_settled_as_any_other_where_more_than_half_is_needed() -> None:
    assert motion_decision(HOI, "refer").tie.method is TieMethod.CASTING_VOTE
    for motion in ("previous_question", "appeal"):
        assert motion_decision(HOI, motion).tie.method is TieMethod.NOT_PASSED


@pytest.mark.parametrize("profile", shipped(), ids=lambda profile: f"{profile.id} {profile.version}")
def test_every_rule_is_said_in_both_languages_as_whole_sentences(profile: RuleProfile) -> None:
    vietnamese, english = profile_in_words(profile, Lang.VI), profile_in_words(profile, Lang.EN)
    assert len(vietnamese) == len(english)
    for said in (vietnamese, english):
        headings = [each.heading for each in said]
        assert len(set(headings)) == len(headings)
        for each in said:
            assert each.sentence.endswith(".")
            assert each.sentence[0].isupper(), each.sentence
    assert all(one.sentence != other.sentence for one, other in zip(vietnamese, english, strict=True))


def test_the_councils_rules_for_papers_are_said_in_words() -> None:
    said = {each.heading: each.sentence for each in profile_in_words(PROFILES[ProfileId("hdnd-tinh")], Lang.VI)}
    assert said["Bỏ phiếu tín nhiệm"] == "Không đạt khi quá nửa tổng số phiếu thu về không tín nhiệm."
    assert said["Bỏ phiếu tín nhiệm – hình thức"] == "Bỏ phiếu kín."
    assert said["Ban kiểm phiếu"] == (
        "Ít nhất 3 người, bầu công khai tại phiên họp; người có tên trong phiếu không kiểm phiếu."
    )
    assert said["Lấy phiếu tín nhiệm"].startswith(
        "Bỏ phiếu kín. Ba mức: tín nhiệm cao, tín nhiệm, tín nhiệm thấp. Có quá nửa tổng số phiếu thu về "
    )
    assert "được quá nửa tổng số đại biểu bầu" in said["Bầu cử"]
    assert said["Khi không còn đủ số lượng"].startswith("Khi còn dưới 2/3 tổng số đại biểu")


def test_other_charters_are_said_as_they_are() -> None:
    """Rules no shipped body has."""
    charter = HOI
    assert charter.elections is not None
    assert charter.tellers is not None
    assert charter.slips is not None
    assert charter.proxies is not None
    other = replace(
        charter,
        elections=replace(charter.elections, floor=None, more_candidates=False, is_secret=False),
        tellers=replace(charter.tellers, elected_openly=True, candidates_barred=False),
        slips=replace(charter.slips, reported=False),
        proxies=replace(charter.proxies, counts_in_quorum=False),
    )
    said = {each.heading: each.sentence for each in profile_in_words(other, Lang.EN)}
    assert said["Elections"].startswith("Open or secret, as the body decides. Whoever has more votes is elected.")
    assert "There are no more candidates than seats." in said["Elections"]
    assert said["Tellers"] == "At least 2, elected openly in session."
    assert said["Opinions in writing"].endswith("majority and tie are a session's.")
    assert said["Proxies"] == "Proxies are allowed, at most 2 to a holder; those represented do not count as there."


def test_a_profile_recorded_before_there_were_such_rules_is_read_back_without_them() -> None:
    """Every bundle carries the rules its votes were decided by, as they were known then."""
    recorded = plain(PROFILES[ProfileId("hdnd-tinh")])
    for key in ("public_body", "reduced", "elections", "ratings", "tellers", "slips", "proxies", "motions"):
        del recorded[key]
    del recorded["decisions"]["confidence"]
    for rule in recorded["decisions"].values():
        del rule["measures"], rule["answers"], rule["form"]
    profile = restore(RuleProfile, recorded)
    assert (profile.elections, profile.tellers, profile.secret_matters) == (None, None, frozenset())
    assert profile.answers_to(Matter.REMOVAL) == profile.answers.session
