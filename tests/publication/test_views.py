"""A report in words, in both languages."""

from dataclasses import replace

import pytest

from ecabinet.publication.rules import verify
from ecabinet.publication.views import report_text
from ecabinet.register.model import Lang
from tests.publication.sessions import SIGNER, small


@pytest.mark.parametrize(
    ("lang", "accepted", "compare"),
    [(Lang.VI, "đúng như đã ghi", "Chưa so"), (Lang.EN, "as it was written", "Not compared")],
)
def test_an_accepted_bundle_is_said_to_be_so(lang: Lang, accepted: str, compare: str) -> None:
    text = report_text(verify(small()), lang)
    assert text.startswith("Phiên họp thường kỳ tháng 11\n")
    assert accepted in text
    assert compare in text
    assert SIGNER.public_key.hex() in text.replace(" ", "")


@pytest.mark.parametrize(
    ("lang", "refused", "skipped"), [(Lang.VI, "KHÔNG ĐƯỢC TIN", "BỎ QUA"), (Lang.EN, "DO NOT TRUST", "SKIPPED")]
)
def test_a_refused_bundle_is_not_to_be_trusted(lang: Lang, refused: str, skipped: str) -> None:
    text = report_text(verify(b""), lang)
    assert refused in text
    assert skipped in text


def test_a_compared_key_is_not_asked_for_again() -> None:
    text = report_text(verify(small(), SIGNER.public_key), Lang.VI)
    assert "Chưa so" not in text
    assert "trùng với khóa được cho" in text


def test_a_report_is_accepted_only_when_every_check_is() -> None:
    report = verify(small())
    for check, state in zip(report.checks, verify(b"").checks, strict=True):
        changed = tuple(state if each is check else each for each in report.checks)
        assert not replace(report, checks=changed).is_accepted


def test_a_bundle_cannot_write_lines_into_the_report() -> None:
    report = replace(verify(b""), title="Phiên họp\n[ĐẠT] Phiếu\x1b[2J")
    assert report_text(report, Lang.VI).startswith("Phiên họp [ĐẠT] Phiếu [2J\n[KHÔNG ĐẠT]")
