"""What the tellers' minutes are filled with. Pure. In Vietnamese, as all official papers are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecabinet.kernel.official import calendar_day, clock_time, letterhead, per_cent
from ecabinet.register.model import Base
from ecabinet.voting.methods import share
from ecabinet.voting.model import Method

from .model import Facts, Teller

_PAPERS = (
    ("issued", "Số phiếu phát ra"),
    ("returned", "Số phiếu thu về"),
    ("valid", "Số phiếu hợp lệ"),
    ("invalid", "Số phiếu không hợp lệ"),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: a number, what is counted, and columns of figures."""

    heads: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    width_mm: int = 30
    """Of each column of figures."""


def page(facts: Facts) -> dict[str, Any]:
    """The values of form.typ."""
    head = next(each.name for each in facts.tellers if each.is_head)
    return {
        "document_title": f"Biên bản kiểm phiếu: {facts.question.text}",
        "unit": facts.unit,
        "unit_lines": letterhead(facts.unit),
        "title": facts.question.text.rstrip("."),
        "dated": f"…, {calendar_day(facts.closed_at, facts.zone)}",
        "sections": [_board(facts), _course(facts), _papers(facts), _votes(facts), _conclusion(facts)],
        "ending": (
            f"Việc kiểm phiếu kết thúc vào hồi {clock_time(facts.closed_at, facts.zone)} cùng ngày. Biên bản này đã "
            "được đọc lại cho các thành viên Ban kiểm phiếu cùng nghe, nhất trí và ký tên."
        ),
        "head": head,
        "members": [each.name for each in facts.tellers if not each.is_head],
    }


def _section(heading: str, lines: Sequence[str], rows: Rows | None = None, after: Sequence[str] = ()) -> dict[str, Any]:
    table = rows or Rows()
    return {
        "heading": heading,
        "lines": list(lines),
        "heads": list(table.heads),
        "rows": [list(line) for line in table.lines],
        "after": list(after),
        "width": table.width_mm,
    }


def _board(facts: Facts) -> dict[str, Any]:
    lines = [f"{place}. {_called(each)}." for place, each in enumerate(facts.tellers, start=1)]
    return _section("I. Thành phần Ban kiểm phiếu", lines)


def _called(teller: Teller) -> str:
    said = teller.post and teller.post.casefold() not in teller.name.casefold()
    name = f"{teller.name}, {teller.post}" if said else teller.name
    return f"{name}: {'Trưởng ban' if teller.is_head else 'Thành viên'}"


def _course(facts: Facts) -> dict[str, Any]:
    question = facts.question
    opened = f"{clock_time(question.opened_at, facts.zone)}, {calendar_day(question.opened_at, facts.zone)}"
    where = f", tại {facts.place}" if facts.place else ""
    present = f"Số {facts.member} có mặt, có tên trong danh sách bỏ phiếu: {len(question.roll.voters)}."
    lines = [
        f"Hồi {opened}{where}, {facts.meeting} tiến hành bỏ phiếu kín về nội dung: {question.text.rstrip('.')}.",
        f"Tổng số {facts.member}: {question.strength.members}. {present}",
    ]
    if question.method is Method.ELECTION:
        lines.append(f"Số người được bầu: {question.seats}. Số người trong danh sách: {len(question.candidates)}.")
    return _section("II. Nội dung bỏ phiếu", lines)


def _papers(facts: Facts) -> dict[str, Any]:
    papers = facts.counted.papers
    lines = tuple(
        _row(place, name, getattr(papers, field), facts) for place, (field, name) in enumerate(_PAPERS, start=1)
    )
    heads = ("TT", "Số phiếu", "Số lượng", f"Tỷ lệ so với tổng số {facts.member}")
    return _section("III. Kết quả kiểm phiếu", [], Rows(heads, lines))


def _votes(facts: Facts) -> dict[str, Any]:
    if facts.question.method is Method.RATING:
        return _levels(facts)
    votes = facts.counted.votes
    lines = tuple(
        _row(place, name, votes[line], facts) for place, (line, name) in enumerate(_names(facts).items(), start=1)
    )
    share_of_all = f"Tỷ lệ so với tổng số {facts.member}"
    if facts.question.method is Method.ELECTION:
        rows = Rows(("TT", "Họ và tên", "Số phiếu bầu", share_of_all), lines)
        return _section("IV. Số phiếu bầu của từng người", [], rows)
    return _section("IV. Số phiếu theo từng ý kiến", [], Rows(("TT", "Ý kiến", "Số phiếu", share_of_all), lines))


def _row(place: int, name: str, number: int, facts: Facts) -> tuple[str, ...]:
    return (str(place), name, str(number), per_cent(share(number, facts.question.strength.members)))


def _levels(facts: Facts) -> dict[str, Any]:
    names = _names(facts)
    lines = []
    for place, rating in enumerate(facts.question.ratings, start=1):
        numbers = (("high", rating.levels.high), ("mid", rating.levels.mid), ("low", rating.levels.low))
        told = [f"{number}\n({per_cent(rating.shares[level])})" for level, number in numbers]
        lines.append((str(place), names[rating.name], *told))
    heads = ("TT", "Họ và tên", "Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp")
    of_members = {Base.ALL: f"tổng số {facts.member}", Base.PRESENT: f"số {facts.member} có mặt"}
    bases = {of_members.get(rating.base, "tổng số phiếu thu về") for rating in facts.question.ratings}
    note = f"Tỷ lệ trong ngoặc tính trên {', '.join(sorted(bases))}."
    return _section("IV. Mức độ tín nhiệm của từng người", [], Rows(heads, tuple(lines), 26), [note])


def _conclusion(facts: Facts) -> dict[str, Any]:
    checked = (
        f"Số liệu do {facts.entered_by} nhập, {facts.confirmed_by} kiểm và nhập lại độc lập; hai lần nhập trùng khớp."
    )
    return _section("V. Kết luận", [*facts.results, checked])


def _names(facts: Facts) -> dict[str, str]:
    question = facts.question
    if question.candidates:
        return {each.id: each.name for each in question.candidates}
    return {option.key: option.words.vi for option in question.options}
