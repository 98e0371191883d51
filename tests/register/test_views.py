"""What the register shows, field by field."""

from datetime import date

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId
from ecabinet.register import views
from ecabinet.register.kinds import kinds_of_vote
from ecabinet.register.model import Body, Lang, Membership, RuleProfile, Words
from ecabinet.register.offers import offers
from ecabinet.register.phrases import profile_in_words
from ecabinet.register.profiles import shipped

ANH, BINH, CHI = PersonId("anh"), PersonId("binh"), PersonId("chi")
BOARD = Body(BodyId("board"), "Tập thể Lãnh đạo Bộ", "Leadership", "Bộ Hạ tầng số", ProfileId("lanh-dao-bo"))
SITS = Membership(
    id=MembershipId("m"),
    body=BOARD.id,
    post=PostId("head"),
    person=BINH,
    name="Bộ trưởng (TV01)",
    title=Words("Bộ trưởng", "Minister"),
    order=1,
    votes=True,
    since=date(2026, 1, 1),
    is_head=True,
)
PROFILES = {profile.id: profile for profile in shipped()}


@pytest.mark.parametrize(
    ("lang", "name", "post"), [(Lang.VI, "Tập thể Lãnh đạo Bộ", "Bộ trưởng"), (Lang.EN, "Leadership", "Minister")]
)
def test_a_body_is_shown_with_its_members_and_its_rules_in_words(lang: Lang, name: str, post: str) -> None:
    profile = PROFILES[BOARD.profile]
    said = views.profile_entry(profile, profile_in_words(profile, lang), lang)
    entry = views.body_entry(BOARD, [SITS], said, lang)
    assert (entry["name"], entry["unit"], entry["salutation"]) == (name, "Bộ Hạ tầng số", "đồng chí")
    assert entry["members"] == [{"person": BINH, "name": "Bộ trưởng (TV01)", "post": post, "order": 1}]
    assert (entry["profile"]["effective"], entry["profile"]["is_binding"]) == ("2026-01-01", False)
    assert {frozenset(each) for each in entry["profile"]["words"]} == {frozenset({"heading", "sentence", "article"})}


def test_what_is_still_to_be_checked_about_a_source_stands_beside_its_article() -> None:
    profile = PROFILES[ProfileId("hdnd-tinh")]
    said = views.profile_entry(profile, profile_in_words(profile, Lang.VI), Lang.VI)
    articles = {each["heading"]: each["article"] for each in said["words"]}
    assert "Chưa đối chiếu" in articles["Thông báo triệu tập, họp thường kỳ"]
    assert "(" not in articles["Người dự họp thay"]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.id)
def test_every_kind_of_vote_says_what_it_needs_and_where_that_is_written(profile: RuleProfile) -> None:
    for lang in Lang:
        kinds = kinds_of_vote(profile, lang)
        assert [kind["matter"] for kind in kinds[: len(profile.decisions)]] == [key.value for key in profile.decisions]
        assert all(kind["name"] and kind["sentence"].endswith(".") and kind["article"] for kind in kinds)
        assert len({(kind["matter"], kind["motion"], kind["method"]) for kind in kinds}) == len(kinds)


def test_a_council_resolves_by_more_than_half_of_all_deputies() -> None:
    first = kinds_of_vote(PROFILES[ProfileId("hdnd-tinh")], Lang.VI)[0]
    assert (first["matter"], first["method"], first["sentence"]) == (
        "resolution",
        "approval",
        "Cần quá nửa tổng số đại biểu tán thành.",
    )


def test_confidence_is_answered_in_its_own_words() -> None:
    offered = kinds_of_vote(PROFILES[ProfileId("hdnd-xa")], Lang.VI)
    kinds = {kind["matter"]: kind for kind in offered if kind["method"] != "election"}
    assert kinds["confidence"]["form"] == "secret"
    assert kinds["confidence"]["answers"] == [
        {"id": "for", "label": "Tín nhiệm"},
        {"id": "against", "label": "Không tín nhiệm"},
    ]
    assert [answer["id"] for answer in kinds["resolution"]["answers"]] == ["for", "against", "abstain"]
    assert kinds["choice"]["answers"] == []


