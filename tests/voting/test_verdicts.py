"""Every article as a row of a table: the numbers, and what the body's own rule makes of them."""

from dataclasses import replace
from fractions import Fraction

import pytest

from ecabinet.kernel.events import plain
from ecabinet.kernel.restore import restore
from ecabinet.register.model import (
    Base,
    Comparison,
    Electorate,
    Lang,
    Matter,
    Meaning,
    RecusalEffect,
    ReducedNotApplicable,
    ReducedRequired,
    Threshold,
    TieMethod,
    TieScope,
)
from ecabinet.register.rules import motion_decision
from ecabinet.voting import methods, phrases
from ecabinet.voting.model import Counts, CountsInconsistent, MatterUnknown, Outcome, Side, Strength, Verdict
from tests.reference import verdicts as twin
from tests.voting.halls import PROFILES, judged, vote

# body, (members, present, for, against, abstained), chair, outcome, smallest number that passes
TABLE = [
    # Luật TCCP 2015 art. 46(3): more than half of all members. 24/6/2019: 25 of 27, two not voting.
    ("chinh-phu", (27, 25, 25, 0, 0), "none", "passed", 14),
    ("chinh-phu", (27, 27, 14, 13, 0), "against", "passed", 14),
    ("chinh-phu", (27, 27, 13, 14, 0), "for", "not_passed", 14),
    ("chinh-phu", (27, 18, 13, 0, 5), "for", "not_passed", 14),
    ("chinh-phu", (26, 26, 14, 12, 0), "against", "passed", 14),
    # art. 46(3), equal votes: the side on which the Prime Minister voted.
    ("chinh-phu", (27, 27, 13, 13, 1), "for", "passed", 14),
    ("chinh-phu", (27, 27, 13, 13, 1), "against", "not_passed", 14),
    ("chinh-phu", (27, 27, 13, 13, 1), "abstain", "not_passed", 14),
    ("chinh-phu", (27, 27, 13, 13, 1), "none", "undecided", 14),
    ("chinh-phu", (26, 26, 13, 13, 0), "for", "passed", 14),
    # Nobody for and nobody against is silence, not a tie.
    ("chinh-phu", (27, 27, 0, 0, 27), "for", "not_passed", 14),
    # art. 46(1): two thirds of all members.
    ("chinh-phu", (27, 17, 0, 0, 0), "none", "no_quorum", 14),
    ("chinh-phu", (27, 17, 17, 0, 0), "for", "no_quorum", 14),
    ("chinh-phu", (27, 18, 18, 0, 0), "for", "passed", 14),
    # Luật TCCQĐP 2015 art. 117: more than half of all members of the Committee; equal: the Chairman's vote.
    ("ubnd-tinh", (21, 19, 10, 9, 0), "for", "not_passed", 11),
    ("ubnd-tinh", (21, 19, 11, 8, 0), "against", "passed", 11),
    ("ubnd-tinh", (21, 20, 10, 10, 0), "for", "passed", 11),
    ("ubnd-tinh", (21, 20, 10, 10, 0), "against", "not_passed", 11),
    ("ubnd-tinh", (21, 20, 10, 10, 0), "none", "undecided", 11),
    # A slip's 10 to 7 of 21 is not a majority of all.
    ("ubnd-tinh", (21, 17, 10, 7, 0), "for", "not_passed", 11),
    # art. 114: quorum.
    ("ubnd-tinh", (21, 13, 13, 0, 0), "for", "no_quorum", 11),
    ("ubnd-tinh", (21, 14, 14, 0, 0), "for", "passed", 11),
    # art. 91(3): more than half of all deputies; no tie rule.
    ("hdnd-tinh", (75, 70, 38, 20, 12), "none", "passed", 38),
    ("hdnd-tinh", (75, 70, 37, 0, 33), "for", "not_passed", 38),
    ("hdnd-tinh", (75, 70, 68, 1, 1), "none", "passed", 38),
    ("hdnd-tinh", (75, 69, 52, 4, 13), "none", "passed", 38),
    ("hdnd-tinh", (74, 74, 37, 37, 0), "for", "not_passed", 38),
    ("hdnd-tinh", (75, 49, 49, 0, 0), "none", "no_quorum", 38),
    ("hdnd-tinh", (75, 50, 38, 12, 0), "none", "passed", 38),
    # 6.1: seven members, quorum five, four pass; equal: the Minister.
    ("lanh-dao-bo", (7, 6, 6, 0, 0), "for", "passed", 4),
    ("lanh-dao-bo", (7, 7, 4, 2, 1), "for", "passed", 4),
    ("lanh-dao-bo", (7, 7, 3, 3, 1), "for", "passed", 4),
    ("lanh-dao-bo", (7, 7, 3, 3, 1), "against", "not_passed", 4),
    ("lanh-dao-bo", (7, 4, 4, 0, 0), "for", "no_quorum", 4),
    ("lanh-dao-bo", (7, 5, 4, 1, 0), "for", "passed", 4),
]


