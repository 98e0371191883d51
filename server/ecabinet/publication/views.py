"""A report in words. Pure."""

from ecabinet.ledger.notes import fingerprint
from ecabinet.register.model import Lang, Words

from .model import Report, State

_MARKS = {
    State.OK: Words("ĐẠT", "OK"),
    State.FAILED: Words("KHÔNG ĐẠT", "FAILED"),
    State.ABSENT: Words("KHÔNG CÓ", "NONE"),
    State.NOT_CHECKED: Words("BỎ QUA", "SKIPPED"),
}
_ACCEPTED = Words(
    "Hồ sơ phiên họp đúng như đã ghi và đã ký.",
    "The record of the meeting is as it was written and signed.",
)
_REFUSED = Words("KHÔNG ĐƯỢC TIN hồ sơ này.", "DO NOT TRUST this record.")
_COMPARE = Words(
    "Chưa so với khóa đã công bố. Hãy so khóa dưới đây với khóa mà cơ quan đã công bố:",
    "Not compared with the published key. Compare this key with the one the body has published:",
)
_COMPARED = Words("Khóa đã ký (trùng với khóa được cho):", "The key that signed (the one given):")


def report_text(report: Report, lang: Lang) -> str:
    """The report for a person: each check with its finding, the conclusion, and the key to compare."""
    lines = [_on_one_line(report.title)] if report.title else []
    lines += [
        f"[{_MARKS[each.state].of(lang)}] {each.title.of(lang)}: {_on_one_line(each.finding.of(lang))}"
        for each in report.checks
    ]
    lines += ["", (_ACCEPTED if report.is_accepted else _REFUSED).of(lang)]
    if report.public_key is not None:
        heading = _COMPARED if report.is_key_expected else _COMPARE
        lines += [heading.of(lang), f"  {fingerprint(report.public_key)}"]
    return "\n".join(lines) + "\n"


def _on_one_line(text: str) -> str:
    """Words that come from the bundle may not write lines of their own, nor steer the reader's terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
