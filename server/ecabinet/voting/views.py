"""What voting shows on the wire. Pure; the fields are those of docs/protocol.md.

While a question is open nobody, the chair included, learns more than how many have answered: `question_entry` is the
only way out, and it is not given the ballots then.
"""

from collections.abc import Sequence

from typing_extensions import TypedDict

from ecabinet.kernel.events import moment, plain
from ecabinet.register.model import Lang, Matter, Meaning, RuleProfile, Words

from .model import Counts, KeptBallot, Option, Outcome, Phase, Question, Receipt, Verdict


class BothEntry(TypedDict):
    """The same in both languages."""

    vi: str
    en: str


class OptionEntry(TypedDict):
    """An answer on the ballot."""

    id: str
    label: str


class RuleEntry(TypedDict):
    """What the decision needs, and where that stands."""

    sentence: BothEntry
    article: BothEntry


class BallotEntry(TypedDict):
    """How someone voted."""

    person: str
    name: str
    choice: str
    at: str
    number: int


class TieEntry(TypedDict):
    """How equal votes were settled."""

    rule: str
    sentence: BothEntry


class VerdictEntry(TypedDict):
    """What was decided, with its arithmetic."""

    outcome: str
    option: str | None
    counts: dict[str, int]
    not_voted: int
    absent: int
    base: int
    base_name: str
    needed: int
    shares: dict[str, str]
    tie: TieEntry | None
    is_binding: bool
    sentence: BothEntry
    article: BothEntry


class JudgedEntry(TypedDict):
    """A verdict on bare numbers, with everything needed to compute it again."""

    profile: str
    version: str
    outcome: str
    option: str | None
    is_binding: bool
    sentence: BothEntry
    article: BothEntry
    arithmetic: dict[str, object]


class QuestionEntry(TypedDict):
    """A question as a meeting sees it."""

    id: str
    item: str
    number: int
    text: str
    method: str
    options: list[OptionEntry]
    status: str
    opened_at: str
    closed_at: str | None
    roll: list[str]
    members: int
    present: int
    rule: RuleEntry
    ballots: list[BallotEntry] | None
    verdict: VerdictEntry | None
    cancel_reason: str | None


class TurnoutEntry(TypedDict):
    """How many have answered a question."""

    id: str
    item: str
    received: int


class ReceiptEntry(TypedDict):
    """That a ballot was kept."""

    question: str
    choice: str
    n: int
    number: int
    hash: str
    at: str
    is_current: bool


class MyBallotEntry(TypedDict):
    """My ballot that counts."""

    choice: str
    n: int
    receipt: ReceiptEntry


def turnout_entry(question: Question, received: int) -> TurnoutEntry:
    """How many voters have answered. An entry of its own: it changes with every ballot, and the question does not."""
    return {"id": question.id, "item": question.item, "received": received}


def question_entry(question: Question, current: Sequence[KeptBallot]) -> QuestionEntry:
    """A question as it stands.

    current  the ballots that count, one a voter, of a closed question; looked at only then
    """
    is_closed = question.phase is Phase.CLOSED
    return {
        "id": question.id,
        "item": question.item,
        "number": question.number,
        "text": question.text,
        "method": "choice" if question.matter is Matter.CHOICE else "approval",
        "options": [{"id": option.key, "label": option.words.vi} for option in question.options],
        "status": question.phase.value,
        "opened_at": moment(question.opened_at),
        "closed_at": moment(question.closed_at) if question.closed_at else None,
        "roll": [voter.person for voter in question.roll.voters],
        "members": question.strength.members,
        "present": question.strength.present,
        "rule": {"sentence": plain(question.rule), "article": plain(question.article)},
        "ballots": _by_protocol(question, current) if is_closed else None,
        "verdict": verdict_entry(question.verdict, question.options) if is_closed and question.verdict else None,
        "cancel_reason": question.cancel_reason,
    }