@pytest.mark.parametrize(("body", "numbers", "chair", "outcome", "needed"), TABLE)
def test_the_bodys_rule_decides(
    body: str, numbers: tuple[int, int, int, int, int], chair: str, outcome: str, needed: int
) -> None:
    verdict = judged(body, numbers, Side(chair))
    assert verdict.outcome.value == outcome
    assert verdict.arithmetic.needed == needed
    assert verdict.arithmetic.base is Base.ALL
    assert verdict.arithmetic.base_number == numbers[0]


@pytest.mark.parametrize(
    ("body", "numbers", "outcome", "base", "needed"),
    [
        # The commune's committee and council, by the articles that speak of every level.
        ("ubnd-xa", (11, 8, 6, 2, 0), "passed", (Base.ALL, 11), 6),
        ("ubnd-xa", (11, 8, 5, 3, 0), "not_passed", (Base.ALL, 11), 6),
        ("ubnd-xa", (11, 7, 7, 0, 0), "no_quorum", (Base.ALL, 11), 6),
        ("hdnd-xa", (30, 20, 16, 4, 0), "passed", (Base.ALL, 30), 16),
        ("hdnd-xa", (30, 30, 15, 15, 0), "not_passed", (Base.ALL, 30), 16),
        ("hdnd-xa", (30, 19, 19, 0, 0), "no_quorum", (Base.ALL, 30), 16),
        # An administrative meeting: more than half of those there, as advice.
        ("hop-hanh-chinh", (20, 11, 6, 5, 0), "passed", (Base.PRESENT, 11), 6),
        ("hop-hanh-chinh", (20, 12, 6, 0, 0), "not_passed", (Base.PRESENT, 12), 7),
        ("hop-hanh-chinh", (20, 10, 10, 0, 0), "no_quorum", (Base.PRESENT, 10), 6),
        # An association: more for than against, whoever abstains.
        ("hoi", (100, 51, 2, 1, 48), "passed", (Base.EXPRESSED, 3), 2),
        ("hoi", (100, 51, 20, 21, 10), "not_passed", (Base.EXPRESSED, 41), 21),
        # Equal: the chair's casting vote.
        ("hoi", (100, 51, 20, 20, 11), "passed", (Base.EXPRESSED, 40), 21),
        ("hoi", (100, 51, 0, 0, 51), "not_passed", (Base.EXPRESSED, 0), 1),
        ("hoi", (100, 50, 50, 0, 0), "no_quorum", (Base.EXPRESSED, 50), 26),
    ],
)
def test_smaller_bodies_and_others_bodies_decide_by_their_own_base(
    body: str, numbers: tuple[int, int, int, int, int], outcome: str, base: tuple[Base, int], needed: int
) -> None:
    verdict = judged(body, numbers, Side.FOR)
    assert (verdict.outcome.value, verdict.arithmetic.needed) == (outcome, needed)
    assert (verdict.arithmetic.base, verdict.arithmetic.base_number) == base


