"""What the rule makes of a slip: the vectors of the law's tables, ties, silence, both bases."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.opinions import rules, sheets, tally
from ecabinet.opinions.model import Slip
from ecabinet.register.model import Citation, RuleProfile, Silence, Words
from ecabinet.voting.model import Outcome
from tests.opinions.slips import CHOICE, HEAD, PROFILES, RESOLUTION, answered, by, ended, kept, sent, sheet

GOVERNMENT = PROFILES["chinh-phu"]


def outcome(slip: Slip) -> str:
    assert slip.ending is not None
    return slip.ending.results[0].verdict.outcome.value


def test_the_governments_own_example() -> None:
    """27 sent, 20 answered: 15 for, 2 against, 3 with another opinion."""
    slip = ended(sent(27), answered(("for", 15), ("against", 2), ("other", 3)))
    assert slip.ending is not None
    [result] = slip.ending.results
    assert dict(result.counts) == {"for": 15, "against": 2, "other": 3}
    assert result.verdict.outcome is Outcome.PASSED
    assert result.verdict.arithmetic.needed == 14
    assert result.verdict.arithmetic.base_number == 27
    assert tally.part_of(15, 27) == "55.56"
    assert tally.part_of(15, 20) == "75.00"
    assert tally.part_of(0, 0) == "0.00"


@pytest.mark.parametrize(
    ("profile", "members", "counts", "wanted"),
    [
        ("chinh-phu", 27, (("for", 14),), "passed"),
        ("chinh-phu", 27, (("for", 13), ("other", 14)), "not_passed"),
        ("chinh-phu", 27, (), "not_passed"),
        # The province's slip for urgent relief: most of those who answered, and not most of all.
        ("ubnd-tinh", 21, (("for", 10), ("against", 7)), "not_passed"),
        ("ubnd-tinh", 21, (("for", 11), ("against", 6)), "passed"),
        ("lanh-dao-bo", 7, (("for", 5), ("other", 1)), "passed"),
        # 13 against 13, and the head, who answers first, is for.
        ("chinh-phu", 26, (("for", 13), ("against", 13)), "passed"),
        ("chinh-phu", 26, (("against", 13), ("for", 13)), "not_passed"),
        ("chinh-phu", 27, (("other", 1), ("for", 13), ("against", 13)), "not_passed"),
    ],
)
def test_the_verdict_is_taken_of_all_members(
    profile: str, members: int, counts: tuple[tuple[str, int], ...], wanted: str
) -> None:
    assert outcome(ended(sent(members, profile), answered(*counts), profile)) == wanted


def test_a_tie_waits_for_a_head_who_has_not_answered() -> None:
    votes = [sheet(place, "for" if place <= 13 else "against") for place in range(1, 27)]
    assert outcome(ended(sent(27), votes)) == "undecided"


def test_no_session_quorum_stands_in_the_way_of_a_slip() -> None:
    """Three of 27 answer: too few for it to pass, which is another thing than too few to decide."""
    assert outcome(ended(sent(27), answered(("for", 3)))) == "not_passed"


def test_the_newest_version_counts_not_the_newest_arrival() -> None:
    slip = sent(3)
    given = [sheet(0, n=1), sheet(0, "against", n=3), sheet(0, n=2), sheet(1, "against")]
    assert outcome(ended(slip, given)) == "not_passed"
    [result] = tally.results(slip, sheets.current(kept(slip, given)), GOVERNMENT)
    assert dict(result.counts) == {"for": 0, "against": 2, "other": 0}


def consenting() -> RuleProfile:
    """A government whose rules take silence for consent. None is known to have them."""
    assert GOVERNMENT.slips is not None
    cited = Citation(Words("Điều 9", "Art. 9"), Words("…", "…"), Words("Quy chế", "Rules"), date(2026, 1, 1))
    consent = replace(GOVERNMENT.slips, silence=Silence.DEEMED_CONSENT, silence_citation=cited)
    return replace(GOVERNMENT, slips=consent)


def test_silence_is_consent_only_where_a_rule_is_cited_for_it() -> None:
    slip, given = sent(27), answered(("for", 2), ("against", 3))
    stored = sheets.current(kept(slip, given))
    [plain] = tally.results(slip, stored, GOVERNMENT)
    [deemed] = tally.results(slip, stored, consenting())
    assert (plain.verdict.outcome, deemed.verdict.outcome) == (Outcome.NOT_PASSED, Outcome.PASSED)
    assert deemed.verdict.arithmetic.counts.votes_for == 24
    assert dict(deemed.counts) == dict(plain.counts), "what was answered is told as it was answered"


def test_who_is_silent_consents_to_no_alternative() -> None:
    slip = sent(5, questions=(CHOICE,))
    [result] = tally.results(slip, sheets.current(kept(slip, [sheet(0, "option-1")])), consenting())
    assert result.verdict.outcome is Outcome.NO_MAJORITY
    assert result.verdict.arithmetic.counts.votes_for == 0
    assert result.verdict.arithmetic.counts.not_voted == 4


def test_what_silence_means_is_said_on_the_slip() -> None:
    slip = sent()
    assert slip.sending is not None
    assert slip.sending.silence is not None
    assert "không được tính là đồng ý" in slip.sending.silence.vi


@pytest.mark.parametrize(
    ("counts", "wanted", "chosen"),
    [
        ((("option-1", 4), ("option-2", 3)), "passed", "option-1"),
        ((("option-1", 3), ("option-2", 3), ("other", 1)), "no_majority", None),
        ((("other", 7),), "no_majority", None),
    ],
)
def test_an_alternative_needs_most_of_all_members(
    counts: tuple[tuple[str, int], ...], wanted: str, chosen: str | None
) -> None:
    slip = ended(sent(7, questions=(CHOICE,)), answered(*counts))
    assert slip.ending is not None
    [result] = slip.ending.results
    assert (result.verdict.outcome.value, result.verdict.chosen) == (wanted, chosen)


@pytest.mark.parametrize(
    ("counts", "is_settled"),
    [
        ((("for", 7),), True),
        ((("for", 5),), True),
        ((("for", 6), ("against", 1)), True),
        ((("for", 6), ("other", 1)), False),
        ((("for", 3),), False),
    ],
)
def test_a_matter_is_settled_when_it_passed_and_nobody_had_another_opinion(
    counts: tuple[tuple[str, int], ...],
    is_settled: bool,
) -> None:
    assert tally.is_settled(ended(sent(7), answered(*counts))) is is_settled


def slow_twin(members: int, votes: list[str | None]) -> str:
    """Luật TCCP Điều 46: more than half of all members; equal, and the head decides by his own answer."""
    favour, against = votes.count("for"), votes.count("against")
    if Fraction(favour, members) > Fraction(1, 2):
        return "passed"
    if favour != against or favour == 0:
        return "not_passed"
    return {"for": "passed", None: "undecided"}.get(votes[0], "not_passed")


@given(st.lists(st.sampled_from(["for", "against", "other", None]), min_size=1, max_size=12))
def test_the_verdict_is_the_slow_twins(votes: list[str | None]) -> None:
    slip = sent(len(votes))
    given_sheets = [
        sheet(place, choice, "khác" if choice == "other" else "")
        for place, choice in enumerate(votes)
        if choice is not None
    ]
    assert outcome(ended(slip, given_sheets)) == slow_twin(len(votes), votes)


def test_every_question_has_its_own_result() -> None:
    slip = sent(3, questions=(RESOLUTION, CHOICE))
    first, second = slip.questions
    given_sheets = [
        replace(
            sheet(place),
            answers=(
                replace(sheet(place).answers[0], question=first.id),
                replace(sheet(place, "option-2").answers[0], question=second.id),
            ),
        )
        for place in range(2)
    ]
    results = ended(slip, given_sheets).ending
    assert results is not None
    assert [dict(each.counts) for each in results.results] == [
        {"for": 2, "against": 0, "other": 0},
        {"option-1": 0, "option-2": 2, "other": 0},
    ]


def test_the_end_is_counted_by_the_rules_of_the_day_it_was_sent() -> None:
    """The service asks for the profile of that day; the rules count by what they are given."""
    change = rules.end_early(sent(3), kept(sent(3), answered(("for", 3))), GOVERNMENT, by(HEAD))
    assert change.slip.ending is not None
