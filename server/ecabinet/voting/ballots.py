"""Who may answer a question and how, what a ballot is in the record, and which of a voter's versions counts. Pure.

Which article speaks through which function: docs/rules.md.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PersonId

from .events import BallotCast
from .model import (
    Ballot,
    BallotVersionInvalid,
    CanonicalBallot,
    Equivocation,
    KeptBallot,
    NoSuchChoice,
    NotElectronic,
    NotEntitled,
    Phase,
    Question,
    QuestionNotOpen,
    Receipt,
    StandInNeverVotes,
    VoteIsPaused,
    Way,
)

VERSION_LIMIT = 1_000_000
"""Highest version of a ballot: nobody changes a vote so often; a wild number must not lock a voter out."""


def cast(
    question: Question, ballot: Ballot, earlier: Mapping[int, str], *, is_stand_in: bool = False
) -> BallotCast | None:
    """Accept one version of one voter's answer, or None when exactly this version is stored already (a retry,
    also after closing: its receipt is given again and nothing new happens).

    earlier  this voter's stored versions: number to hash of the canonical ballot
    A version lower than one already stored is kept and does not count: the newest version wins, not the
    newest arrival.

    Raises StandInNeverVotes, NotEntitled, NotElectronic, VoteIsPaused, QuestionNotOpen, NoSuchChoice,
    BallotVersionInvalid, Equivocation, the first that applies.
    """
    if is_stand_in:
        raise StandInNeverVotes()
    if ballot.voter not in question.roll:
        raise NotEntitled()
    canonical = canonical_ballot(ballot, question.digest)
    if ballot.n in earlier and earlier[ballot.n] == digest(canonical):
        return None
    if question.way is not Way.ELECTRONIC:
        raise NotElectronic(way=question.way.value)
    if question.phase is Phase.PAUSED:
        raise VoteIsPaused()
    if question.phase is not Phase.OPEN:
        raise QuestionNotOpen(phase=question.phase.value)
    allowed = [option.key for option in question.options]
    if ballot.choice not in allowed:
        raise NoSuchChoice(allowed=allowed)
    if not 1 <= ballot.n <= VERSION_LIMIT:
        raise BallotVersionInvalid(least=1, most=VERSION_LIMIT)
    if ballot.n in earlier:
        raise Equivocation(n=ballot.n)
    return BallotCast(ballot=canonical, at=ballot.cast_at, actor=ballot.voter, meeting=question.meeting)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A ballot to be kept, before it has a number."""

    ballot: Ballot
    event: BallotCast
    hash: str


def cast_all(
    question: Question,
    together: Sequence[Ballot],
    earlier: Mapping[PersonId, Mapping[int, str]],
    stand_ins: Set[PersonId] = frozenset(),
) -> list[Accepted | Refusal | None]:
    """Decide each as `cast` would if they came one after the other; what is refused to one changes nothing for the
    next.

    earlier  by voter, as for `cast`
    """
    stored = {voter: dict(versions) for voter, versions in earlier.items()}
    decided: list[Accepted | Refusal | None] = []
    for ballot in together:
        mine = stored.setdefault(ballot.voter, {})
        try:
            event = cast(question, ballot, mine, is_stand_in=ballot.voter in stand_ins)
        except Refusal as refusal:
            decided.append(refusal)
            continue
        if event is None:
            decided.append(None)
            continue
        mine[ballot.n] = digest(event.ballot)
        decided.append(Accepted(ballot, event, mine[ballot.n]))
    return decided


def canonical_ballot(ballot: Ballot, question_hash: str) -> CanonicalBallot:
    """The value that is hashed into the record. Without a time of arrival: a retry has the same bytes."""
    return {
        "v": 1,
        "question": ballot.question,
        "question_hash": question_hash,
        "voter": ballot.voter,
        "choice": ballot.choice,
        "n": ballot.n,
    }


def receipt(kept: KeptBallot, versions: Iterable[int]) -> Receipt:
    """What the voter is given for a stored ballot. versions: all that this voter has stored."""
    return Receipt(
        question=kept.ballot.question,
        choice=kept.ballot.choice,
        n=kept.ballot.n,
        number=kept.number,
        hash=kept.hash,
        at=kept.ballot.cast_at,
        is_current=kept.ballot.n >= max(versions, default=0),
    )


def current_ballots(ballots: Iterable[Ballot]) -> dict[PersonId, Ballot]:
    """The one that counts of each voter: the highest version."""
    current: dict[PersonId, Ballot] = {}
    for ballot in ballots:
        held = current.get(ballot.voter)
        if held is None or ballot.n > held.n:
            current[ballot.voter] = ballot
    return current


def counted(kept: Iterable[KeptBallot]) -> list[KeptBallot]:
    """The stored ballots that count, one a voter."""
    stored = list(kept)
    current = current_ballots(each.ballot for each in stored)
    return [each for each in stored if current[each.ballot.voter] == each.ballot]
