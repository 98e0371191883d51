"""Who may answer and how, and which of a voter's versions counts: refusals as a table."""

from dataclasses import replace
from typing import Any

import pytest

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.register.model import Matter, Meaning, Words
from ecabinet.voting import ballots
from ecabinet.voting.model import Ballot, KeptBallot, Method, Option, Phase, Question, Roll, Voter, Way
from tests.voting.halls import AT, ballot, close, person, put


def opened() -> Question:
    """Seven members, p6 is not there."""
    return put("lanh-dao-bo", 7, range(6))


def stored(voter: int, choices: dict[int, str]) -> dict[int, str]:
    """The hashes of what this voter has sent already."""
    sent = {n: ballot(person(voter), choice, n) for n, choice in choices.items()}
    return {n: digest(ballots.canonical_ballot(each, opened().digest)) for n, each in sent.items()}


REFUSED_TO_CAST: list[tuple[str, Question, int, str, int, dict[int, str], bool, str]] = [
    ("a stand-in", opened(), 6, "for", 1, {}, True, "stand_in_never_votes"),
    ("a stand-in who is on the roll by mistake", opened(), 1, "for", 1, {}, True, "stand_in_never_votes"),
    ("a latecomer", opened(), 6, "for", 1, {}, False, "not_entitled"),
    ("a guest", opened(), 99, "for", 1, {}, False, "not_entitled"),
    ("after closing", replace(opened(), phase=Phase.CLOSED), 1, "for", 1, {}, False, "question_not_open"),
    ("after cancelling", replace(opened(), phase=Phase.CANCELLED), 1, "for", 1, {}, False, "question_not_open"),
    (
        "a change after closing",
        replace(opened(), phase=Phase.CLOSED),
        1,
        "for",
        2,
        {1: "against"},
        False,
        "question_not_open",
    ),
    ("an unknown answer", opened(), 1, "perhaps", 1, {}, False, "no_such_choice"),
    ("version 0", opened(), 1, "for", 0, {}, False, "ballot_version_invalid"),
    ("a wild version", opened(), 1, "for", 10**6 + 1, {}, False, "ballot_version_invalid"),
    ("the same version with another answer", opened(), 1, "for", 1, {1: "against"}, False, "equivocation"),
]


@pytest.mark.parametrize(
    ("question", "voter", "choice", "n", "earlier", "is_stand_in", "code"),
    [row[1:] for row in REFUSED_TO_CAST],
    ids=[row[0] for row in REFUSED_TO_CAST],
)
def test_a_ballot_is_refused(
    question: Question, voter: int, choice: str, n: int, earlier: dict[int, str], is_stand_in: bool, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        ballots.cast(question, ballot(person(voter), choice, n), stored(voter, earlier), is_stand_in=is_stand_in)
    assert refused.value.code == code


def test_a_ballot_is_recorded_in_its_canonical_form() -> None:
    question = opened()
    event = ballots.cast(question, ballot(person(1), "for", 3), stored(1, {1: "against"}))
    assert event is not None
    assert event.ballot == {
        "v": 1,
        "question": "question",
        "question_hash": question.digest,
        "voter": "p1",
        "choice": "for",
        "n": 3,
    }
    assert (event.actor, event.meeting, event.at) == ("p1", "meeting", AT)


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.CLOSED])
def test_a_retry_is_no_new_ballot_even_after_closing(phase: Phase) -> None:
    question = replace(opened(), phase=phase)
    assert ballots.cast(question, ballot(person(1), "for", 1), stored(1, {1: "for", 2: "against"})) is None


def test_an_older_version_that_arrives_late_is_kept_and_does_not_count() -> None:
    question = opened()
    late = ballot(person(1), "for", 1)
    assert ballots.cast(question, late, stored(1, {2: "against"})) is not None
    verdict = close("lanh-dao-bo", question, [ballot(person(1), "against", 2), late]).decided
    assert (verdict.arithmetic.counts.votes_for, verdict.arithmetic.counts.votes_against) == (0, 1)


def test_of_a_voters_stored_ballots_the_highest_version_counts() -> None:
    kept = [
        KeptBallot(ballot(person(voter), choice, n), number, "")
        for number, (voter, choice, n) in enumerate([(1, "for", 2), (2, "for", 1), (1, "against", 1)], start=1)
    ]
    assert [each.number for each in ballots.counted(kept)] == [1, 2]
    assert ballots.receipt(kept[2], 2).is_current is False
    assert ballots.receipt(kept[0], 2).is_current is True


# --- what a ballot says beyond its choice ---


def yes_or_no() -> Question:
    question = opened()
    return replace(question, options=tuple(each for each in question.options if each.meaning is not Meaning.OTHER))


def knowing_another_opinion(**changed: Any) -> Question:
    """Seven members; "ý kiến khác" is among the answers, and p3 votes for p6, who is not there."""
    question = yes_or_no()
    other = Option("other", Meaning.OTHER, Words("Ý kiến khác", "Another opinion"))
    absent = Voter(person(6), "Thành viên 06", proxy=person(3))
    roll = Roll((*question.roll.voters, absent))
    return replace(question, options=(*question.options, other), roll=roll, **changed)