@pytest.mark.parametrize(("votes_for", "outcome"), [(50, "passed"), (49, "not_passed")])
def test_removing_a_deputy_needs_two_thirds_of_all(votes_for: int, outcome: str) -> None:
    """Luật TCCQĐP 2015 art. 91(3): 3·50 ≥ 2·75."""
    verdict = judged("hdnd-tinh", (75, 72, votes_for, 72 - votes_for, 0), matter="removal")
    assert (verdict.outcome.value, verdict.arithmetic.needed) == (outcome, 50)


@pytest.mark.parametrize(
    ("remaining", "present", "votes_for", "outcome"),
    [
        (45, 40, 31, "passed"),
        (45, 40, 30, "not_passed"),  # exactly two thirds is not more than two thirds
        (45, 29, 29, "no_quorum"),
        (45, 30, 30, "not_passed"),
        (46, 46, 31, "passed"),
    ],
)
def test_a_shrunken_council_decides_by_those_remaining(
    remaining: int, present: int, votes_for: int, outcome: str
) -> None:
    """Luật 65/2025 art. 46: more than two thirds of the remaining deputies."""
    verdict = judged(
        "hdnd-tinh", (75, present, votes_for, 0, present - votes_for), matter="reduced", remaining=remaining
    )
    assert (verdict.outcome.value, verdict.arithmetic.base_number) == (outcome, remaining if outcome else 0)
    assert verdict.arithmetic.base is Base.REMAINING


@pytest.mark.parametrize(
    ("numbers", "chair", "outcome"),
    [
        ((27, 27, 13, 13, 1), "for", "not_passed"),
        ((26, 26, 13, 13, 0), "for", "passed"),
        ((26, 26, 13, 13, 0), "against", "not_passed"),
        ((26, 26, 13, 13, 0), "none", "undecided"),
        ((21, 20, 10, 10, 0), "for", "not_passed"),
    ],
)
def test_read_strictly_votes_are_equal_only_when_all_voted(
    numbers: tuple[int, int, int, int, int], chair: str, outcome: str
) -> None:
    profile = PROFILES["chinh-phu"]
    rule = profile.decisions[Matter.RESOLUTION]
    strict = replace(rule, tie=replace(rule.tie, scope=TieScope.STRICT_ALL_VOTED))
    reading = replace(profile, decisions={**profile.decisions, Matter.RESOLUTION: strict})
    members, present, votes_for, against, abstained = numbers
    strength = Strength(members, present)
    answers = {Meaning.FOR: votes_for, Meaning.AGAINST: against, Meaning.ABSTAIN: abstained}
    counts = methods.counts_of(answers, None, strength, profile.recusal.effect)
    assert methods.verdict(reading, Matter.RESOLUTION, counts, strength, Side(chair)).outcome.value == outcome


@pytest.mark.parametrize(
    ("base", "numbers", "outcome", "base_number"),
    [
        (Base.PRESENT, (30, 21, 11, 0, 10), "passed", 21),
        (Base.PRESENT, (30, 21, 10, 0, 11), "not_passed", 21),
        (Base.CAST, (30, 21, 6, 4, 1), "passed", 11),
        (Base.CAST, (30, 21, 5, 4, 1), "not_passed", 10),
        (Base.EXPRESSED, (30, 21, 5, 4, 10), "passed", 9),
        (Base.EXPRESSED, (30, 21, 5, 5, 10), "not_passed", 10),
        (Base.CAST, (30, 21, 0, 0, 0), "not_passed", 0),
        (Base.EXPRESSED, (30, 21, 0, 0, 21), "not_passed", 0),
    ],
)
def test_other_bodies_count_other_bases(
    base: Base, numbers: tuple[int, int, int, int, int], outcome: str, base_number: int
) -> None:
    """§3.11: majority of those present, of the votes cast with abstentions counted, and simple majority."""
    profile = PROFILES["hdnd-tinh"]
    rule = replace(profile.decisions[Matter.RESOLUTION], base=base)
    other = replace(profile, decisions={Matter.RESOLUTION: rule})
    members, present, votes_for, against, abstained = numbers
    strength = Strength(members, present)
    answers = {Meaning.FOR: votes_for, Meaning.AGAINST: against, Meaning.ABSTAIN: abstained}
    counts = methods.counts_of(answers, None, strength, other.recusal.effect)
    verdict = methods.verdict(other, Matter.RESOLUTION, counts, strength)
    assert (verdict.outcome.value, verdict.arithmetic.base_number) == (outcome, base_number)


