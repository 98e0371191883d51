"""What voting shows on the wire. Pure; the fields are those of docs/protocol.md.

While a question is open nobody, the chair included, learns more than how many have answered: `question_entry` is the
only way out, and it is not given the ballots then.
"""

from collections.abc import Iterable, Sequence

from ecabinet.kernel.events import moment, moment_if_any, plain
from ecabinet.kernel.ids import ItemId, PersonId, QuestionId
from ecabinet.register.model import Meaning

from .entries import (
    AttachmentEntry,
    BallotEntry,
    BoardEntry,
    CandidateEntry,
    ElectionEntry,
    IncidentEntry,
    MyBallotEntry,
    MyBallots,
    PapersEntry,
    PlanEntry,
    ProxyEntry,
    QuestionEntry,
    RatingEntry,
    ReceiptEntry,
    SettledEntry,
    TieEntry,
    TurnoutEntry,
    VerdictEntry,
)
from .model import (
    Attachment,
    Counts,
    ElectionVerdict,
    Incident,
    KeptBallot,
    Option,
    Planned,
    Question,
    Receipt,
    Verdict,
    Way,
)


def turnout_entry(question: QuestionId, items: Sequence[ItemId], received: int) -> TurnoutEntry:
    """How many voters have answered. An entry of its own: it changes with every ballot, and the question does not."""
    return {"id": question, "item": items[0], "items": list(items), "received": received}


def question_entry(question: Question, current: Sequence[KeptBallot]) -> QuestionEntry:
    """A question as it stands.

    current  the ballots that count, one a voter, of a question that was closed; looked at only then
    """
    # A vote that was annulled after its end has told what it told; of one annulled before, nobody ever learns.
    has_ended = was_closed(question)
    by_name = has_ended and question.way is not Way.PAPER
    return {
        "id": question.id,
        "item": question.item,
        "items": list(question.subjects),
        "number": question.number,
        "text": question.text,
        "matter": "motion" if question.motion else question.matter.value,
        "motion": question.motion,
        "method": question.method.value,
        "way": question.way.value,
        "secrecy": question.secrecy.value,
        "kind": question.kind.value,
        "plan": question.plan,
        "options": [{"id": option.key, "label": option.words.vi} for option in question.options],
        "candidates": _candidates(question),
        "seats": question.seats,
        "board": _board(question),
        "status": question.phase.value,
        "opened_at": moment(question.opened_at),
        "until": moment_if_any(question.until),
        "closed_at": moment_if_any(question.closed_at),
        "roll": [voter.person for voter in question.roll.voters],
        "proxies": {voter.person: voter.proxy for voter in question.roll.voters if voter.proxy is not None},
        "members": question.strength.members,
        "present": question.strength.present,
        "recused": question.strength.recused,
        "remaining": question.strength.remaining,
        "rule": {"sentence": plain(question.rule), "article": plain(question.article)},
        "ballots": _by_protocol(question, current) if by_name else None,
        "papers": _papers(question),
        "verdict": verdict_entry(question.verdict, question.options) if question.verdict else None,
        "election": _election(question.election) if question.election else None,
        "ratings": _ratings(question) if question.ratings else None,
        "settler": question.settler,
        "settled": _settled(question),
        "repeats": question.repeats,
        "repeated_by": question.repeated_by,
        "cancel_reason": question.cancel_reason,
        "annul_reason": question.annul_reason,
    }


def was_closed(question: Question) -> bool:
    """Whether it ended with a result, whatever became of it later."""
    return question.verdict is not None or question.election is not None or bool(question.ratings)


def _candidates(question: Question) -> list[CandidateEntry] | None:
    if not question.candidates:
        return None
    return [{"id": each.id, "name": each.name, "person": each.person} for each in question.candidates]


def _board(question: Question) -> BoardEntry | None:
    board = question.board
    return None if board is None else {"head": board.head, "members": list(board.members)}


def _papers(question: Question) -> PapersEntry | None:
    if question.count is None:
        return None
    papers = question.count.papers
    return {"issued": papers.issued, "returned": papers.returned, "valid": papers.valid, "invalid": papers.invalid}


def _settled(question: Question) -> SettledEntry | None:
    settled = question.settled
    return None if settled is None else {"by": settled.by, "side": settled.side.value, "at": moment(settled.at)}