def saying(choice: str, voter: int = 1, **said: Any) -> Ballot:
    return replace(ballot(person(voter), choice), **said)


REFUSED_FOR_WHAT_IT_SAYS: list[tuple[str, Question, Ballot, str]] = [
    ("another opinion that says nothing", knowing_another_opinion(), saying("other"), "opinion_without_text"),
    ("only a file", knowing_another_opinion(), saying("other", attachment="d" * 64), "opinion_without_text"),
    ("an opinion beside a yes", knowing_another_opinion(), saying("for", opinion="Nhưng"), "opinion_without_other"),
    ("a file beside a yes", knowing_another_opinion(), saying("for", attachment="d" * 64), "opinion_without_other"),
    ("an answer the question does not know", yes_or_no(), saying("other", opinion="Khác"), "no_such_choice"),
    ("for somebody who is there", knowing_another_opinion(), saying("for", 1, cast_by=person(3)), "not_entitled"),
    ("by another than the proxy", knowing_another_opinion(), saying("for", 6, cast_by=person(2)), "not_entitled"),
    ("by whoever gave his vote away", knowing_another_opinion(), saying("for", 6), "not_entitled"),
    ("while the vote is paused", knowing_another_opinion(phase=Phase.PAUSED), saying("for"), "question_paused"),
    ("on paper", knowing_another_opinion(way=Way.PAPER), saying("for"), "not_electronic"),
    ("in a show of hands", knowing_another_opinion(way=Way.HANDS), saying("for"), "not_electronic"),
]


@pytest.mark.parametrize(
    ("question", "sent", "code"),
    [row[1:] for row in REFUSED_FOR_WHAT_IT_SAYS],
    ids=[row[0] for row in REFUSED_FOR_WHAT_IT_SAYS],
)
def test_a_ballot_is_refused_for_what_it_says(question: Question, sent: Ballot, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        ballots.cast(question, sent, {})
    assert refused.value.code == code


def test_what_a_ballot_does_not_say_has_no_key() -> None:
    question = knowing_another_opinion()
    plain = ballots.canonical_ballot(saying("for"), question.digest)
    assert plain.keys() == {"v", "question", "question_hash", "voter", "choice", "n"}
    full = saying("other", 6, opinion="Bỏ Điều 4", attachment="d" * 64, cast_by=person(3))
    written = ballots.canonical_ballot(full, question.digest)
    assert written == {
        **ballots.canonical_ballot(saying("other", 6), question.digest),
        "opinion": "Bỏ Điều 4",
        "attachment": "d" * 64,
        "cast_by": "p3",
    }
    for each in (full, saying("for")):
        assert ballots.read_ballot(ballots.canonical_ballot(each, question.digest), each.cast_at) == each


def test_the_record_names_whose_act_a_ballot_was() -> None:
    proxy = ballots.cast(knowing_another_opinion(), saying("for", 6, cast_by=person(3)), {})
    assert proxy is not None
    assert (proxy.actor, proxy.ballot["voter"], proxy.ballot["cast_by"]) == ("p3", "p6", "p3")


def test_among_alternatives_another_one_may_be_named_or_not() -> None:
    question = knowing_another_opinion(method=Method.CHOICE, matter=Matter.CHOICE)
    assert ballots.cast(question, saying("other"), {}) is not None
    assert ballots.cast(question, saying("other", opinion="Liên kết"), {}) is not None


def test_the_same_version_with_another_opinion_is_no_retry() -> None:
    question = knowing_another_opinion()
    first = saying("other", opinion="Bỏ Điều 4")
    earlier = {1: digest(ballots.canonical_ballot(first, question.digest))}
    assert ballots.cast(question, first, earlier) is None
    assert ballots.cast(replace(question, phase=Phase.PAUSED), first, earlier) is None
    with pytest.raises(Refusal) as refused:
        ballots.cast(question, replace(first, opinion="Giữ Điều 4"), earlier)
    assert refused.value.code == "equivocation"


def test_ballots_together_are_decided_as_one_after_the_other() -> None:
    twice, changed = saying("for"), saying("against", n=2)
    other_answer = saying("abstain", n=2)
    stranger, before = saying("for", 99), NotFound()
    together: list[Ballot | Refusal] = [twice, stranger, twice, before, changed, other_answer, saying("for", 2)]
    decided = ballots.cast_all(opened(), together, {person(2): {3: "0" * 64}})
    kinds = [each.code if isinstance(each, Refusal) else type(each).__name__ for each in decided]
    assert kinds == ["Accepted", "not_entitled", "Again", "not_found", "Accepted", "equivocation", "Accepted"]
    first = decided[0]
    assert isinstance(first, ballots.Accepted)
    assert first.hash == digest(first.event.ballot)