@pytest.mark.parametrize(("chair", "outcome"), [("for", "passed"), ("against", "not_passed"), ("none", "undecided")])
def test_a_casting_vote_is_one_more_vote(chair: str, outcome: str) -> None:
    profile = PROFILES["chinh-phu"]
    rule = profile.decisions[Matter.RESOLUTION]
    casting = replace(rule, tie=replace(rule.tie, method=TieMethod.CASTING_VOTE))
    other = replace(profile, decisions={Matter.RESOLUTION: casting})
    strength = Strength(8, 8)
    counts = methods.counts_of({Meaning.FOR: 4, Meaning.AGAINST: 4}, None, strength, other.recusal.effect)
    assert methods.verdict(other, Matter.RESOLUTION, counts, strength, Side(chair)).outcome.value == outcome


def test_another_opinion_is_neither_for_nor_against() -> None:
    """PLYK: 20 of 27 answered, 15 agree, 2 do not, 3 have another opinion."""
    profile = PROFILES["chinh-phu"]
    strength = Strength(27, 20)
    answers = {Meaning.FOR: 15, Meaning.AGAINST: 2, Meaning.OTHER: 3}
    counts = methods.counts_of(answers, None, strength, profile.recusal.effect)
    verdict = methods.verdict(profile, Matter.RESOLUTION, counts, strength)
    assert verdict.outcome is Outcome.PASSED
    assert verdict.arithmetic.shares["votes_for"] == "55.56"
    assert methods.share(15, 20) == "75.00"


@pytest.mark.parametrize(
    ("hall", "outcome", "chosen"),
    [
        # 6.1 item 4: PA1 three, PA2 three, another one.
        (["option-1"] * 3 + ["option-2"] * 3 + ["other"], "no_majority", None),
        (["option-2"] * 4 + ["option-1"] * 3, "passed", "option-2"),
        (["option-1"] * 3 + ["silent"] * 4, "no_majority", None),
        (["other"] * 7, "no_majority", None),
        (["abstain"] * 5 + ["absent"] * 2, "no_majority", None),
    ],
)
def test_an_alternative_needs_more_than_half_of_all(hall: list[str], outcome: str, chosen: str | None) -> None:
    verdict = vote("lanh-dao-bo", hall, Matter.CHOICE)
    assert (verdict.outcome.value, verdict.chosen) == (outcome, chosen)


@pytest.mark.parametrize(
    ("count", "members", "expected"),
    [
        (433, 494, "87.65"),
        (410, 494, "83.00"),
        (6, 494, "1.21"),
        (17, 494, "3.44"),
        (465, 478, "97.28"),
        (463, 478, "96.86"),
        (2, 478, "0.42"),
        (68, 75, "90.67"),
        (1, 75, "1.33"),
        (5, 7, "71.43"),
        (5, 6, "83.33"),
        (1, 800, "0.13"),  # 0.125 goes up
        (0, 3, "0.00"),
        (3, 3, "100.00"),
    ],
)
def test_shares_are_exact_to_two_decimals(count: int, members: int, expected: str) -> None:
    assert methods.share(count, members) == expected == twin.percent(count, members)