def _by_protocol(question: Question, current: Sequence[KeptBallot]) -> list[BallotEntry]:
    by_voter = {kept.ballot.voter: kept for kept in current}
    return [
        {
            "person": voter.person,
            "name": voter.name,
            "choice": by_voter[voter.person].ballot.choice,
            "at": moment(by_voter[voter.person].ballot.cast_at),
            "number": by_voter[voter.person].number,
        }
        for voter in question.roll.voters
        if voter.person in by_voter
    ]


def verdict_entry(verdict: Verdict, options: Sequence[Option]) -> VerdictEntry:
    """The verdict with its arithmetic, counts and shares by option."""
    sums = verdict.arithmetic
    tie: TieEntry | None = None
    if sums.tie_applied:
        tie = {"rule": sums.chair.value, "sentence": plain(verdict.words)}
    return {
        "outcome": verdict.outcome.value,
        "option": verdict.chosen,
        "counts": {option.key: count_of(sums.counts, option) for option in options},
        "not_voted": sums.counts.not_voted,
        "absent": sums.counts.absent,
        "base": sums.base_number,
        "base_name": sums.base.value,
        "needed": sums.needed,
        "shares": {option.key: sums.shares[_name(option)] for option in options},
        "tie": tie,
        "is_binding": verdict.binding,
        "sentence": plain(verdict.words),
        "article": plain(verdict.article),
    }


_COUNTS = {
    Meaning.FOR: "votes_for",
    Meaning.AGAINST: "votes_against",
    Meaning.ABSTAIN: "abstained",
    Meaning.OTHER: "other",
}


def _name(option: Option) -> str:
    """Under which name an option's count and share stand in the arithmetic."""
    return _COUNTS.get(option.meaning, option.key)


def count_of(counts: Counts, option: Option) -> int:
    """How many chose the option."""
    by_name = {
        "votes_for": counts.votes_for,
        "votes_against": counts.votes_against,
        "abstained": counts.abstained,
        "other": counts.other,
        **(counts.alternatives or {}),
    }
    return by_name[_name(option)]


def judged_entry(profile: RuleProfile, verdict: Verdict) -> JudgedEntry:
    """For whoever checks a verdict with a program of their own."""
    return {
        "profile": profile.id,
        "version": profile.version,
        "outcome": verdict.outcome.value,
        "option": verdict.chosen,
        "is_binding": verdict.binding,
        "sentence": plain(verdict.words),
        "article": plain(verdict.article),
        "arithmetic": plain(verdict.arithmetic),
    }


_OUTCOMES = {
    Outcome.PASSED: Words("được thông qua", "passed"),
    Outcome.NOT_PASSED: Words("không được thông qua", "not passed"),
    Outcome.NO_QUORUM: Words("không đủ số lượng để biểu quyết", "no quorum"),
    Outcome.UNDECIDED: Words("chưa quyết định, chờ ý kiến người quyết định khi ngang nhau", "undecided"),
    Outcome.NO_MAJORITY: Words("không phương án nào đủ đa số", "no majority for any alternative"),
}


def verdict_text(verdict: Verdict, lang: Lang) -> str:
    """For a terminal: the outcome's code with its words, the alternative chosen, the arithmetic, the article."""
    chosen = f" ({verdict.chosen})" if verdict.chosen else ""
    lines = [
        f"{verdict.outcome.value}: {_OUTCOMES[verdict.outcome].of(lang)}{chosen}",
        verdict.words.of(lang),
        verdict.article.of(lang),
    ]
    return "\n".join(lines)


def receipt_entry(receipt: Receipt) -> ReceiptEntry:
    """What the voter is given."""
    return {
        "question": receipt.question,
        "choice": receipt.choice,
        "n": receipt.n,
        "number": receipt.number,
        "hash": receipt.hash,
        "at": moment(receipt.at),
        "is_current": receipt.is_current,
    }


def my_ballot_entry(receipt: Receipt) -> MyBallotEntry:
    """My ballot with its receipt."""
    return {"choice": receipt.choice, "n": receipt.n, "receipt": receipt_entry(receipt)}
