"""Who may answer and how, and which of a voter's versions counts: refusals as a table."""

from dataclasses import replace

import pytest

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.errors import Refusal
from ecabinet.voting import ballots
from ecabinet.voting.model import KeptBallot, Phase, Question
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
    assert ballots.receipt(kept[2], [1, 2]).is_current is False
    assert ballots.receipt(kept[0], [1, 2]).is_current is True