def test_not_voting_abstaining_and_absence_are_kept_apart() -> None:
    hall = ["for", "for", "for", "for", "abstain", "silent", "absent"]
    verdict = vote("lanh-dao-bo", hall)
    assert verdict.arithmetic.counts == Counts(4, 0, 1, 1, 1)
    assert verdict.arithmetic.shares == {
        "took_part": "71.43",
        "votes_for": "57.14",
        "votes_against": "0.00",
        "abstained": "14.29",
        "other": "0.00",
        "not_voted": "14.29",
        "absent": "14.29",
    }


@pytest.mark.parametrize(
    ("effect", "members", "outcome"),
    [(RecusalEffect.STAYS_IN_BASE, 7, "not_passed"), (RecusalEffect.LEAVES_BASE, 5, "passed")],
)
def test_recusal_takes_from_those_present_and_by_the_profile_from_all(
    effect: RecusalEffect, members: int, outcome: str
) -> None:
    profile = PROFILES["lanh-dao-bo"]
    other = replace(profile, recusal=replace(profile.recusal, effect=effect))
    strength = Strength(7, 5, recused=2)
    counts = methods.counts_of({Meaning.FOR: 3, Meaning.AGAINST: 2}, None, strength, effect)
    verdict = methods.verdict(other, Matter.RESOLUTION, counts, strength)
    assert (verdict.arithmetic.members, verdict.outcome.value) == (members, outcome)
    assert counts.absent == members - 5


TEN_OF_21 = "10/21 tán thành: cần ≥ 11, quá nửa tổng số thành viên"
SIX_OF_7 = "6/7 tán thành: cần ≥ 4, quá nửa tổng số thành viên; kết quả có giá trị tham khảo"
WORDS = [
    ("lanh-dao-bo", (7, 6, 6, 0, 0), "none", SIX_OF_7),
    ("hdnd-tinh", (75, 70, 37, 0, 33), "none", "37/75 tán thành: cần ≥ 38, quá nửa tổng số đại biểu"),
    ("chinh-phu", (27, 17, 0, 0, 0), "none", "17/27 thành viên có mặt: cần ≥ 18, ít nhất 2/3 tổng số thành viên"),
    (
        "ubnd-tinh",
        (21, 20, 10, 10, 0),
        "for",
        f"{TEN_OF_21}; số phiếu ngang nhau 10–10, theo ý kiến Chủ tịch Ủy ban nhân dân đã biểu quyết: tán thành",
    ),
    (
        "ubnd-tinh",
        (21, 20, 10, 10, 0),
        "none",
        f"{TEN_OF_21}; số phiếu ngang nhau 10–10, chờ ý kiến biểu quyết của Chủ tịch Ủy ban nhân dân",
    ),
]


@pytest.mark.parametrize(("body", "numbers", "chair", "sentence"), WORDS)
def test_the_arithmetic_is_said_in_words(
    body: str, numbers: tuple[int, int, int, int, int], chair: str, sentence: str
) -> None:
    verdict = judged(body, numbers, Side(chair))
    assert verdict.words.vi == sentence
    assert verdict.words.en
    assert verdict.words.en != verdict.words.vi


@pytest.mark.parametrize(
    ("numbers", "chair", "article"),
    [
        ((27, 25, 25, 0, 0), "none", "Điều 46 khoản 3"),
        ((27, 17, 17, 0, 0), "none", "Điều 46 khoản 1"),
        ((27, 27, 13, 13, 1), "for", "Điều 46 khoản 3"),
    ],
)
def test_the_article_that_decided_is_named(numbers: tuple[int, int, int, int, int], chair: str, article: str) -> None:
    assert judged("chinh-phu", numbers, Side(chair)).article.vi.startswith(article)


