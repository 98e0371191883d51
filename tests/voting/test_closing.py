"""How a vote ends: by device, by hands, on paper; and a tie that waits for a voice."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PersonId
from ecabinet.meetings.model import Act
from ecabinet.register.model import Matter, TieBreaker, TieMethod, Words
from ecabinet.voting import closing, conduct
from ecabinet.voting.model import (
    BallotPapers,
    Candidate,
    Levels,
    Method,
    Outcome,
    PaperCount,
    Phase,
    Question,
    Side,
    Way,
)
from tests.voting.halls import AT, BY, CHAIR, PROFILES, ballot, person, put

TWO = (person(8), person(9))
HALL = PROFILES["hdnd-tinh"]


def on_paper(method: Method = Method.APPROVAL, names: int = 0, seats: int | None = None) -> Question:
    """Seven of seven are there."""
    candidates = tuple(Candidate(f"candidate-{at}", f"Người {at}") for at in range(1, names + 1))
    question = put("hdnd-tinh", 7, range(7))
    options = () if names else question.options
    return replace(question, way=Way.PAPER, method=method, candidates=candidates, seats=seats, options=options)


def counted(votes: Mapping[str, int], papers: tuple[int, int, int, int] = (7, 7, 7, 0)) -> PaperCount:
    return PaperCount(BallotPapers(*papers), votes)


def ended(question: Question, count: PaperCount) -> Any:
    return closing.conclude_papers(question, count, HALL, BY)


def tied(body: str = "lanh-dao-bo") -> Question:
    """Three against three, and the head did not vote."""
    question = put(body, 7, range(7))
    votes = [ballot(person(at), "for" if at < 4 else "against") for at in range(1, 7)]
    return conduct.applied(question, closing.close(question, votes, PROFILES[body], CHAIR, BY))


def test_each_way_has_its_own_end() -> None:
    for way in (Way.HANDS, Way.PAPER):
        with pytest.raises(Refusal) as refused:
            closing.close(replace(put("lanh-dao-bo", 7, range(6)), way=way), [], PROFILES["lanh-dao-bo"], CHAIR, BY)
        assert (refused.value.code, refused.value.detail) == ("count_first", {"way": way.value})


# --- hands ---


def by_hands() -> Question:
    return replace(put("lanh-dao-bo", 7, range(6)), way=Way.HANDS)


def test_a_show_of_hands_is_a_ballot_each_with_the_two_who_wrote_it() -> None:
    question = by_hands()
    answers = {person(3): "against", person(1): "for"}
    read = closing.read_hands(question, answers, TWO, Act(TWO[1], AT))
    assert [(each.voter, each.choice, each.n) for each, _ in read] == [("p1", "for", 1), ("p3", "against", 1)]
    _, event = read[0]
    assert event.actor == TWO[1]
    assert event.ballot == {
        "v": 1,
        "question": "question",
        "question_hash": question.digest,
        "voter": "p1",
        "choice": "for",
        "n": 1,
        "entered_by": list(TWO),
    }


@pytest.mark.parametrize(
    ("answers", "code"), [({person(6): "for"}, "not_entitled"), ({person(1): "perhaps"}, "no_such_choice")]
)
def test_a_sheet_says_nothing_the_roll_and_the_ballot_do_not_know(answers: dict[PersonId, str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        closing.read_hands(by_hands(), answers, TWO, BY)
    assert refused.value.code == code


def test_a_paused_show_of_hands_does_not_end() -> None:
    with pytest.raises(Refusal) as refused:
        closing.read_hands(replace(by_hands(), phase=Phase.PAUSED), {}, TWO, BY)
    assert refused.value.code == "question_not_open"


# --- papers ---


def test_a_secret_yes_and_no_counts_its_invalid_papers() -> None:
    closed = ended(on_paper(), counted({"for": 4, "against": 1, "abstain": 1}, (7, 7, 6, 1)))
    assert closed.decided.outcome is Outcome.PASSED
    counts = closed.decided.arithmetic.counts
    assert (counts.votes_for, counts.votes_against, counts.abstained, counts.invalid, counts.not_voted) == (
        4,
        1,
        1,
        1,
        0,
    )
    after = conduct.applied(on_paper(), closed)
    assert (after.phase, after.count) == (Phase.CLOSED, closed.count)


def test_an_election_and_a_rating_end_with_their_own_results() -> None:
    closed = ended(on_paper(Method.ELECTION, 3, 2), counted({"candidate-1": 6, "candidate-2": 3, "candidate-3": 5}))
    assert closed.verdict is None
    assert closed.election is not None
    assert closed.election.elected == ("candidate-1", "candidate-3")
    assert closed.election.words.vi.startswith("trúng cử: Người 1 6/7, Người 3 5/7")
    rows = {"candidate-1": Levels(1, 1, 5), "candidate-2": Levels(7, 0, 0)}
    closed = ended(on_paper(Method.RATING, 2), PaperCount(BallotPapers(7, 7, 7, 0), ratings=rows))
    assert [each.name for each in closed.ratings] == ["candidate-1", "candidate-2"]
    assert [each.outcome.value for each in closed.ratings] == ["relieve", "none"]


WRONG: list[tuple[str, Question, PaperCount, str]] = [
    ("an answer left out", on_paper(), counted({"for": 7}), "not_the_names_on_the_paper"),
    (
        "an answer nobody offered",
        on_paper(),
        counted({"for": 7, "against": 0, "abstain": 0, "perhaps": 0}),
        "not_the_names_on_the_paper",
    ),
    (
        "fewer answers than papers",
        on_paper(),
        counted({"for": 4, "against": 1, "abstain": 1}),
        "answers_are_not_the_valid_papers",
    ),
    (
        "more papers than people",
        on_paper(),
        counted({"for": 8, "against": 0, "abstain": 0}, (8, 8, 8, 0)),
        "more_issued_than_present",
    ),
    (
        "papers that do not add up",
        on_paper(),
        counted({"for": 6, "against": 0, "abstain": 0}, (7, 7, 6, 0)),
        "valid_and_invalid_are_not_those_returned",
    ),
    (
        "a candidate left out",
        on_paper(Method.ELECTION, 2, 1),
        counted({"candidate-1": 5}),
        "not_the_names_on_the_paper",
    ),
    ("votes instead of levels", on_paper(Method.RATING, 1), counted({"candidate-1": 5}), "not_the_names_on_the_paper"),
]


@pytest.mark.parametrize(("question", "count", "reason"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_count_that_cannot_be_true_ends_nothing(question: Question, count: PaperCount, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        ended(question, count)
    assert (refused.value.code, refused.value.detail["reason"]) == ("counts_inconsistent", reason)


# --- a tie that waits ---


@pytest.mark.parametrize(("side", "outcome"), [(Side.FOR, Outcome.PASSED), (Side.AGAINST, Outcome.NOT_PASSED)])
def test_the_head_settles_the_tie_that_waited(side: Side, outcome: Outcome) -> None:
    question = tied()
    assert question.verdict is not None
    assert question.verdict.outcome is Outcome.UNDECIDED
    event = closing.settle(question, side, PROFILES["lanh-dao-bo"], CHAIR, BY)
    assert event.verdict.outcome is outcome
    after = conduct.applied(question, event)
    assert after.verdict == event.verdict
    assert after.settled is not None
    assert (after.settled.by, after.settled.side) == (CHAIR, side)
    with pytest.raises(Refusal) as refused:
        closing.settle(after, side, PROFILES["lanh-dao-bo"], CHAIR, BY)
    assert refused.value.code == "not_undecided"


@pytest.mark.parametrize("breaker", [None, person(1)])
def test_nobody_else_settles_it(breaker: PersonId | None) -> None:
    with pytest.raises(Refusal) as refused:
        closing.settle(tied(), Side.FOR, PROFILES["lanh-dao-bo"], breaker, BY)
    assert refused.value.code == "not_tie_breaker"


def test_a_tie_on_paper_waits_too() -> None:
    ruled = PROFILES["ubnd-tinh"]
    question = replace(put("ubnd-tinh", 6, range(6)), way=Way.PAPER)
    closed = closing.conclude_papers(question, counted({"for": 3, "against": 3, "abstain": 0}, (6, 6, 6, 0)), ruled, BY)
    assert closed.decided.outcome is Outcome.UNDECIDED


def test_a_casting_vote_is_given_after_the_count() -> None:
    ordinary = PROFILES["lanh-dao-bo"]
    [(matter, rule), *others] = ordinary.decisions.items()
    tie = replace(rule.tie, method=TieMethod.CASTING_VOTE, breaker=TieBreaker.HEAD, who=Words("chủ tọa", "the chair"))
    profile = replace(ordinary, decisions={matter: replace(rule, tie=tie), **dict(others)})
    question = put("lanh-dao-bo", 7, range(6))
    votes = [ballot(person(at), "for" if at < 3 else "against") for at in range(6)]
    closed = closing.close(question, votes, profile, CHAIR, BY)
    assert closed.decided.outcome is Outcome.UNDECIDED
    event = closing.settle(conduct.applied(question, closed), Side.AGAINST, profile, CHAIR, BY)
    assert event.verdict.outcome is Outcome.NOT_PASSED


def test_the_sentence_of_a_choice_calls_the_alternatives_by_name() -> None:
    labels = ("Thuê ngoài", "Phương án 1 của Sở")
    question = put("lanh-dao-bo", 7, range(7), Matter.CHOICE, labels)
    closed = closing.close(question, [ballot(CHAIR, "option-2")], PROFILES["lanh-dao-bo"], CHAIR, BY)
    assert closed.decided.words.vi.startswith("“Thuê ngoài”: 0/7, “Phương án 1 của Sở”: 1/7, phương án khác: 0/7")
    assert closed.decided.words.en.startswith("“Thuê ngoài”: 0/7, “Phương án 1 của Sở”: 1/7, another option: 0/7")
