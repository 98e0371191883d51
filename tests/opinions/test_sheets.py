"""A member's sheet: what is whole, what is refused, and that the newest version counts whatever arrives when."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.opinions import rules, sheets
from ecabinet.opinions.model import Answer, KeptSheet, Secrecy, Sheet, Slip
from tests.opinions.slips import (
    AT,
    CHOICE,
    DEADLINE,
    FIRST,
    HEAD,
    RESOLUTION,
    SECOND,
    accepted,
    by,
    ended,
    kept,
    person,
    sent,
    sheet,
    submitted,
)

STRANGER = replace(sheet(0), voter=PersonId("stranger"))


def recalled() -> Slip:
    return rules.recall(sent(), "Nhầm", by(HEAD)).slip


REFUSED: list[tuple[str, Callable[[], Slip], Sheet, str]] = [
    ("somebody who was not asked", sent, STRANGER, "not_entitled"),
    ("before it was sent there is no roll", submitted, sheet(0), "not_entitled"),
    ("at the deadline", sent, sheet(0, at=DEADLINE), "slip_ended"),
    ("long after it", sent, sheet(0, at=DEADLINE + timedelta(days=1)), "slip_ended"),
    ("after the end", lambda: ended(sent(), []), sheet(0), "slip_ended"),
    ("after it was taken back", recalled, sheet(0), "slip_ended"),
    ("nothing answered", sent, replace(sheet(0), answers=()), "sheet_incomplete"),
    ("something else answered", sent, replace(sheet(0), answers=(Answer(SECOND, "for"),)), "sheet_incomplete"),
    ("one question answered twice", sent, replace(sheet(0), answers=sheet(0).answers * 2), "sheet_incomplete"),
    ("a choice that is not offered", sent, sheet(0, "abstain"), "no_such_choice"),
    ("no choice", sent, sheet(0, ""), "no_such_choice"),
    ("another opinion that is not said", sent, sheet(0, "other"), "opinion_without_text"),
    ("version 0", sent, sheet(0, n=0), "ballot_version_invalid"),
    ("a wild version", sent, sheet(0, n=1_001), "ballot_version_invalid"),
]


@pytest.mark.parametrize(("why", "slip", "given_sheet", "code"), REFUSED, ids=[each[0] for each in REFUSED])
def test_a_sheet_that_cannot_count_is_refused(
    why: str, slip: Callable[[], Slip], given_sheet: Sheet, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        accepted(slip(), given_sheet)
    assert refused.value.code == code, why


def test_an_answer_in_the_last_instant_counts() -> None:
    assert accepted(sent(), sheet(0, at=DEADLINE - timedelta(microseconds=1))) is not None


def test_any_answer_may_have_a_comment() -> None:
    event = accepted(sent(), sheet(0, "for", "Đề nghị bổ sung báo cáo"))
    assert event is not None
    assert event.sheet["answers"] == [{"question": FIRST, "choice": "for", "text": "Đề nghị bổ sung báo cáo"}]


def test_a_retry_is_no_news_even_after_the_end_and_other_content_is_refused() -> None:
    slip = sent()
    assert accepted(slip, sheet(0), [sheet(0)]) is None
    assert accepted(ended(slip, [sheet(0)]), sheet(0, at=DEADLINE + timedelta(hours=1)), [sheet(0)]) is None
    for other in (sheet(0, "against"), sheet(0, "for", "thêm một câu")):
        with pytest.raises(Refusal) as refused:
            accepted(slip, other, [sheet(0)])
        assert (refused.value.code, refused.value.detail) == ("equivocation", {"n": 1})


def test_a_sheet_names_what_was_asked_by_its_hash() -> None:
    slip = sent()
    assert slip.sending is not None
    event = accepted(slip, sheet(0))
    assert event is not None
    assert event.sheet["slip_hash"] == slip.sending.digest == digest(sheets.wording(slip))
    assert sheets.hash_of(event) == digest(event.sheet)
    for changed in ({"text": "khác"}, {"secrecy": Secrecy.CLOSED}, {"questions": (CHOICE,)}, {"title": "khác"}):
        other = sent(**changed).sending
        assert other is not None
        assert other.digest != slip.sending.digest


def test_answers_are_the_same_bytes_however_a_device_sends_them() -> None:
    slip = sent(questions=(RESOLUTION, CHOICE))
    said = "Ý kiến của tôi"
    sent_so = [Answer(SECOND, "option-1"), Answer(FIRST, "other", f"  {unicodedata.normalize('NFD', said)} ")]
    assert sheets.in_order(slip, sent_so) == (Answer(FIRST, "other", said), Answer(SECOND, "option-1"))


def test_what_answers_nothing_is_not_lost_in_sorting() -> None:
    slip = sent()
    ordered = sheets.in_order(slip, [Answer(QuestionId("x"), "for"), Answer(FIRST, "for")])
    assert [each.question for each in ordered] == [FIRST, "x"]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((), None),
        ((Answer(FIRST, ""),), None),
        ((Answer(FIRST, "other"),), None),
        ((Answer(FIRST, "for"), Answer(FIRST, "for")), "sheet_incomplete"),
        ((Answer(SECOND, "for"),), "sheet_incomplete"),
        ((Answer(FIRST, "abstain"),), "no_such_choice"),
    ],
)
def test_a_draft_need_not_be_whole_and_must_be_of_this_slip(answers: tuple[Answer, ...], code: str | None) -> None:
    unfinished = replace(sheet(0), answers=answers)
    if code is None:
        sheets.require_drafting(sent(), unfinished)
        return
    with pytest.raises(Refusal) as refused:
        sheets.require_drafting(sent(), unfinished)
    assert refused.value.code == code


def test_nobody_drafts_what_is_not_theirs_or_too_late() -> None:
    for given_sheet, code in ((STRANGER, "not_entitled"), (sheet(0, at=DEADLINE), "slip_ended")):
        with pytest.raises(Refusal) as refused:
            sheets.require_drafting(sent(), given_sheet)
        assert refused.value.code == code


def test_a_receipt_says_whether_a_newer_version_is_stored() -> None:
    slip = sent()
    first, second = kept(slip, [sheet(0, n=1), sheet(0, "against", n=2)])
    assert sheets.receipt(first, [1, 2]).is_current is False
    receipt = sheets.receipt(second, [1, 2])
    assert (receipt.n, receipt.number, receipt.at, receipt.is_current) == (2, 101, AT, True)


VERSIONS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.sampled_from(["for", "against"])), max_size=14)


@given(VERSIONS)
def test_whatever_arrives_in_whatever_order_the_highest_version_counts_once(
    arrivals: list[tuple[int, int, str]],
) -> None:
    """Against a twin that is a dictionary: the first content under a number stays, and the highest number counts."""
    slip = sent(3)
    twin: dict[tuple[int, int], str] = {}
    stored: list[KeptSheet] = []
    for place, n, choice in arrivals:
        mine = [each.sheet for each in stored if each.sheet.voter == person(place)]
        given_sheet = sheet(place, choice, n=n)
        known = twin.get((place, n))
        if known is not None and known != choice:
            with pytest.raises(Refusal) as refused:
                accepted(slip, given_sheet, mine)
            assert refused.value.code == "equivocation"
            continue
        event = accepted(slip, given_sheet, mine)
        assert (event is None) == (known is not None), "a retry is no news, and everything else is"
        twin[place, n] = choice
        if event is not None:
            stored.append(KeptSheet(given_sheet, len(stored) + 1, sheets.hash_of(event)))
    counts = {each.sheet.voter: each.sheet.answers[0].choice for each in sheets.current(stored).values()}
    highest = {place: max(n for voter, n in twin if voter == place) for place, _ in twin}
    assert counts == {person(place): twin[place, n] for place, n in highest.items()}
