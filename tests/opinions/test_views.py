"""What a slip shows, and to whom: one way out, and what may not leave by it."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecabinet.kernel.ids import OpinionId, PersonId
from ecabinet.opinions import reporting, rules, sheets, views
from ecabinet.opinions.entries import SlipEntry
from ecabinet.opinions.model import Answer, Opinion, Secrecy, Sheet, Slip, Viewer
from tests.opinions.slips import (
    AT,
    BODY,
    CHOICE,
    CLERK,
    DEADLINE,
    FIRST,
    HEAD,
    RESOLUTION,
    answered,
    by,
    drafted,
    ended,
    kept,
    person,
    sent,
    sheet,
    submitted,
)

PROTOCOL = (Path(__file__).parents[2] / "server/docs/protocol.md").read_text(encoding="utf-8")
STAFF = Viewer(CLERK, prepares=True)
LEADER = Viewer(HEAD, decides=True, sits=True)
MEMBER = Viewer(person(1), sits=True)
OBSERVER = Viewer(PersonId("observer"), sits=True)
SECRET = "Tôi đề nghị hoãn"
SOME = [sheet(0), sheet(1, "other", SECRET), sheet(2, "against")]


def entry(slip: Slip, given: Sequence[Sheet] = (), viewer: Viewer = MEMBER, at: datetime = AT) -> SlipEntry:
    stored = kept(sent(secrecy=slip.plan.secrecy), given)
    texts: tuple[Opinion, ...] = ()
    if slip.ending:
        texts = reporting.opinions_of(slip, stored, iter(map(str, range(99))).__next__)
    held = views.Kept(sheets.current(stored), None, {person(1): "Nên đồng ý", person(2): "Xem mục 3"}, texts)
    return views.slip_entry(slip, BODY, held, viewer, at)


def documented(name: str) -> set[str]:
    """The fields that the protocol lists for a value: the outermost names in its braces."""
    found = re.search(rf"\*{name}\*[^`]*`{{(.*?)}}`", PROTOCOL, re.DOTALL)
    assert found, name
    outermost = found[1]
    while (inner := re.sub(r"[\[{(][^\[\]{}()]*[\]})]", "", outermost)) != outermost:
        outermost = inner
    return {each.split(":")[0].strip().rstrip("?") for each in outermost.split(",")}


def test_everything_has_the_documented_fields_and_no_other() -> None:
    done = entry(ended(sent(), SOME), SOME)
    [question] = done["questions"]
    assert done["mine"] is not None
    assert done["opinions"] is not None
    assert question["result"] is not None
    assert done["mine"]["sheet"] is not None
    for name, value in {
        "Slip": done,
        "SlipCard": views.card(sent(), frozenset(), person(0), AT),
        "Slips": views.slips([], {}, STAFF, AT),
        "SlipQuestion": question,
        "Result": question["result"],
        "Mine": done["mine"],
        "Opinion": done["opinions"][0],
        "SheetReceipt": done["mine"]["sheet"]["receipt"],
        "Answer": done["mine"]["sheet"]["answers"][0],
    }.items():
        assert set(value) == documented(name), name


def anybody() -> list[Viewer]:
    return [STAFF, LEADER, OBSERVER, Viewer(person(2), sits=True), Viewer(CLERK, True, True, True)]


@pytest.mark.parametrize("secrecy", Secrecy)
def test_while_it_runs_nobody_learns_an_answer_but_his_own(secrecy: Secrecy) -> None:
    running = sent(secrecy=secrecy)
    for viewer in anybody():
        shown = entry(running, SOME, viewer)
        assert SECRET not in json.dumps(shown, ensure_ascii=False)
        assert [each["result"] for each in shown["questions"]] == [None]
        assert (shown["opinions"], shown["answered"]) == (None, 3)
    own = entry(running, SOME, MEMBER)["mine"]
    assert own is not None
    assert own["sheet"] is not None
    assert own["sheet"]["answers"] == [{"question": FIRST, "choice": "other", "text": SECRET}]


def test_of_a_recalled_slip_nobody_learns_an_answer_either() -> None:
    taken_back = rules.recall(sent(), "Nhầm", by(HEAD)).slip
    for viewer in anybody():
        shown = entry(taken_back, SOME, viewer)
        assert SECRET not in json.dumps(shown, ensure_ascii=False)
        assert (shown["questions"][0]["result"], shown["opinions"]) == (None, None)
        assert shown["recall_reason"] == "Nhầm"


def test_who_has_answered_is_known_of_an_open_slip_and_of_a_closed_one_only_how_many() -> None:
    assert [each["has_answered"] for each in entry(sent(), SOME)["roll"]] == [True] * 3 + [False] * 4
    closed = entry(sent(secrecy=Secrecy.CLOSED), SOME)
    assert [each["has_answered"] for each in closed["roll"]] == [None] * 7
    assert closed["answered"] == 3


def test_an_open_slip_tells_names_in_order_of_protocol() -> None:
    slip = sent()
    given = [sheet(2, "against"), sheet(0), sheet(1, "other", SECRET)]
    result = entry(ended(slip, given), given)["questions"][0]["result"]
    assert result is not None
    assert result["answers"] is not None
    assert [(each["name"], each["choice"]) for each in result["answers"]] == [
        ("Thành viên 00", "for"),
        ("Thành viên 01", "other"),
        ("Thành viên 02", "against"),
    ]


def traces(value: Any, known: set[str]) -> bool:
    """Whether a person stands anywhere in it."""
    if isinstance(value, dict):
        return any(traces(each, known) for each in value.values())
    if isinstance(value, list):
        return any(traces(each, known) for each in value)
    return value in known


def test_a_closed_slip_never_leads_from_a_name_to_an_answer() -> None:
    slip = ended(sent(secrecy=Secrecy.CLOSED), SOME)
    people = {person(place) for place in range(7)} | {f"Thành viên {place:02d}" for place in range(7)}
    for viewer in anybody():
        shown = entry(slip, SOME, viewer)
        assert not traces(shown["questions"], people)
        assert not traces(shown["opinions"], people)
        result = shown["questions"][0]["result"]
        assert result is not None
        assert (result["answers"], result["counts"]) == (None, {"for": 1, "against": 1, "other": 1})


def test_the_order_of_opinions_in_a_closed_slip_says_nothing() -> None:
    """Whoever said which, the list is the same."""
    texts = ["B", "A", "C"]
    orders = []
    for said in (texts, texts[::-1]):
        given = [sheet(place, "other", text) for place, text in enumerate(said)]
        shown = entry(ended(sent(secrecy=Secrecy.CLOSED), given), given)["opinions"]
        assert shown is not None
        orders.append([each["text"] for each in shown])
    assert orders[0] == orders[1] == ["A", "B", "C"]


def test_comments_are_for_the_member_and_for_those_who_prepare() -> None:
    mine = entry(sent())["mine"]
    assert mine is not None
    assert mine["comment"] == "Nên đồng ý"
    others = entry(sent(), viewer=Viewer(person(3), sits=True))["mine"]
    assert others is not None
    assert others["comment"] == ""
    assert "Xem mục 3" not in json.dumps(entry(sent()), ensure_ascii=False)
    assert entry(sent(), viewer=LEADER)["comments"] is None
    assert entry(sent(), viewer=STAFF)["comments"] == [
        {"person": "p01", "text": "Nên đồng ý"},
        {"person": "p02", "text": "Xem mục 3"},
    ]


def test_a_draft_answer_is_shown_to_its_member_alone() -> None:
    held = views.Kept(draft=(Answer(FIRST, "for", "đang viết"),))
    mine = views.slip_entry(sent(), BODY, held, MEMBER, AT)["mine"]
    assert mine is not None
    assert mine["draft"] == [{"question": FIRST, "choice": "for", "text": "đang viết"}]
    assert views.slip_entry(sent(), BODY, held, STAFF, AT)["mine"] is None


BOTH = Viewer(HEAD, prepares=True, decides=True, sits=True)
ACTIONS: list[tuple[str, Slip, int, Viewer, datetime, list[str]]] = [
    ("a draft of mine", drafted(), 0, STAFF, AT, ["change", "submit"]),
    ("what I submitted", submitted(), 0, STAFF, AT, []),
    ("before the head", submitted(), 0, LEADER, AT, ["return", "approve"]),
    ("given back", rules.give_back(submitted(), "Thiếu", by(HEAD)).slip, 0, STAFF, AT, ["change", "submit"]),
    ("sent, the head", sent(), 3, LEADER, AT, ["extend", "recall", "answer"]),
    ("all have answered", sent(), 7, LEADER, AT, ["extend", "recall", "end", "answer"]),
    ("sent, the staff", sent(), 3, STAFF, AT, ["comment"]),
    ("sent, a member", sent(), 3, MEMBER, AT, ["answer"]),
    ("overdue, a member", sent(), 3, MEMBER, DEADLINE, []),
    ("overdue, the head", sent(), 3, LEADER, DEADLINE, ["extend", "recall"]),
    ("sent, a member without a vote", sent(), 3, OBSERVER, AT, []),
    ("sent, somebody who left the body", sent(), 3, Viewer(person(1)), AT, []),
    ("passed for all", ended(sent(), answered(("for", 7))), 7, STAFF, AT, ["reply", "report"]),
    ("did not pass", ended(sent(), []), 0, STAFF, AT, ["reply", "report", "to_agenda"]),
    ("ended, a member", ended(sent(), []), 0, MEMBER, AT, []),
    ("recalled", rules.recall(sent(), "Nhầm", by(HEAD)).slip, 0, BOTH, AT, []),
]


@pytest.mark.parametrize(("when", "slip", "gave", "viewer", "at", "wanted"), ACTIONS, ids=[each[0] for each in ACTIONS])
def test_a_page_is_told_what_may_be_done(
    when: str, slip: Slip, gave: int, viewer: Viewer, at: datetime, wanted: list[str]
) -> None:
    assert views.actions(slip, gave, viewer, at) == wanted, when


def test_a_card_says_whether_i_have_answered_and_what_came_of_it() -> None:
    slip = sent()
    assert views.card(slip, frozenset({person(1)}), person(1), AT)["mine"] == "answered"
    assert views.card(slip, frozenset(), person(1), AT)["mine"] == "waiting"
    assert views.card(slip, frozenset(), PersonId("observer"), AT)["mine"] is None
    assert views.card(slip, frozenset(), person(1), AT)["outcomes"] is None
    assert views.card(slip, frozenset(), person(1), DEADLINE)["is_overdue"] is True
    assert views.card(ended(slip, []), frozenset(), person(1), DEADLINE)["is_overdue"] is False
    assert views.card(ended(slip, []), frozenset(), person(1), AT)["outcomes"] == ["not_passed"]


def test_a_list_has_another_version_after_any_change() -> None:
    before, after = sent(), rules.extend(sent(), DEADLINE + timedelta(days=1), "Bão", by(HEAD)).slip
    first = views.slips([drafted(), before], {}, STAFF, AT)
    assert views.slips([drafted(), after], {}, STAFF, AT)["version"] > first["version"]
    assert views.slips([drafted(), before, drafted()], {}, STAFF, AT)["version"] > first["version"]


def test_a_choice_says_which_option_needs_words() -> None:
    first, second = entry(sent(questions=(RESOLUTION, CHOICE)))["questions"]
    assert (first["method"], second["method"]) == ("approval", "choice")
    assert [(option["id"], option["needs_text"]) for option in second["options"]] == [
        ("option-1", False),
        ("option-2", False),
        ("other", True),
    ]


def test_an_opinion_is_told_with_its_reply() -> None:
    said = Opinion(OpinionId("o"), sent().id, FIRST, 1, None, "other", SECRET, "Đã tiếp thu")
    assert views.opinion_entry(said) == {
        "id": "o", "question": FIRST, "person": None, "name": None, "choice": "other", "text": SECRET,
        "reply": "Đã tiếp thu",
    }  # fmt: skip
