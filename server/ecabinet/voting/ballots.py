"""Who may answer a question and how, what a ballot is in the record, and which of a voter's versions counts. Pure.

Which article speaks through which function: docs/rules.md.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.register.model import Meaning

from .events import BallotCast
from .model import (
    Ballot,
    BallotVersionInvalid,
    CanonicalBallot,
    Equivocation,
    KeptBallot,
    Method,
    NoSuchChoice,
    NotElectronic,
    NotEntitled,
    OpinionWithoutOther,
    OpinionWithoutText,
    Phase,
    Question,
    QuestionNotOpen,
    Receipt,
    StandInNeverVotes,
    VoteIsPaused,
    Way,
)

OPINION_LIMIT = 2_000
"""Characters of another opinion."""
VERSION_LIMIT = 10_000
"""Highest version of a ballot: nobody changes a vote so often, and each is kept for good."""


def cast(
    question: Question, ballot: Ballot, earlier: Mapping[int, str], *, is_stand_in: bool = False
) -> BallotCast | None:
    """Accept one version of one voter's answer, or None when exactly this version is stored already (a retry,
    also after closing: its receipt is given again and nothing new happens).

    earlier  this voter's stored versions: number to hash of the canonical ballot
    A version lower than one already stored is kept and does not count: the newest version wins, not the
    newest arrival.

    Raises StandInNeverVotes, NotEntitled, NotElectronic, VoteIsPaused, QuestionNotOpen, NoSuchChoice,
    OpinionWithoutOther, OpinionWithoutText, BallotVersionInvalid, Equivocation, the first that applies.
    """
    if is_stand_in:
        raise StandInNeverVotes()
    named = question.roll.by_person.get(ballot.voter)
    if named is None or named.proxy != ballot.cast_by:
        raise NotEntitled()
    canonical = canonical_ballot(ballot, question.digest)
    if ballot.n in earlier and earlier[ballot.n] == digest(canonical):
        return None
    _check_running(question)
    _check_answer(question, ballot)
    if not 1 <= ballot.n <= VERSION_LIMIT:
        raise BallotVersionInvalid(least=1, most=VERSION_LIMIT)
    if ballot.n in earlier:
        raise Equivocation(n=ballot.n)
    return BallotCast(ballot=canonical, at=ballot.cast_at, actor=actor_of(ballot), meeting=question.meeting)


def _check_running(question: Question) -> None:
    if question.way is not Way.ELECTRONIC:
        raise NotElectronic(way=question.way.value)
    if question.phase is Phase.PAUSED:
        raise VoteIsPaused()
    if question.phase is not Phase.OPEN:
        raise QuestionNotOpen(phase=question.phase.value)


def _check_answer(question: Question, ballot: Ballot) -> None:
    meanings = {option.key: option.meaning for option in question.options}
    if ballot.choice not in meanings:
        raise NoSuchChoice(allowed=list(meanings))
    is_other = meanings[ballot.choice] is Meaning.OTHER
    if (ballot.opinion or ballot.attachment) and not is_other:
        raise OpinionWithoutOther()
    # Among alternatives "another" says enough.
    if is_other and question.method is Method.APPROVAL and not ballot.opinion:
        raise OpinionWithoutText()


def actor_of(ballot: Ballot) -> PersonId:
    """Whose act it was to cast it: the proxy's, or the voter's own."""
    return ballot.cast_by or ballot.voter


@dataclass(frozen=True, slots=True)
class Accepted:
    """A ballot to be kept, before it has a number."""

    ballot: Ballot
    event: BallotCast
    hash: str


@dataclass(frozen=True, slots=True)
class Again:
    """A ballot that is kept already, or that one before it in the same batch will keep."""

    ballot: Ballot


def cast_all(
    question: Question,
    together: Sequence[Ballot | Refusal],
    earlier: Mapping[PersonId, Mapping[int, str]],
    stand_ins: Set[PersonId] = frozenset(),
) -> list[Accepted | Again | Refusal]:
    """Decide each as `cast` would if they came one after the other; what is refused to one changes nothing for the
    next, and what was refused before stays so.

    earlier  by voter, as for `cast`
    """
    stored = {voter: dict(versions) for voter, versions in earlier.items()}
    decided: list[Accepted | Again | Refusal] = []
    for ballot in together:
        if isinstance(ballot, Refusal):
            decided.append(ballot)
            continue
        mine = stored.setdefault(ballot.voter, {})
        try:
            event = cast(question, ballot, mine, is_stand_in=ballot.voter in stand_ins)
        except Refusal as refusal:
            decided.append(refusal)
            continue
        if event is None:
            decided.append(Again(ballot))
            continue
        mine[ballot.n] = digest(event.ballot)
        decided.append(Accepted(ballot, event, mine[ballot.n]))
    return decided


def canonical_ballot(ballot: Ballot, question_hash: str) -> CanonicalBallot:
    """The value that is hashed into the record. Without a time of arrival: a retry has the same bytes. What a ballot
    does not say has no key."""
    canonical: CanonicalBallot = {
        "v": 1,
        "question": ballot.question,
        "question_hash": question_hash,
        "voter": ballot.voter,
        "choice": ballot.choice,
        "n": ballot.n,
    }
    for key in _WHERE_SAID:
        if said := getattr(ballot, key):
            canonical[key] = said
    return canonical


_WHERE_SAID = ("opinion", "attachment", "cast_by")


def read_ballot(written: CanonicalBallot, cast_at: datetime) -> Ballot:
    """The inverse of `canonical_ballot`, for whoever reads the record; ``cast_at`` is the entry's. Raises KeyError and
    TypeError for what is none."""
    return Ballot(
        question=QuestionId(written["question"]),
        voter=PersonId(written["voter"]),
        choice=written["choice"],
        n=written["n"],
        cast_at=cast_at,
        opinion=written.get("opinion"),
        attachment=written.get("attachment"),
        cast_by=written.get("cast_by"),
    )


def receipt(kept: KeptBallot, newest: int) -> Receipt:
    """What the voter is given for a stored ballot.

    newest  the highest version this voter has stored
    """
    return Receipt(kept.ballot, kept.number, kept.hash, kept.file, is_current=kept.ballot.n >= newest)


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
