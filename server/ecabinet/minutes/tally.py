"""From a question, its ballots and the record to what the minutes and the result sheet tell of it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ecabinet.kernel.ids import ItemId, PersonId, QuestionId
from ecabinet.kernel.official import per_cent
from ecabinet.register.model import Meaning
from ecabinet.voting.methods import share
from ecabinet.voting.model import (
    Arithmetic,
    ElectionVerdict,
    KeptBallot,
    Kind,
    Method,
    Option,
    Outcome,
    Phase,
    Question,
    RatingVerdict,
    Side,
    Verdict,
    Way,
)

from .entries import Record
from .model import Choice, Count, Fact, Result, Stated, Table, Tallied, Vote

OUTCOMES = {
    Outcome.PASSED: "thông qua",
    Outcome.NOT_PASSED: "không thông qua",
    Outcome.NO_QUORUM: "không có giá trị vì không đủ số lượng",
    Outcome.UNDECIDED: "chưa quyết định, số phiếu ngang nhau",
    Outcome.NO_MAJORITY: "không phương án nào đạt số phiếu cần thiết",
}
HOW = {
    Way.ELECTRONIC: "công khai bằng phương tiện điện tử",
    Way.HANDS: "công khai bằng hình thức giơ tay",
    Way.PAPER: "bằng bỏ phiếu kín tại phòng họp",
}
_PAPERS = (
    ("issued", "số phiếu phát ra"),
    ("returned", "số phiếu thu về"),
    ("valid", "số phiếu hợp lệ"),
    ("invalid", "số phiếu không hợp lệ"),
)


@dataclass(frozen=True, slots=True)
class Around:
    """What a vote is told with."""

    names: Mapping[PersonId, str]
    positions: Mapping[ItemId, int]
    """Place of each item on the agenda."""
    questions: Sequence[Question]
    """All of the meeting, by number."""
    ballots: Mapping[QuestionId, Sequence[KeptBallot]]
    """Every version of everybody."""
    record: Record

    def name(self, person: str | None) -> str:
        """Somebody who has left the list has no name here any more."""
        return self.names.get(PersonId(person), "…") if person else "…"

    def number(self, question: QuestionId | None) -> int | None:
        """The number of a question in the meeting."""
        return next((each.number for each in self.questions if each.id == question), None)


def vote_of(question: Question, around: Around) -> Vote:
    """Everything about one vote."""
    assert question.closed_at, "no vote runs when it is told of"
    stands = question.phase is Phase.CLOSED
    result = _result(question, question.verdict) if question.verdict and stands else None
    return Vote(
        text=question.text,
        opened=Fact(question.opened_at, _put(question.id, around.record)),
        ended=Fact(question.closed_at, _ends(question, around.record)),
        result=result,
        cancel_reason=question.cancel_reason,
        choices=tuple(_choices(question, around)) if question.way is not Way.PAPER else (),
        number=question.number,
        title=_title(question, around),
        how=HOW[question.way],
        annulled=_annulled(question, around),
        replaced_by=around.number(question.repeated_by),
        settled=_settled(question, around),
        incidents=tuple(_incidents(question, around)),
        entered_by=_entered_by(question, around),
        papers=tuple(_papers(question)) if stands else (),
        rows=tuple(_rows(question)) if stands else (),
        conclusions=tuple(_conclusions(question)) if stands else (),
    )


def _title(question: Question, around: Around) -> str:
    if question.repeats is not None:
        return f"Biểu quyết lại (thay cuộc biểu quyết số {around.number(question.repeats) or '…'})"
    if question.kind is Kind.BLOCK:
        positions = sorted(around.positions.get(item, 0) for item in question.subjects)
        return f"Biểu quyết chung các nội dung {', '.join(map(str, positions))}"
    if question.method in {Method.ELECTION, Method.RATING}:
        return "Bầu cử" if question.method is Method.ELECTION else "Lấy phiếu tín nhiệm"
    titles = {Kind.PART: "Biểu quyết từng phần", Kind.AMENDMENT: "Biểu quyết nội dung sửa đổi, bổ sung"}
    return titles.get(question.kind, "Biểu quyết")


def _put(question: QuestionId, record: Record) -> tuple[int, ...]:
    """An erased entry names no question any more, and proves nothing of it."""
    asked = ((entry.number, payload.get("question", {})) for entry, payload in record.of("question.put"))
    return tuple(number for number, put in asked if put.get("id") == question)


def _ends(question: Question, record: Record) -> tuple[int, ...]:
    ended = record.numbers("question.closed", question=question.id)
    return ended or record.numbers(f"question.{question.phase.value}", question=question.id)


# --- what happened around it ---


def _annulled(question: Question, around: Around) -> Stated | None:
    if question.phase is not Phase.ANNULLED:
        return None
    for entry, payload in around.record.of("question.annulled"):
        if payload.get("question") == question.id:
            return Stated(around.name(entry.actor), question.annul_reason or "", entry.at, (entry.number,))
    assert question.closed_at, "an annulled vote has ended"
    return Stated("…", question.annul_reason or "", question.closed_at)


def _settled(question: Question, around: Around) -> Stated | None:
    settled = question.settled
    if settled is None:
        return None
    meaning = {Side.FOR: Meaning.FOR, Side.AGAINST: Meaning.AGAINST}[settled.side]
    word = next((each.words.vi for each in question.options if each.meaning is meaning), settled.side.value)
    proof = around.record.numbers("question.settled", question=question.id)
    return Stated(around.name(settled.by), word.lower(), settled.at, proof)


def _incidents(question: Question, around: Around) -> Iterator[Stated]:
    for entry, payload in around.record.of("incident.reported"):
        if payload.get("question") == question.id:
            yield Stated(around.name(entry.actor), "mất kết nối khi biểu quyết", entry.at, (entry.number,))


def _entered_by(question: Question, around: Around) -> tuple[str, ...]:
    for _entry, payload in around.record.of("question.closed"):
        if payload.get("question") == question.id:
            return tuple(around.name(person) for person in payload.get("entered_by", ()))
    return ()


def _choices(question: Question, around: Around) -> Iterator[Choice]:
    if question.phase is not Phase.CLOSED:
        return
    # The highest version counts: it comes last here, and stays.
    by_version = sorted(around.ballots.get(question.id, ()), key=lambda kept: kept.ballot.n)
    current = {each.ballot.voter: each for each in by_version}
    for voter in question.roll.voters:
        proxy = around.name(voter.proxy) if voter.proxy else None
        kept = current.get(voter.person)
        if kept is None:
            yield Choice(voter.name, None, cast_by=proxy)
            continue
        yield Choice(
            voter.name,
            question.option(kept.ballot.choice).words.vi,
            kept.ballot.cast_at,
            kept.number,
            opinion=kept.ballot.opinion,
            attachment=kept.file.filename if kept.file else None,
            cast_by=proxy,
        )


# --- what came of it ---


def _result(question: Question, verdict: Verdict) -> Result:
    sums = verdict.arithmetic
    outcome = OUTCOMES[verdict.outcome]
    if verdict.chosen:
        outcome = f"chọn {question.option(verdict.chosen).words.vi}"
    invalid = sums.counts.invalid
    return Result(
        outcome=outcome,
        counts=tuple(_counts(question.options, sums)),
        members=sums.members,
        present=sums.present,
        sentence=verdict.words.vi,
        article=verdict.article.vi,
        took_part=Count("tham gia biểu quyết", sums.counts.cast, sums.shares["took_part"]),
        recused=question.strength.recused,
        invalid=Count("phiếu không hợp lệ", invalid, sums.shares["invalid"]) if question.count else None,
    )


_COUNTED = {
    Meaning.FOR: "votes_for",
    Meaning.AGAINST: "votes_against",
    Meaning.ABSTAIN: "abstained",
    Meaning.OTHER: "other",
}


def _counts(options: Sequence[Option], sums: Arithmetic) -> Iterator[Count]:
    for option in options:
        if option.meaning is Meaning.ALTERNATIVE:
            count = (sums.counts.alternatives or {}).get(option.key, 0)
            yield Count(option.words.vi, count, sums.shares[option.key])
        else:
            name = _COUNTED[option.meaning]
            label = option.words.vi[:1].lower() + option.words.vi[1:]
            yield Count(label, getattr(sums.counts, name), sums.shares[name])
    yield Count("không tham gia biểu quyết", sums.counts.not_voted, sums.shares["not_voted"])
    yield Count("vắng mặt", sums.counts.absent, sums.shares["absent"])


def _papers(question: Question) -> Iterator[Count]:
    if question.count is None:
        return
    issued = question.count.papers.issued
    for field, label in _PAPERS:
        number = getattr(question.count.papers, field)
        yield Count(label, number, share(number, issued) if issued else "0.00")


def _rows(question: Question) -> Iterator[Tallied]:
    names = {each.id: each.name for each in question.candidates}
    if question.election is not None:
        for place, each in enumerate(question.election.standings, start=1):
            verdict = "trúng cử" if each.is_elected else "không trúng cử"
            told = (str(place), names[each.candidate], str(each.votes), per_cent(each.share), verdict)
            yield Tallied(Table.ELECTION, told)
    for place, rating in enumerate(question.ratings, start=1):
        yield Tallied(Table.RATING, (str(place), names[rating.name], *_levels(rating)))


def _levels(rating: RatingVerdict) -> Iterator[str]:
    for level in ("high", "mid", "low"):
        yield f"{getattr(rating.levels, level)} ({per_cent(rating.shares_of_all[level])})"


def _conclusions(question: Question) -> Iterator[str]:
    named: tuple[ElectionVerdict | RatingVerdict, ...] = (
        *((question.election,) if question.election else ()),
        *question.ratings,
    )
    for each in named:
        yield f"{each.words.vi}; căn cứ: {each.article.vi}"