def test_an_advisory_vote_says_that_it_is() -> None:
    assert not judged("lanh-dao-bo", (7, 7, 7, 0, 0)).binding
    assert judged("ubnd-tinh", (21, 21, 21, 0, 0)).binding


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ((7, 8, 0, 0, 0), "more_present_than_members"),
        ((7, 5, 4, 1, 1), "more_answers_than_present"),
        ((7, 5, -1, 1, 1), "negative"),
        ((-7, -5, 0, 0, 0), "more_answers_than_present"),
        ((0, 0, 0, 0, 0), "no_members"),
    ],
)
def test_numbers_that_cannot_be_true_are_refused(numbers: tuple[int, int, int, int, int], reason: str) -> None:
    with pytest.raises(CountsInconsistent) as refused:
        judged("lanh-dao-bo", numbers)
    assert refused.value.detail["reason"] == reason


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (Counts(4, 1, 0, 1, 2), "answers_and_silence_are_not_those_present"),
        (Counts(4, 1, 0, 0, 3), "present_and_absent_are_not_all_members"),
        (Counts(4, 1, 0, 0, 2, alternatives={}), "alternatives_go_with_a_choice"),
        (Counts(4, 2, -1, 0, 2), "negative"),
        (Counts(4, 2, 0, 0, 2, invalid=-1), "negative"),
        (Counts(4, 1, 0, 0, 2, invalid=1), "answers_and_silence_are_not_those_present"),
    ],
)
def test_counts_that_do_not_add_up_are_refused(counts: Counts, reason: str) -> None:
    with pytest.raises(CountsInconsistent) as refused:
        methods.verdict(PROFILES["lanh-dao-bo"], Matter.RESOLUTION, counts, Strength(7, 5))
    assert refused.value.detail["reason"] == reason


@pytest.mark.parametrize("strength", [Strength(7, -1), Strength(7, 5, recused=-1), Strength(7, 5, remaining=-1)])
def test_a_body_of_less_than_nobody_is_refused(strength: Strength) -> None:
    with pytest.raises(CountsInconsistent) as refused:
        methods.check_strength(PROFILES["lanh-dao-bo"], strength)
    assert refused.value.detail["reason"] == "negative"


def test_a_body_without_a_word_for_abstaining_can_still_be_spoken_of() -> None:
    answers = PROFILES["chinh-phu"].answers.session
    assert phrases.answer_word(answers, Meaning.ABSTAIN, Lang.VI) == "không biểu quyết"
    assert phrases.answer_word(answers[:2], Meaning.ABSTAIN, Lang.VI) == "abstain"


@pytest.mark.parametrize(
    ("chair", "said"),
    [
        ("for", "votes equal 20–20, by the casting vote of the chair: for"),
        ("against", "votes equal 20–20, by the casting vote of the chair: against"),
        ("none", "votes equal 20–20, waiting for the casting vote of the chair"),
    ],
)
def test_a_casting_vote_is_named_as_one(chair: str, said: str) -> None:
    assert judged("hoi", (100, 51, 20, 20, 11), Side(chair)).words.en.endswith(said)


def test_a_motion_is_decided_by_its_own_threshold() -> None:
    """Robert's Rules: to end the debate two thirds of those voting; to adjourn more for than against."""
    profile = PROFILES["hoi"]
    strength = Strength(60, 31)
    counts = methods.counts_of({Meaning.FOR: 20, Meaning.AGAINST: 11}, None, strength, profile.recusal.effect)
    outcomes = {
        motion: methods.verdict_by(profile, motion_decision(profile, motion), counts, strength).outcome.value
        for motion in ("previous_question", "limit_debate", "adjourn", "main")
    }
    assert outcomes == {
        "previous_question": "not_passed",
        "limit_debate": "not_passed",
        "adjourn": "passed",
        "main": "passed",
    }
    enough = methods.counts_of({Meaning.FOR: 20, Meaning.AGAINST: 10}, None, strength, profile.recusal.effect)
    ended = methods.verdict_by(profile, motion_decision(profile, "previous_question"), enough, strength)
    assert (ended.outcome, ended.arithmetic.needed) == (Outcome.PASSED, 20)


