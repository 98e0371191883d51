"""Papers in a box: who is elected, how confidence is rated, and what a secret yes and no come to."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.meetings.model import QuorumNotMet
from ecabinet.register.model import Base, Matter, Meaning, RecusalEffect
from ecabinet.voting import elections, methods
from ecabinet.voting.model import (
    BallotPapers,
    CountsInconsistent,
    ElectionOutcome,
    ElectionVerdict,
    Levels,
    MatterUnknown,
    Outcome,
    RatingOutcome,
    Strength,
)
from tests.reference import elections as twin
from tests.reference.verdicts import percent
from tests.voting.halls import PROFILES

ELECTING = ["hdnd-tinh", "hdnd-xa", "hoi"]


def box(returned: int, invalid: int = 0, issued: int | None = None) -> BallotPapers:
    """Papers of a ballot; all issued ones come back unless said otherwise."""
    return BallotPapers(returned if issued is None else issued, returned, returned - invalid, invalid)


def elect(votes: dict[str, int], seats: int, papers: BallotPapers | None = None, **more: Any) -> ElectionVerdict:
    """An election in a Council of 75, 70 of them there."""
    strength = more.get("strength", Strength(75, 70))
    return elections.elect(PROFILES[more.get("body", "hdnd-tinh")], strength, papers or box(70), votes, seats)


# Votes, seats, who is elected, who shares the last seat, who stands again. More than half of 75 is 38.
TABLE = [
    ({"a": 38}, 1, "a", "", ""),
    ({"a": 37}, 1, "", "", "a"),
    ({"a": 60, "b": 50, "c": 30}, 2, "ab", "", ""),
    ({"a": 50, "b": 60, "c": 30}, 2, "ba", "", ""),
    # More than half is needed however many seats are left.
    ({"a": 60, "b": 37, "c": 30}, 2, "a", "", "bc"),
    ({"a": 30, "b": 30, "c": 10}, 1, "", "", "abc"),
    # Several share the last seat: none of them has it, and only they stand again.
    ({"a": 56, "b": 40, "c": 40, "d": 4}, 2, "a", "bc", "bc"),
    ({"a": 45, "b": 45, "c": 45}, 2, "", "abc", "abc"),
    ({"a": 45, "b": 45, "c": 40}, 2, "ab", "", ""),
    ({"a": 50, "b": 45, "c": 45, "d": 45}, 3, "a", "bcd", "bcd"),
    # Equal below the floor is no tie for a seat.
    ({"a": 60, "b": 37, "c": 37}, 2, "a", "", "bc"),
    # As many candidates as seats, and one candidate short.
    ({"a": 60, "b": 60}, 2, "ab", "", ""),
    ({"a": 60}, 2, "a", "", ""),
]


@pytest.mark.parametrize(("votes", "seats", "elected", "tied", "again"), TABLE)
def test_the_highest_numbers_over_half_of_all_deputies_are_elected(
    votes: dict[str, int], seats: int, elected: str, tied: str, again: str
) -> None:
    """§3.4, 3.11: relative majority up to the seats, with a floor of more than half of all."""
    verdict = elect(votes, seats)
    assert (verdict.elected, verdict.tied, verdict.run_off) == (tuple(elected), tuple(tied), tuple(again))
    assert (verdict.needed, verdict.base, verdict.base_number) == (38, Base.ALL, 75)
    assert verdict.seats_left == seats - len(elected)


@pytest.mark.parametrize(
    ("votes", "seats", "outcome"),
    [({"a": 60}, 1, "filled"), ({"a": 60, "b": 20}, 2, "run_off"), ({"a": 60}, 2, "short")],
)
def test_it_is_said_whether_seats_are_left_and_whether_anybody_is(
    votes: dict[str, int], seats: int, outcome: str
) -> None:
    assert elect(votes, seats).outcome is ElectionOutcome(outcome)


def test_every_candidate_is_told_with_the_share_of_all_members() -> None:
    verdict = elect({"a": 4, "b": 40, "c": 40, "d": 56}, 2)
    assert [(each.candidate, each.votes, each.share) for each in verdict.standings] == [
        ("d", 56, "74.67"),
        ("b", 40, "53.33"),
        ("c", 40, "53.33"),
        ("a", 4, "5.33"),
    ]
    assert [each.has_reached for each in verdict.standings] == [True, True, True, False]
    assert [each.is_elected for each in verdict.standings] == [True, False, False, False]
    assert [each.is_tied for each in verdict.standings] == [False, True, True, False]


def test_an_association_elects_by_more_than_half_of_the_papers_in_the_box() -> None:
    """Invalid papers came back too, and count in the base."""
    strength = Strength(100, 60)
    verdict = elect({"a": 26, "b": 20}, 1, box(50, invalid=4, issued=55), body="hoi", strength=strength)
    assert (verdict.elected, verdict.needed, verdict.base_number) == (("a",), 26, 50)
    short = elect({"a": 25, "b": 24}, 1, box(50, invalid=1), body="hoi", strength=strength)
    assert (short.elected, short.run_off) == ((), ("a", "b"))


def test_without_a_floor_the_highest_number_is_enough_and_nobody_wins_without_a_vote() -> None:
    profile = PROFILES["hoi"]
    assert profile.elections is not None
    relative = replace(profile, elections=replace(profile.elections, floor=None))
    verdict = elections.elect(relative, Strength(100, 60), box(9), {"a": 3, "b": 2, "c": 0}, 3)
    assert (verdict.elected, verdict.seats_left, verdict.run_off) == (("a", "b"), 1, ("c",))
    assert "cần" not in verdict.words.vi


def test_an_election_is_said_in_one_sentence_with_its_article() -> None:
    verdict = elect({"An": 56, "Bình": 42, "Chi": 42}, 2)
    assert verdict.words.vi == (
        "trúng cử: An 56/75; cần ≥ 38, quá nửa tổng số đại biểu; bằng phiếu nhau ở ghế cuối: Bình, Chi; "
        "còn thiếu 1/2 ghế; bầu tiếp: Bình, Chi"
    )
    assert verdict.words.en.startswith("elected: An 56/75; needs ≥ 38, more than half of all deputies")
    assert verdict.article.vi.startswith("Quy định về bầu")
    assert elect({"An": 3}, 1).words.vi.startswith("không ai trúng cử; cần ≥ 38")


def test_an_advisory_body_elects_as_advice() -> None:
    profile = PROFILES["hdnd-tinh"]
    advisory = replace(profile, binding=False)
    verdict = elections.elect(advisory, Strength(75, 70), box(70), {"An": 60}, 1)
    assert not verdict.binding
    assert verdict.words.vi.endswith("tham khảo")


REFUSED = [
    ("seats are needed", {"a": 1}, 0, box(70), "no_seats"),
    ("somebody stands", {}, 1, box(70), "no_candidates"),
    ("no vote is owed", {"a": -1}, 1, box(70), "negative"),
    ("a paper names nobody twice", {"a": 71}, 1, box(70), "more_votes_than_valid_papers"),
    ("an invalid paper names nobody", {"a": 70}, 1, box(70, invalid=1), "more_votes_than_valid_papers"),
    ("a paper names no more than the seats", {"a": 40, "b": 40}, 1, box(70), "more_votes_than_seats_allow"),
    ("papers do not grow", {"a": 1}, 1, box(70, issued=69), "more_returned_than_issued"),
    ("nobody has two papers", {"a": 1}, 1, box(70, issued=71), "more_issued_than_present"),
    ("a paper is valid or not", {"a": 1}, 1, BallotPapers(70, 70, 69, 0), "valid_and_invalid_are_not_those_returned"),
    ("papers are not owed", {"a": 1}, 1, BallotPapers(70, 70, 71, -1), "negative"),
]


@pytest.mark.parametrize(
    ("votes", "seats", "papers", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_numbers_of_the_tellers_that_cannot_be_true_are_refused(
    votes: dict[str, int], seats: int, papers: BallotPapers, reason: str
) -> None:
    with pytest.raises(CountsInconsistent) as refused:
        elect(votes, seats, papers)
    assert refused.value.detail["reason"] == reason


def test_where_there_may_be_no_more_candidates_than_seats_more_are_refused() -> None:
    profile = PROFILES["hdnd-tinh"]
    assert profile.elections is not None
    strict = replace(profile, elections=replace(profile.elections, more_candidates=False))
    with pytest.raises(CountsInconsistent) as refused:
        elections.elect(strict, Strength(75, 70), box(70), {"a": 40, "b": 20}, 1)
    assert refused.value.detail["reason"] == "more_candidates_than_seats"


def test_a_body_without_elections_or_ratings_has_none() -> None:
    with pytest.raises(MatterUnknown):
        elections.elect(PROFILES["ubnd-tinh"], Strength(21, 21), box(21), {"a": 20}, 1)
    with pytest.raises(MatterUnknown):
        elections.rate(PROFILES["hdnd-xa"], Strength(30, 30), box(30), {"a": Levels(10, 10, 10)})


def test_nobody_is_elected_or_rated_without_a_quorum() -> None:
    with pytest.raises(QuorumNotMet):
        elect({"a": 49}, 1, box(49), strength=Strength(75, 49))
    with pytest.raises(QuorumNotMet):
        elections.rate(PROFILES["hdnd-tinh"], Strength(75, 49), box(49), {"a": Levels(1, 1, 1)})


# --- ratings ---


def rated(low: int, papers: BallotPapers, members: int = 75, base: Base = Base.BALLOTS) -> Any:
    profile = PROFILES["hdnd-tinh"]
    assert profile.ratings is not None
    older = replace(profile, ratings=replace(profile.ratings, base=base))
    row = Levels(papers.valid - low, 0, low)
    [verdict] = elections.rate(older, Strength(members, members), papers, {"An": row})
    return verdict


@pytest.mark.parametrize(
    ("low", "outcome"),
    [(0, "none"), (35, "none"), (36, "may_resign"), (46, "may_resign"), (47, "relieve"), (70, "relieve")],
)
def test_seventy_papers_and_how_many_are_low(low: int, outcome: str) -> None:
    """§3.12: more than 35 of 70 may resign, from 46.67 on relieved."""
    verdict = rated(low, box(70))
    assert verdict.outcome is RatingOutcome(outcome)
    assert (verdict.resign_needed, verdict.relieve_needed, verdict.base_number) == (36, 47, 70)


@pytest.mark.parametrize(("low", "outcome"), [(36, "none"), (38, "may_resign"), (49, "may_resign"), (50, "relieve")])
def test_under_the_older_resolution_all_deputies_were_the_base(low: int, outcome: str) -> None:
    """Resolution 85/2014: 36 of 70 papers are not more than half of 75 deputies."""
    assert rated(low, box(70), base=Base.ALL).outcome is RatingOutcome(outcome)


def test_invalid_papers_came_back_and_count_in_the_base() -> None:
    assert rated(36, box(72, invalid=2)).outcome is RatingOutcome.NONE
    assert rated(36, box(71, invalid=1)).outcome is RatingOutcome.MAY_RESIGN


def test_each_name_is_told_with_its_shares_and_what_was_left_unmarked() -> None:
    rows = {"An": Levels(40, 20, 8), "Bình": Levels(10, 10, 48)}
    an, binh = elections.rate(PROFILES["hdnd-tinh"], Strength(75, 70), box(70, invalid=1), rows)
    assert (an.name, an.unmarked, an.outcome) == ("An", 1, RatingOutcome.NONE)
    assert an.shares == {"high": "57.14", "mid": "28.57", "low": "11.43", "unmarked": "1.43"}
    assert an.shares_of_all == {"high": "53.33", "mid": "26.67", "low": "10.67", "unmarked": "1.33"}
    assert binh.outcome is RatingOutcome.RELIEVE
    assert binh.words.vi == (
        "tín nhiệm cao 10/70, tín nhiệm 10/70, tín nhiệm thấp 48/70: "
        "tín nhiệm thấp ≥ 36 (quá nửa tổng số phiếu thu về) thì có thể xin từ chức, "
        "≥ 47 (ít nhất 2/3 tổng số phiếu thu về) thì trình miễn nhiệm; trình để miễn nhiệm"
    )
    assert binh.words.en.endswith("; proposed to be relieved")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({}, "no_candidates"),
        ({"a": Levels(-1, 0, 0)}, "negative"),
        ({"a": Levels(30, 30, 11)}, "more_marks_than_valid_papers"),
    ],
)
def test_ratings_that_cannot_be_true_are_refused(rows: dict[str, Levels], reason: str) -> None:
    with pytest.raises(CountsInconsistent) as refused:
        elections.rate(PROFILES["hdnd-tinh"], Strength(75, 70), box(70), rows)
    assert refused.value.detail["reason"] == reason


def test_an_invalid_paper_rates_nobody() -> None:
    with pytest.raises(CountsInconsistent) as refused:
        elections.rate(PROFILES["hdnd-tinh"], Strength(75, 70), box(70, invalid=1), {"a": Levels(30, 30, 10)})
    assert refused.value.detail["reason"] == "more_marks_than_valid_papers"


def test_an_empty_box_rates_nobody() -> None:
    [verdict] = elections.rate(PROFILES["hdnd-tinh"], Strength(75, 70), box(0, issued=70), {"a": Levels(0, 0, 0)})
    assert verdict.outcome is RatingOutcome.NONE
    assert verdict.shares["low"] == "0.00"


# --- a secret yes and no ---


@pytest.mark.parametrize(
    ("votes_for", "against", "invalid", "outcome"),
    [
        (30, 36, 4, "not_passed"),
        (31, 35, 4, "passed"),  # half without confidence is not more than half, and four papers said nothing
        (70, 0, 0, "passed"),
        (0, 70, 0, "not_passed"),
    ],
)
def test_confidence_is_lost_by_more_than_half_of_the_papers(
    votes_for: int, against: int, invalid: int, outcome: str
) -> None:
    """Resolution 96/2023: more than half of all ballots without confidence."""
    profile = PROFILES["hdnd-tinh"]
    strength = Strength(75, 72)
    papers = box(votes_for + against + invalid, invalid)
    counts = elections.counts_of_papers(papers, {Meaning.FOR: votes_for, Meaning.AGAINST: against}, strength, profile)
    verdict = methods.verdict(profile, Matter.CONFIDENCE, counts, strength)
    assert verdict.outcome is Outcome(outcome)
    sums = verdict.arithmetic
    assert (sums.base, sums.base_number, sums.needed, sums.measures) == (Base.BALLOTS, 70, 36, Meaning.AGAINST)
    assert (counts.invalid, counts.not_voted, counts.absent) == (invalid, 2, 3)
    assert ("invalid" in sums.shares) == (invalid > 0)


def test_a_vote_of_confidence_speaks_of_those_without_it() -> None:
    profile = PROFILES["hdnd-tinh"]
    strength = Strength(75, 70)
    counts = elections.counts_of_papers(box(70), {Meaning.FOR: 30, Meaning.AGAINST: 40}, strength, profile)
    verdict = methods.verdict(profile, Matter.CONFIDENCE, counts, strength)
    assert verdict.words.vi == "40/70 không tín nhiệm: không đạt nếu ≥ 36, quá nửa tổng số phiếu thu về"
    assert verdict.words.en == "40/70 no confidence: lost with ≥ 36, more than half of the ballots returned"
    needs = methods.needs_in_words(profile, profile.decisions[Matter.CONFIDENCE])
    assert needs.vi == "Không đạt khi quá nửa tổng số phiếu thu về không tín nhiệm"
    assert needs.en == "Lost when more than half of the ballots returned are for “no confidence”"


@pytest.mark.parametrize(
    ("answers", "papers", "reason"),
    [
        ({Meaning.FOR: 40, Meaning.AGAINST: 29}, box(70), "answers_are_not_the_valid_papers"),
        ({Meaning.FOR: 40, Meaning.AGAINST: 30}, box(70, invalid=1), "answers_are_not_the_valid_papers"),
        ({Meaning.FOR: 71, Meaning.AGAINST: -1}, box(70), "negative"),
        ({Meaning.FOR: 71}, box(71), "more_issued_than_present"),
    ],
)
def test_each_valid_paper_carries_one_answer(answers: dict[Meaning, int], papers: BallotPapers, reason: str) -> None:
    with pytest.raises(CountsInconsistent) as refused:
        elections.counts_of_papers(papers, answers, Strength(75, 70), PROFILES["hdnd-tinh"])
    assert refused.value.detail["reason"] == reason


# --- against the twin, and what must stay the same ---


@st.composite
def ballots(draw: st.DrawFn) -> tuple[Strength, BallotPapers, dict[str, int], int]:
    """A full house, a box, and votes around the floor, where rounds and ties are told apart."""
    members = draw(st.integers(1, 40))
    returned = draw(st.integers(0, members))
    invalid = draw(st.integers(0, returned // 4))
    valid = returned - invalid
    names = [f"candidate-{place}" for place in range(1, draw(st.integers(1, 6)) + 1)]
    seats = draw(st.integers(1, 5))
    around = st.sampled_from([members // 2, members // 2 + 1, returned // 2, returned // 2 + 1, 0, valid])
    votes: dict[str, int] = {}
    left = valid * seats
    for name in names:
        votes[name] = min(draw(st.one_of(around, st.integers(0, valid))), valid, left)
        left -= votes[name]
    return Strength(members, members), BallotPapers(members, returned, valid, invalid), votes, seats


@pytest.mark.parametrize("body", ELECTING)
@given(ballots())
def test_every_election_ends_as_the_twin_says(
    body: str, ballot: tuple[Strength, BallotPapers, dict[str, int], int]
) -> None:
    strength, papers, votes, seats = ballot
    verdict = elections.elect(PROFILES[body], strength, papers, votes, seats)
    elected, again = twin.elected(body, strength.members, papers.returned, votes, seats)
    assert set(verdict.elected) == elected
    assert set(verdict.run_off) == again
    assert len(verdict.elected) + verdict.seats_left == seats
    for standing in verdict.standings:
        assert standing.share == percent(standing.votes, strength.members)


@given(st.sampled_from(ELECTING), ballots(), st.randoms())
def test_neither_the_order_nor_the_names_on_the_paper_elect_anybody(
    body: str, ballot: tuple[Strength, BallotPapers, dict[str, int], int], chance: Any
) -> None:
    strength, papers, votes, seats = ballot
    before = elections.elect(PROFILES[body], strength, papers, votes, seats)
    shuffled = list(votes)
    chance.shuffle(shuffled)
    renamed = {f"x-{name}": votes[name] for name in shuffled}
    after = elections.elect(PROFILES[body], strength, papers, renamed, seats)
    assert {f"x-{name}" for name in before.elected} == set(after.elected)
    assert {f"x-{name}" for name in before.run_off} == set(after.run_off)


@given(st.sampled_from(ELECTING), ballots(), st.data())
def test_a_vote_more_never_unseats_its_candidate(
    body: str, ballot: tuple[Strength, BallotPapers, dict[str, int], int], data: st.DataObject
) -> None:
    strength, papers, votes, seats = ballot
    lucky = data.draw(st.sampled_from(sorted(votes)))
    if votes[lucky] >= papers.valid or sum(votes.values()) >= papers.valid * seats:
        return
    before = elections.elect(PROFILES[body], strength, papers, votes, seats)
    after = elections.elect(PROFILES[body], strength, papers, {**votes, lucky: votes[lucky] + 1}, seats)
    assert lucky not in before.elected or lucky in after.elected


@given(st.integers(1, 120), st.data())
def test_every_rating_ends_as_the_twin_says(returned: int, data: st.DataObject) -> None:
    low = data.draw(
        st.one_of(
            st.integers(0, returned),
            st.sampled_from([returned // 2, returned // 2 + 1, 2 * returned // 3, -(-2 * returned // 3)]),
        ).filter(lambda count: count <= returned)
    )
    assert rated(low, box(returned), members=120).outcome.value == twin.rated(returned, low)


# --- proxies ---


def test_those_represented_vote_and_count_as_there_where_the_charter_says_so() -> None:
    profile = PROFILES["hoi"]
    strength = Strength(100, 40, represented=11)
    counts = methods.counts_of({Meaning.FOR: 30, Meaning.AGAINST: 20}, None, strength, RecusalEffect.STAYS_IN_BASE)
    assert (counts.not_voted, counts.absent) == (1, 49)
    verdict = methods.verdict(profile, Matter.RESOLUTION, counts, strength)
    assert (verdict.outcome, verdict.arithmetic.represented) == (Outcome.PASSED, 11)
    assert profile.proxies is not None
    in_person = replace(profile, proxies=replace(profile.proxies, counts_in_quorum=False))
    assert methods.verdict(in_person, Matter.RESOLUTION, counts, strength).outcome is Outcome.NO_QUORUM


def test_those_represented_are_among_those_present_where_those_are_the_base() -> None:
    profile = PROFILES["hoi"]
    rule = replace(profile.decisions[Matter.RESOLUTION], base=Base.PRESENT)
    strength = Strength(100, 45, represented=10)
    counts = methods.counts_of({Meaning.FOR: 27}, None, strength, RecusalEffect.STAYS_IN_BASE)
    verdict = methods.verdict_by(profile, rule, counts, strength)
    assert (verdict.outcome, verdict.arithmetic.base_number, verdict.arithmetic.needed) == (Outcome.NOT_PASSED, 55, 28)


def test_nobody_is_represented_in_a_public_body() -> None:
    with pytest.raises(CountsInconsistent) as refused:
        methods.check_strength(PROFILES["hdnd-tinh"], Strength(75, 60, represented=1))
    assert refused.value.detail["reason"] == "no_proxies"