def _election(election: ElectionVerdict) -> ElectionEntry:
    return {
        "outcome": election.outcome.value,
        "elected": list(election.elected),
        "run_off": list(election.run_off),
        "tied": list(election.tied),
        "seats_left": election.seats_left,
        "needed": election.needed,
        "base": election.base_number,
        "base_name": election.base.value,
        "rows": [
            {"id": each.candidate, "votes": each.votes, "share": each.share, "reached": each.has_reached}
            for each in election.standings
        ],
        "is_binding": election.binding,
        "sentence": plain(election.words),
        "article": plain(election.article),
    }


def _ratings(question: Question) -> list[RatingEntry]:
    return [
        {
            "id": each.name,
            "high": each.levels.high,
            "mid": each.levels.mid,
            "low": each.levels.low,
            "unmarked": each.unmarked,
            "base": each.base_number,
            "base_name": each.base.value,
            "shares": dict(each.shares),
            "shares_of_all": dict(each.shares_of_all),
            "outcome": each.outcome.value,
            "sentence": plain(each.words),
            "article": plain(each.article),
        }
        for each in question.ratings
    ]


def incident_entry(incident: Incident, items: Sequence[ItemId]) -> IncidentEntry:
    """An entry of ``incidents``.

    items  what its question is about
    """
    return {
        "id": incident.id,
        "item": incident.item,
        "items": list(items),
        "question": incident.question,
        "person": incident.person,
        "at": moment(incident.at),
    }


def plan_entry(planned: Planned) -> PlanEntry:
    """An entry of ``plans``."""
    return {
        "id": planned.id,
        "item": planned.item,
        "position": planned.position,
        "kind": planned.kind.value,
        "text": planned.text,
        "method": planned.method.value,
        "matter": planned.matter.value,
        "options": list(planned.options),
        "question": planned.question,
    }


def proxy_entry(giver: PersonId, holder: PersonId) -> ProxyEntry:
    """An entry of ``proxies``."""
    return {"id": giver, "giver": giver, "holder": holder}


def _by_protocol(question: Question, current: Sequence[KeptBallot]) -> list[BallotEntry]:
    by_voter = {kept.ballot.voter: kept for kept in current}
    return [
        {
            "person": voter.person,
            "name": voter.name,
            "choice": by_voter[voter.person].ballot.choice,
            "at": moment(by_voter[voter.person].ballot.cast_at),
            "number": by_voter[voter.person].number,
            "opinion": by_voter[voter.person].ballot.opinion,
            "attachment": attachment_entry(by_voter[voter.person].file),
            "cast_by": voter.proxy,
            "is_by_hands": question.way is Way.HANDS,
        }
        for voter in question.roll.voters
        if voter.person in by_voter
    ]


def attachment_entry(file: Attachment | None) -> AttachmentEntry | None:
    """How an attachment is named to whoever may read it."""
    return {"id": file.id, "filename": file.filename, "size_bytes": file.size_bytes} if file else None


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
        "shares_of_all": {name: sums.shares[name] for name in _OF_ALL if name in sums.shares},
        "invalid": sums.counts.invalid,
        "tie": tie,
        "is_binding": verdict.binding,
        "sentence": plain(verdict.words),
        "article": plain(verdict.article),
    }


_OF_ALL = ("took_part", "not_voted", "absent", "invalid")
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


def receipt_entry(receipt: Receipt) -> ReceiptEntry:
    """What the voter is given."""
    ballot = receipt.ballot
    return {
        "question": ballot.question,
        "voter": ballot.voter,
        "choice": ballot.choice,
        "n": ballot.n,
        "number": receipt.number,
        "hash": receipt.hash,
        "at": moment(ballot.cast_at),
        "is_current": receipt.is_current,
    }


def my_ballot_entry(receipt: Receipt) -> MyBallotEntry:
    """My ballot with its receipt."""
    return {
        "choice": receipt.ballot.choice,
        "n": receipt.ballot.n,
        "opinion": receipt.ballot.opinion,
        "attachment": attachment_entry(receipt.file),
        "receipt": receipt_entry(receipt),
    }


def my_ballots(person: PersonId, receipts: Iterable[Receipt]) -> MyBallots:
    """What a person has cast, from the receipts of the ballots that count."""
    cast: MyBallots = {"ballots": {}, "mandates": {}}
    for receipt in receipts:
        ballot, entry = receipt.ballot, my_ballot_entry(receipt)
        if ballot.voter == person:
            cast["ballots"][ballot.question] = entry
        else:
            cast["mandates"].setdefault(ballot.question, {})[ballot.voter] = entry
    return cast
