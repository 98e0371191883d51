"""How a vote is told: in the minutes, and on the sheet of its result (phiếu kết quả biểu quyết). Pure.

The figures, in this order and with their shares of all members, are those these bodies print: who took part, each
answer, who did not take part, who was absent.
"""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from ecabinet.kernel.official import calendar_day, letterhead, per_cent

from .model import Choice, Count, Line, Result, SheetFacts, Stated, Table, Tallied, Vote
from .phrases import capital, exact_time, listed, sentence

HEADS = {
    Table.BALLOTS: ("TT", "Họ tên, chức danh", "Ý kiến", "Thời điểm gửi phiếu"),
    Table.RESULT: ("TT", "Kết quả biểu quyết", "Số lượng", "Tỷ lệ so với tổng số {member}"),
    Table.PAPERS: ("TT", "Số phiếu", "Số lượng", "Tỷ lệ so với số phiếu phát ra"),
    Table.ELECTION: ("TT", "Họ và tên", "Số phiếu bầu", "Tỷ lệ so với tổng số {member}", "Kết quả"),
    Table.RATING: ("TT", "Họ và tên", "Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp"),
}


def heads(table: Table, member: str) -> list[str]:
    """What stands over the columns."""
    return [head.format(member=member) for head in HEADS[table]]


# --- in the minutes ---


def vote_lines(vote: Vote, member: str, zone: ZoneInfo) -> list[Line]:
    """Everything the minutes say of a vote, with what proves it."""
    if vote.annulled is not None:
        return [_annulled(vote, vote.annulled, zone), *_lost(vote, zone)]
    if vote.result is None and not vote.rows:
        return [_called_off(vote, zone), *_lost(vote, zone)]
    span = f"từ {exact_time(vote.opened.at, zone)} đến {exact_time(vote.ended.at, zone)}"
    put = Line(f"{vote.title} {vote.how}, {span}. Nội dung biểu quyết: “{vote.text}”", vote.opened.entries)
    return [put, *_outcome(vote, member, zone), *_lost(vote, zone), *_names(vote, member, zone)]


def _called_off(vote: Vote, zone: ZoneInfo) -> Line:
    reason = f"; lý do: {vote.cancel_reason}" if vote.cancel_reason else ""
    told = (
        f"{vote.title} “{vote.text}” mở lúc {exact_time(vote.opened.at, zone)}, hủy lúc "
        f"{exact_time(vote.ended.at, zone)}{reason}. Các phiếu đã gửi không có giá trị."
    )
    return Line(told, vote.opened.entries + vote.ended.entries)


def _annulled(vote: Vote, annulled: Stated, zone: ZoneInfo) -> Line:
    again = f" và biểu quyết lại (cuộc biểu quyết số {vote.replaced_by})" if vote.replaced_by else ""
    told = (
        f"{vote.title} “{vote.text}” (cuộc biểu quyết số {vote.number}) mở lúc {exact_time(vote.opened.at, zone)}. "
        f"Lúc {exact_time(annulled.at, zone)}, chủ tọa quyết định hủy kết quả{again}; "
        f"{sentence(f'lý do: {annulled.text}')}"
    )
    return Line(told, vote.opened.entries + annulled.entries)


def _outcome(vote: Vote, member: str, zone: ZoneInfo) -> Iterator[Line]:
    for row in _count_rows(vote.papers):
        yield Line(f"{row[1]}: {row[2]} ({row[3]})", vote.ended.entries, row, Table.PAPERS)
    if vote.result is not None:
        yield from _counted(vote, vote.result, member)
    for each in vote.rows:
        yield Line(_told(each), vote.ended.entries, each.cells, each.table)
    for text in conclusions(vote, zone):
        yield Line(text, vote.ended.entries + (vote.settled.entries if vote.settled else ()))
    if vote.entered_by:
        yield Line(entered(vote), vote.ended.entries)


def _counted(vote: Vote, result: Result, member: str) -> Iterator[Line]:
    """The lines of the result, each with the ballots that make it."""
    whole, *counts = result_rows(result, member)
    yield Line(f"{whole[1]}: {whole[2]}", vote.opened.entries, whole, Table.RESULT)
    for row in counts:
        took_part = result.took_part is not None and row[1].casefold() == result.took_part.label
        own = ballots(vote) if took_part else ballots(vote, row[1])
        yield Line(f"{row[1]}: {row[2]}/{result.members} ({row[3]})", own + vote.ended.entries, row, Table.RESULT)


def _told(tallied: Tallied) -> str:
    _place, name, *figures = tallied.cells
    if tallied.table is Table.ELECTION:
        votes, share, outcome = figures
        return f"{name}: {votes} ({share}), {outcome}"
    levels = zip(HEADS[Table.RATING][2:], figures, strict=True)
    return f"{name}: {', '.join(f'{level.lower()} {figure}' for level, figure in levels)}"


def _lost(vote: Vote, zone: ZoneInfo) -> Iterator[Line]:
    if vote.incidents:
        proofs = tuple(number for each in vote.incidents for number in each.entries)
        yield Line(lost(vote, zone), proofs)


def _names(vote: Vote, member: str, zone: ZoneInfo) -> Iterator[Line]:
    if not vote.choices:
        return
    yield Line(f"Ý kiến của từng {member}:")
    for number, choice in enumerate(vote.choices, start=1):
        row = choice_row(number, choice, zone)
        yield Line(f"{number}. {row[1]}: {row[2]}", () if choice.entry is None else (choice.entry,), row)


def ballots(vote: Vote, label: str | None = None) -> tuple[int, ...]:
    """The ballots that counted: all, or those with one answer."""
    chosen = [each for each in vote.choices if label is None or (each.label or "").casefold() == label.casefold()]
    return tuple(sorted(each.entry for each in chosen if each.entry is not None))


