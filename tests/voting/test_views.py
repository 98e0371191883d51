"""What a meeting sees of a vote, field by field."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.kernel.ids import ItemId
from ecabinet.register.model import Matter
from ecabinet.voting import views
from ecabinet.voting.ballots import counted, receipt
from ecabinet.voting.model import KeptBallot, Phase, Question
from tests.voting.halls import AT, ballot, close, person, put


def kept(voter: int, choice: str, n: int = 1, number: int = 10) -> KeptBallot:
    return KeptBallot(ballot(person(voter), choice, n), number, "ab" * 32)


def ended(question: Question, ballots: list[KeptBallot]) -> Question:
    verdict = close("lanh-dao-bo", question, [each.ballot for each in ballots]).verdict
    return replace(question, phase=Phase.CLOSED, closed_at=AT + timedelta(minutes=1), verdict=verdict)


def test_while_a_vote_runs_nobody_sees_more_than_how_many_have_answered() -> None:
    question = put("lanh-dao-bo", 7, range(6))
    # Even when the ballots are handed in by mistake.
    entry = views.question_entry(question, [kept(2, "against")])
    assert entry == {
        "id": "question",
        "item": "item-2",
        "items": ["item-2"],
        "number": 1,
        "text": "Thông qua?",
        "matter": "resolution",
        "motion": None,
        "method": "approval",
        "way": "electronic",
        "secrecy": "open",
        "kind": "whole",
        "plan": None,
        "options": [
            {"id": "for", "label": "Tán thành"},
            {"id": "against", "label": "Không tán thành"},
            {"id": "abstain", "label": "Không biểu quyết"},
            {"id": "other", "label": "Ý kiến khác"},
        ],
        "candidates": None,
        "seats": None,
        "board": None,
        "status": "open",
        "opened_at": "2026-11-25T01:30:00.000Z",
        "until": None,
        "closed_at": None,
        "roll": ["p0", "p1", "p2", "p3", "p4", "p5"],
        "proxies": {},
        "members": 7,
        "present": 6,
        "recused": 0,
        "remaining": None,
        "rule": {
            "sentence": {
                "vi": "Cần quá nửa tổng số thành viên tán thành",
                "en": "Needs the votes of more than half of all members",
            },
            "article": {"vi": question.article.vi, "en": question.article.en},
        },
        "ballots": None,
        "papers": None,
        "verdict": None,
        "election": None,
        "ratings": None,
        "settler": None,
        "settled": None,
        "repeats": None,
        "repeated_by": None,
        "cancel_reason": None,
        "annul_reason": None,
    }


def test_after_closing_everyone_sees_who_voted_how_and_why_it_passed() -> None:
    question = put("lanh-dao-bo", 7, range(6))
    stored = [
        kept(3, "against", 1, 2),
        kept(3, "for", 2, 3),
        kept(2, "for", 1, 4),
        kept(1, "for", 1, 5),
        kept(0, "for", 1, 6),
    ]
    entry = views.question_entry(ended(question, stored), counted(stored))
    assert [(each["person"], each["name"], each["choice"], each["number"]) for each in entry["ballots"] or []] == [
        ("p0", "Thành viên 00", "for", 6),
        ("p1", "Thành viên 01", "for", 5),
        ("p2", "Thành viên 02", "for", 4),
        ("p3", "Thành viên 03", "for", 3),
    ]
    verdict = entry["verdict"]
    assert verdict is not None
    sentence, article = verdict.pop("sentence"), verdict.pop("article")  # type: ignore[misc]
    assert verdict == {
        "outcome": "passed",
        "option": None,
        "counts": {"for": 4, "against": 0, "abstain": 0, "other": 0},
        "not_voted": 2,
        "absent": 1,
        "base": 7,
        "base_name": "all",
        "needed": 4,
        "shares": {"for": "57.14", "against": "0.00", "abstain": "0.00", "other": "0.00"},
        "shares_of_all": {"took_part": "57.14", "not_voted": "28.57", "absent": "14.29"},
        "invalid": 0,
        "tie": None,
        "is_binding": False,
    }
    assert sentence["vi"].startswith("4/7 tán thành: cần ≥ 4")
    assert set(article) == {"vi", "en"}
    assert entry["closed_at"] == "2026-11-25T01:31:00.000Z"


def test_a_choice_is_counted_by_option() -> None:
    question = put("lanh-dao-bo", 7, range(7), Matter.CHOICE, ("Thuê ngoài", "Tự xây dựng"))
    answers = ["option-1", "option-1", "option-2", "other", "abstain"]
    stored = [kept(place, choice, 1, place + 2) for place, choice in enumerate(answers)]
    entry = views.question_entry(ended(question, stored), stored)
    assert entry["method"] == "choice"
    assert [each["label"] for each in entry["options"]] == [
        "Thuê ngoài",
        "Tự xây dựng",
        "Phương án khác",
        "Không biểu quyết",
    ]
    verdict = entry["verdict"]
    assert verdict is not None
    assert (verdict["outcome"], verdict["option"]) == ("no_majority", None)
    assert verdict["counts"] == {"option-1": 2, "option-2": 1, "other": 1, "abstain": 1}
    assert verdict["shares"] == {"option-1": "28.57", "option-2": "14.29", "other": "14.29", "abstain": "14.29"}


def test_the_alternative_that_won_is_named() -> None:
    question = put("lanh-dao-bo", 7, range(7), Matter.CHOICE, ("Thuê ngoài", "Tự xây dựng"))
    stored = [kept(place, "option-2", 1, place + 2) for place in range(4)]
    verdict = views.question_entry(ended(question, stored), stored)["verdict"]
    assert verdict is not None
    assert (verdict["outcome"], verdict["option"], verdict["needed"]) == ("passed", "option-2", 4)


@pytest.mark.parametrize(
    ("heads", "outcome", "rule"),
    [("for", "passed", "for"), ("against", "not_passed", "against"), (None, "undecided", "none")],
)
def test_how_a_tie_was_settled_is_said(heads: str | None, outcome: str, rule: str) -> None:
    question = put("lanh-dao-bo", 7, range(6))
    others = {"for": ["against"], "against": ["for"], None: ["for", "against"]}[heads]
    stored = [kept(place, choice) for place, choice in enumerate(others, start=1)]
    stored += [kept(0, heads)] if heads else []
    verdict = views.question_entry(ended(question, stored), stored)["verdict"]
    assert verdict is not None
    assert verdict["outcome"] == outcome
    assert verdict["tie"] is not None
    assert verdict["tie"]["rule"] == rule
    assert "ngang nhau 1–1" in verdict["tie"]["sentence"]["vi"]


def test_a_vote_called_off_shows_its_reason_and_no_ballots() -> None:
    question = replace(put("lanh-dao-bo", 7, range(6)), phase=Phase.CANCELLED, closed_at=AT, cancel_reason="mất điện")
    entry = views.question_entry(question, [kept(2, "against")])
    assert (entry["status"], entry["cancel_reason"], entry["ballots"], entry["verdict"]) == (
        "cancelled",
        "mất điện",
        None,
        None,
    )


def test_a_receipt_names_everything_the_voter_needs_to_check_it() -> None:
    given = receipt(kept(2, "for", 1, 47), 2)
    entry = {
        "question": "question",
        "voter": "p2",
        "choice": "for",
        "n": 1,
        "number": 47,
        "hash": "ab" * 32,
        "at": "2026-11-25T01:30:00.000Z",
        "is_current": False,
    }
    assert views.receipt_entry(given) == entry
    assert views.my_ballot_entry(given) == {
        "choice": "for",
        "n": 1,
        "opinion": None,
        "attachment": None,
        "receipt": entry,
    }


def test_how_many_have_answered_is_an_entry_of_its_own() -> None:
    question = put("lanh-dao-bo", 7, range(6))
    assert views.turnout_entry(question.id, (question.item, ItemId("item-3")), 3) == {
        "id": question.id,
        "item": "item-2",
        "items": ["item-2", "item-3"],
        "received": 3,
    }