@pytest.mark.parametrize("lang", list(Lang))
def test_what_a_bodys_procedures_offer_is_told_and_what_it_does_not_know_is_null(lang: Lang) -> None:
    known = {
        name: {key for key, offered in offers(profile, lang).items() if offered} - {"answers"}
        for name, profile in PROFILES.items()
    }
    assert known == {
        "chinh-phu": {"tellers", "slips"},
        "hdnd-tinh": {"elections", "ratings", "tellers"},
        "hdnd-xa": {"elections", "tellers"},
        "hoi": {"elections", "tellers", "slips", "proxies", "motions"},
        "hop-hanh-chinh": set(),
        "lanh-dao-bo": {"tellers", "slips"},
        "ubnd-tinh": {"tellers", "slips"},
        "ubnd-xa": {"tellers", "slips"},
    }


def test_only_advisory_bodies_take_another_opinion_in_session() -> None:
    words = {name: [each["id"] for each in offers(profile, Lang.VI)["answers"]] for name, profile in PROFILES.items()}
    assert {name for name, answers in words.items() if "other" in answers} == {"lanh-dao-bo", "hop-hanh-chinh"}
    slips = offers(PROFILES[ProfileId("chinh-phu")], Lang.VI)["slips"]
    assert slips is not None
    assert [each["label"] for each in slips["answers"]] == ["Đồng ý", "Không đồng ý", "Ý kiến khác"]


def test_the_ladder_of_motions_is_told_from_the_top() -> None:
    ladder = offers(PROFILES[ProfileId("hoi")], Lang.EN)["motions"]
    assert [motion["rank"] for motion in ladder] == [*range(13, 0, -1), None, None, None]
    said = {motion["id"]: motion for motion in ladder}
    assert said["previous_question"]["sentence"] == (
        "Needs at least 2/3 of the ballots for and against for it; not debatable."
    )
    assert (said["point_of_order"]["is_voted_on"], said["appeal"]["is_voted_on"]) == (False, True)


def test_everyone_can_be_asked_the_members_first() -> None:
    entry = views.people_entry({BINH: "binh", CHI: "Khách B", ANH: "Khách A"}, [SITS], Lang.VI)
    assert entry["people"] == [
        {"person": BINH, "name": "Bộ trưởng (TV01)", "post": "Bộ trưởng"},
        {"person": ANH, "name": "Khách A", "post": ""},
        {"person": CHI, "name": "Khách B", "post": ""},
    ]


def test_my_body_tells_what_i_am_in_it() -> None:
    entry = views.my_body_entry(BOARD, frozenset({Role.BODY_SECRETARY, Role.BODY_MEMBER}), Lang.EN)
    assert entry == {
        "id": "board",
        "name": "Leadership",
        "unit": "Bộ Hạ tầng số",
        "roles": ["body_member", "body_secretary"],
        "salutation": "đồng chí",
    }


def test_who_decides_to_record_is_cited_and_what_a_lawyer_has_to_check_is_said() -> None:
    cited = {name: profile.recording for name, profile in PROFILES.items()}
    assert {name for name, rule in cited.items() if rule is None} == {"chinh-phu"}
    by_source = {name: rule.source.vi[:21] for name, rule in cited.items() if rule is not None}
    assert {name for name, source in by_source.items() if source == "Quyết định 45/2018/QĐ"} == {
        "lanh-dao-bo", "hop-hanh-chinh", "ubnd-tinh", "ubnd-xa",
    }  # fmt: skip
    assert all(rule.note for rule in cited.values() if rule is not None)
    council = profile_in_words(PROFILES[ProfileId("hdnd-tinh")], Lang.VI)
    [said] = [each for each in council if each.heading == "Ghi âm, ghi hình"]
    # No law was found that lets the chair of a council decide, and none is made up.
    assert "chủ tọa quyết định" in (said.note or "")
    assert "quyết định ghi" not in said.sentence