@pytest.mark.parametrize(("votes_for", "against", "outcome"), [(15, 15, "passed"), (15, 16, "not_passed")])
def test_an_appeal_overturns_the_chair_only_with_more_than_half_against(
    votes_for: int, against: int, outcome: str
) -> None:
    profile = PROFILES["hoi"]
    strength = Strength(60, 31)
    answers = {Meaning.FOR: votes_for, Meaning.AGAINST: against}
    counts = methods.counts_of(answers, None, strength, profile.recusal.effect)
    verdict = methods.verdict_by(profile, motion_decision(profile, "appeal"), counts, strength)
    assert verdict.outcome.value == outcome


# --- a council that has shrunk ---


@pytest.mark.parametrize(
    ("matter", "remaining", "refusal"),
    [
        (Matter.REDUCED, 50, ReducedNotApplicable),
        (Matter.REDUCED, 49, None),
        (Matter.RESOLUTION, 49, ReducedRequired),
        (Matter.CHOICE, 49, ReducedRequired),
        (Matter.RESOLUTION, 50, None),
    ],
)
def test_the_rule_for_a_shrunken_council_holds_when_and_only_when_it_has_shrunk(
    matter: Matter, remaining: int, refusal: type[Exception] | None
) -> None:
    """Luật 65/2025 art. 46: fewer than two thirds of 75 seats are 49 and less."""
    profile = PROFILES["hdnd-tinh"]
    assert methods.is_reduced(profile, 75, remaining) == (remaining < 50)
    if refusal is None:
        methods.check_reduced(profile, matter, 75, remaining)
        return
    with pytest.raises(refusal) as refused:
        methods.check_reduced(profile, matter, 75, remaining)
    assert refused.value.detail == {"seats": 75, "remaining": remaining, "needed": 50}  # type: ignore[attr-defined]


def test_a_body_whose_law_knows_no_such_rule_never_is_a_reduced_one() -> None:
    assert not methods.is_reduced(PROFILES["ubnd-tinh"], 21, 1)
    methods.check_reduced(PROFILES["ubnd-tinh"], Matter.RESOLUTION, 21, 1)


def test_a_verdict_kept_before_papers_were_counted_is_still_the_same_verdict() -> None:
    """A record made before there were invalid papers, proxies and votes measured by those against."""
    verdict = judged("hdnd-tinh", (75, 70, 38, 20, 12))
    kept = plain(verdict)
    del kept["arithmetic"]["counts"]["invalid"], kept["arithmetic"]["measures"], kept["arithmetic"]["represented"]
    assert restore(Verdict, kept) == verdict


def test_more_cannot_remain_than_there_are() -> None:
    with pytest.raises(CountsInconsistent) as refused:
        judged("hdnd-tinh", (75, 60, 50, 5, 5), remaining=76)
    assert refused.value.detail["reason"] == "more_remaining_than_members"


def test_a_matter_the_body_knows_no_rule_for_is_refused() -> None:
    with pytest.raises(MatterUnknown) as refused:
        judged("ubnd-tinh", (21, 21, 21, 0, 0), matter="removal")
    assert refused.value.detail == {"matter": "removal", "known": ["choice", "resolution"]}


@pytest.mark.parametrize(
    ("comparison", "above", "below"),
    [
        (Comparison.MORE_THAN, 1, 2),
        (Comparison.AT_LEAST, 2, 3),
        (Comparison.MORE_THAN, 2, 3),
        (Comparison.AT_LEAST, 1, 3),
    ],
)
def test_the_smallest_number_that_suffices_is_the_first_that_does(
    comparison: Comparison, above: int, below: int
) -> None:
    threshold = Threshold(comparison, Fraction(above, below))
    for base in range(500):
        found = twin.smallest_enough(comparison is Comparison.MORE_THAN, above, below, base)
        assert threshold.needed(base) == found


def test_members_are_those_in_office() -> None:
    assert {profile.electorate.counts for profile in PROFILES.values()} == {Electorate.MEMBERS_IN_OFFICE}
