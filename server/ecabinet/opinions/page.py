"""What the form is filled with: the result of a slip, and the table of opinions. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ecabinet.kernel.ids import PersonId
from ecabinet.kernel.official import calendar_day, clock_time, letterhead, per_cent
from ecabinet.register.model import Body
from ecabinet.voting.model import Outcome, Verdict

from .model import Asked, EndCause, Ending, KeptSheet, Opinion, Result, Secrecy, Sending, Slip, SlipQuestion
from .tally import answer_to, part_of

RECIPIENTS = ("Thành viên được lấy ý kiến;", "Lưu: VT, hồ sơ phiếu lấy ý kiến.")
_COUNT_WIDTHS = (0, 22, 38, 38)
_NAME_WIDTHS = (12, -1, -1, 30)
_OPINION_WIDTHS = (12, -2, -3, -3)
"""Of columns: millimetres, 0 or below for shares of what is left (0 is one share)."""
_OUTCOMES = {
    Outcome.PASSED: "Được thông qua",
    Outcome.NOT_PASSED: "Không được thông qua",
    Outcome.NO_QUORUM: "Không đủ số lượng để quyết định",
    Outcome.UNDECIDED: "Chưa quyết định: số phiếu ngang nhau và người có ý kiến quyết định chưa trả lời",
    Outcome.NO_MAJORITY: "Không phương án nào đủ đa số",
}


@dataclass(frozen=True, slots=True)
class Printable:
    """A slip that has ended, as a document tells of it."""

    slip: Slip
    body: Body
    current: Mapping[PersonId, KeptSheet]
    """The sheets that count."""
    opinions: tuple[Opinion, ...]

    @property
    def sending(self) -> Sending:
        """What was frozen when it went out."""
        assert self.slip.sending is not None, "it has ended, so it was sent"
        return self.slip.sending

    @property
    def ending(self) -> Ending:
        """How it ended."""
        assert self.slip.ending is not None, "only a slip that has ended is printed"
        return self.slip.ending


def result_page(told: Printable, zone: ZoneInfo) -> dict[str, Any]:
    """The report: counts on both bases, names where the slip is an open one, the verdict with its article."""
    slip = told.slip
    sections = [{"heading": "1. Việc lấy ý kiến", "blocks": [_par(line) for line in _course(told, zone)]}]
    for place, (question, result) in enumerate(zip(slip.questions, told.ending.results, strict=True), start=2):
        blocks = [*_counts(told, question, result), *_verdict(question, result.verdict)]
        blocks += _names(told, question, zone) if slip.plan.secrecy is Secrecy.OPEN else _texts(told, question)
        sections.append({"heading": f"{place}. {_heading(slip, question)}", "blocks": blocks})
    proofs = {"heading": f"{len(sections) + 1}. Căn cứ kiểm chứng", "blocks": [_par(line) for line in _proofs(told)]}
    return _document(told, zone, ("BÁO CÁO", f"Kết quả lấy ý kiến bằng phiếu: {slip.plan.title}"), [*sections, proofs])


def opinions_page(told: Printable, zone: ZoneInfo) -> dict[str, Any]:
    """The table "ý kiến – giải trình, tiếp thu": every text that was given, and what becomes of it."""
    slip = told.slip
    sections = []
    for question in slip.questions:
        said = [each for each in told.opinions if each.question == question.id]
        table = _opinions(question, said) if said else _par("Không có ý kiến bằng lời.")
        sections.append(
            {"heading": f"{question.number}. {_heading(slip, question)}", "blocks": [_par(question.text), table]}
        )
    return _document(told, zone, ("BẢNG TỔNG HỢP", f"Ý kiến – giải trình, tiếp thu: {slip.plan.title}"), sections)


def _document(
    told: Printable, zone: ZoneInfo, titles: tuple[str, str], sections: list[dict[str, Any]]
) -> dict[str, Any]:
    """Without a number and a day: both are given when it is signed."""
    kind, title = titles
    year = told.ending.at.astimezone(zone).year
    return {
        "document_title": f"{kind} {title}",
        "unit": told.body.unit,
        "unit_lines": letterhead(told.body.unit),
        "number": "Số: …/BC-…",
        "kind": kind,
        "title": title,
        "dated": f"…, ngày … tháng … năm {year}",
        "sections": sections,
        "recipients": list(RECIPIENTS),
        "signature": "NGƯỜI TỔNG HỢP",
    }


def _heading(slip: Slip, question: SlipQuestion) -> str:
    return "Nội dung lấy ý kiến" if len(slip.questions) == 1 else f"Nội dung {question.number}"


def _par(text: str) -> dict[str, Any]:
    return {"text": text}


def _table(heads: tuple[str, ...], widths: tuple[int, ...], rows: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    return {"heads": list(heads), "widths": list(widths), "rows": [list(row) for row in rows]}


# --- what happened ---


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{clock_time(moment, zone)}, {calendar_day(moment, zone)}"


def _course(told: Printable, zone: ZoneInfo) -> Iterator[str]:
    slip, sending, ending = told.slip, told.sending, told.ending
    sent, gave = len(slip.roll), ending.answered
    yield f"Tập thể được lấy ý kiến: {told.body.name}."
    if slip.plan.text:
        yield f"Vấn đề lấy ý kiến: {slip.plan.text}"
    yield f"Người quyết định lấy ý kiến: {sending.by.name}. Phiếu được gửi lúc {_at(sending.at, zone)}."
    yield f"Thời hạn trả lời: {_at(slip.deadline, zone)}."
    for each in slip.extensions:
        yield f"Gia hạn từ {_at(each.since, zone)} đến {_at(each.until, zone)}; lý do: {each.reason}."
    if slip.plan.secrecy is Secrecy.OPEN:
        yield "Hình thức: phiếu công khai."
    else:
        yield "Hình thức: phiếu kín; ý kiến không được nêu cùng tên người trả lời."
    share = per_cent(part_of(gave, sent))
    yield f"Số phiếu gửi: {sent}. Số phiếu trả lời: {gave} ({share}). Không trả lời: {sent - gave}."
    if sending.silence is not None and gave < sent:
        yield sending.silence.vi
    why = "hết thời hạn" if ending.cause is EndCause.DEADLINE else "tất cả thành viên đã trả lời"
    yield f"Việc lấy ý kiến kết thúc lúc {_at(ending.at, zone)}, do {why}."


def _counts(told: Printable, question: SlipQuestion, result: Result) -> Iterator[dict[str, Any]]:
    sent, gave = len(told.slip.roll), told.ending.answered
    yield _par(question.text)
    rows = [
        (
            option.words.vi,
            str(result.counts[option.key]),
            per_cent(part_of(result.counts[option.key], sent)),
            per_cent(part_of(result.counts[option.key], gave)),
        )
        for option in question.options
    ]
    rows.append(("Không trả lời", str(sent - gave), per_cent(part_of(sent - gave, sent)), "–"))
    heads = ("Ý kiến", "Số phiếu", f"Tỷ lệ trên số phiếu gửi ({sent})", f"Tỷ lệ trên số phiếu trả lời ({gave})")
    yield _table(heads, _COUNT_WIDTHS, rows)


def _verdict(question: SlipQuestion, verdict: Verdict) -> Iterator[dict[str, Any]]:
    outcome = _OUTCOMES[verdict.outcome]
    if verdict.chosen is not None:
        chosen = next(option.words.vi for option in question.options if option.key == verdict.chosen)
        outcome = f"Được chọn: {chosen}"
    yield _par(f"Kết quả: {outcome}. {verdict.words.vi}. Căn cứ: {verdict.article.vi}.")


def _names(told: Printable, question: SlipQuestion, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    words = {option.key: option.words.vi for option in question.options}
    rows = []
    for place, asked in enumerate(told.slip.roll, start=1):
        kept = told.current.get(asked.person)
        if kept is None:
            rows.append((str(place), _called(asked), "Không trả lời", "–"))
            continue
        said = answer_to(question, kept)
        text = f"{words[said.choice]}: {said.text}" if said.text else words[said.choice]
        at = kept.sheet.sent_at.astimezone(zone)
        rows.append((str(place), _called(asked), text, f"{at:%H:%M:%S}, {at:%d/%m/%Y}"))
    yield _par("Ý kiến của từng thành viên:")
    yield _table(("TT", "Họ tên, chức danh", "Ý kiến", "Thời điểm gửi phiếu"), _NAME_WIDTHS, rows)


def _called(asked: Asked) -> str:
    """Name and post, the post left out where the name says it already."""
    if not asked.post or asked.post.casefold() in asked.name.casefold():
        return asked.name
    return f"{asked.name}, {asked.post}"


def _texts(told: Printable, question: SlipQuestion) -> Iterator[dict[str, Any]]:
    """What was said in a closed slip, without who said it."""
    words = {option.key: option.words.vi for option in question.options}
    said = [each for each in told.opinions if each.question == question.id]
    if said:
        rows = [(str(place), f"{words[each.choice]}: {each.text}") for place, each in enumerate(said, start=1)]
        yield _par("Các ý kiến bằng lời:")
        yield _table(("TT", "Ý kiến"), (12, 0), rows)


def _proofs(told: Printable) -> Iterator[str]:
    slip, sending = told.slip, told.sending
    yield (
        "Các con số trên đây được tính từ phiếu đã ghi trong sổ ghi của hệ thống, không nhập bằng tay. "
        f"Mã phiếu lấy ý kiến: {slip.id}. Giá trị băm của nội dung, phương án trả lời và tài liệu đã gửi (SHA-256):"
    )
    yield sending.digest
    if slip.plan.secrecy is Secrecy.OPEN and told.current:
        numbers = sorted(kept.number for kept in told.current.values())
        yield f"Số mục của các phiếu trả lời trong sổ ghi: {', '.join(str(number) for number in numbers)}."


def _opinions(question: SlipQuestion, said: list[Opinion]) -> dict[str, Any]:
    words = {option.key: option.words.vi for option in question.options}
    rows = [
        (
            str(place),
            each.by.name if each.by else "(phiếu kín)",
            f"{words[each.choice]}: {each.text}",
            each.reply or "…",
        )
        for place, each in enumerate(said, start=1)
    ]
    return _table(("TT", "Thành viên", "Ý kiến", "Giải trình, tiếp thu"), _OPINION_WIDTHS, rows)