# --- rows and sentences, alike in both ---


def result_rows(result: Result, member: str) -> list[tuple[str, ...]]:
    """The table of a result, its lines numbered."""
    absent = result.counts[-1]
    answers = [*result.counts[:-2], *([result.invalid] if result.invalid else [])]
    counted = [
        Count(f"tổng số {member}", result.members, "100.00"),
        *([result.took_part] if result.took_part else []),
        *answers,
        result.counts[-2],
        Count(_absent(absent, result.recused), absent.count, absent.share),
    ]
    return _count_rows(tuple(counted))


def _absent(absent: Count, recused: int) -> str:
    if recused == 0:
        return absent.label
    return f"{absent.label} (trong đó {recused} người không tham gia vì xung đột lợi ích)"


def _count_rows(counts: tuple[Count, ...]) -> list[tuple[str, ...]]:
    return [
        (str(place), capital(each.label), str(each.count), per_cent(each.share))
        for place, each in enumerate(counts, start=1)
    ]


def choice_row(number: int, choice: Choice, zone: ZoneInfo) -> tuple[str, ...]:
    """How one member answered, as cells."""
    answer = choice.label or "Không tham gia biểu quyết"
    if choice.opinion:
        answer += f": “{choice.opinion}”"
    if choice.attachment:
        answer += f" (kèm tệp {choice.attachment})"
    name = f"{choice.name} (do {choice.cast_by} biểu quyết thay)" if choice.cast_by else choice.name
    return (str(number), name, answer, exact_time(choice.at, zone) if choice.at else "–")


def conclusions(vote: Vote, zone: ZoneInfo) -> Iterator[str]:
    """What follows from the figures, and by which rule."""
    result = vote.result
    if result is not None:
        yield f"Kết luận biểu quyết: {result.outcome}. {capital(result.sentence)}; căn cứ: {result.article}."
    for each in vote.conclusions:
        yield sentence(capital(each))
    if vote.settled is not None:
        at = exact_time(vote.settled.at, zone)
        yield f"Số phiếu ngang nhau; lúc {at}, {vote.settled.name} cho ý kiến quyết định: {vote.settled.text}."


def entered(vote: Vote) -> str:
    """Who wrote down what no device cast; papers have minutes of their own."""
    first, *second = vote.entered_by
    told = f"Số liệu do {first} ghi, {listed(second)} ghi độc lập để đối chiếu; hai lần ghi trùng khớp."
    return f"{told} Kèm theo Biên bản kiểm phiếu của cuộc biểu quyết số {vote.number}." if vote.papers else told


def lost(vote: Vote, zone: ZoneInfo) -> str:
    """Who lost the line during the vote."""
    told = listed(f"{each.name} (báo lúc {exact_time(each.at, zone)})" for each in vote.incidents)
    return f"Báo mất kết nối khi biểu quyết: {told}."


# --- the sheet ---


def sheet_page(facts: SheetFacts) -> dict[str, Any]:
    """The values of sheet.typ."""
    vote, zone = facts.vote, facts.zone
    return {
        "document_title": f"Phiếu kết quả biểu quyết: {vote.text}",
        "unit": facts.unit,
        "unit_lines": letterhead(facts.unit),
        "number": f"Biểu quyết số {vote.number}",
        "dated": f"…, {calendar_day(vote.ended.at, zone)}",
        "facts": [{"name": name, "value": value} for name, value in _particulars(facts)],
        "text": vote.text,
        "tables": [_table(facts, table, rows) for table, rows in _tables(facts) if rows],
        "conclusions": [*conclusions(vote, zone), *_remarks(vote, zone)],
        "names": _table(facts, Table.BALLOTS, _voters(facts)) if vote.choices else None,
        "proof": _proof(vote),
    }


def _particulars(facts: SheetFacts) -> Iterator[tuple[str, str]]:
    vote, zone = facts.vote, facts.zone
    yield "Phiên họp", facts.meeting
    for item in facts.items:
        yield "Nội dung", item
    yield "Hình thức", f"{vote.title} {vote.how}"
    day = calendar_day(vote.ended.at, zone)
    yield "Thời gian", f"từ {exact_time(vote.opened.at, zone)} đến {exact_time(vote.ended.at, zone)}, {day}"
    if vote.result is None:
        yield f"Tổng số {facts.member}", str(facts.members)


def _tables(facts: SheetFacts) -> Iterator[tuple[Table, list[tuple[str, ...]]]]:
    vote = facts.vote
    yield Table.PAPERS, _count_rows(vote.papers)
    yield Table.RESULT, result_rows(vote.result, facts.member) if vote.result else []
    for table in (Table.ELECTION, Table.RATING):
        yield table, [each.cells for each in vote.rows if each.table is table]


def _voters(facts: SheetFacts) -> list[tuple[str, ...]]:
    return [choice_row(number, each, facts.zone) for number, each in enumerate(facts.vote.choices, start=1)]


def _table(facts: SheetFacts, table: Table, rows: list[tuple[str, ...]]) -> dict[str, Any]:
    return {"kind": table.value, "heads": heads(table, facts.member), "rows": [list(row) for row in rows]}


def _remarks(vote: Vote, zone: ZoneInfo) -> Iterator[str]:
    if vote.entered_by:
        yield entered(vote)
    if vote.incidents:
        yield lost(vote, zone)


def _proof(vote: Vote) -> str:
    numbers = sorted({*vote.opened.entries, *vote.ended.entries, *ballots(vote)})
    return f"Căn cứ: các mục số {spans(tuple(numbers))} trong sổ ghi của hệ thống." if numbers else ""


def spans(numbers: tuple[int, ...]) -> str:
    """ "12–15, 18": runs of three or more are written as a span."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
