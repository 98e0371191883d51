"""Parts and amendments before the whole, in the chair's order."""

from dataclasses import replace
from typing import Any

import pytest

from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.kernel.ids import ItemId, PlanId, QuestionId
from ecabinet.meetings import model as meetings
from ecabinet.register.model import Matter
from ecabinet.voting import plans
from ecabinet.voting.model import Kind, Method, Outcome, Phase, Planned, Question
from ecabinet.voting.plans import Draft, Place
from tests.voting.halls import BY, ITEM, MEETING, ballot, close, person, put

NEW = [PlanId(f"new-{number}") for number in range(1, 60)]


def draft(kind: Kind = Kind.PART, text: str = "Điều 1", **more: Any) -> Draft:
    return Draft(kind, text, more.pop("method", Method.APPROVAL), Matter.RESOLUTION, **more)


def planned(id: str, position: int, kind: Kind = Kind.PART, question: str | None = None) -> Planned:
    asked = QuestionId(question) if question else None
    return Planned(PlanId(id), MEETING.id, ITEM, position, kind, id, Method.APPROVAL, Matter.RESOLUTION, (), asked)


def place(*held: Planned) -> Place:
    return Place(MEETING, ITEM, held)


def closed(id: str, *, passed: bool = True) -> Question:
    question = replace(put("lanh-dao-bo", 7, range(6)), id=QuestionId(id))
    ballots = [replace(ballot(person(at), "for" if passed else "against"), question=question.id) for at in range(5)]
    ended = close("lanh-dao-bo", question, ballots)
    return replace(question, phase=Phase.CLOSED, verdict=ended.decided)


def test_a_plan_is_numbered_in_the_chairs_order() -> None:
    event = plans.change_plan(place(), [draft(text=" Điều 1 "), draft(Kind.WHOLE, "Toàn văn")], NEW, BY)
    assert [(each.id, each.position, each.kind, each.text) for each in event.plans] == [
        ("new-1", 1, Kind.PART, "Điều 1"),
        ("new-2", 2, Kind.WHOLE, "Toàn văn"),
    ]
    assert event.dropped == ()


def test_lines_change_places_and_go() -> None:
    held = place(planned("a", 1), planned("b", 2), planned("c", 3))
    event = plans.change_plan(held, [draft(id=PlanId("c")), draft(id=PlanId("a"), text="Khác")], NEW, BY)
    assert [(each.id, each.position, each.text) for each in event.plans] == [("c", 1, "Điều 1"), ("a", 2, "Khác")]
    assert event.dropped == ("b",)


def test_what_was_put_keeps_its_place_and_its_words() -> None:
    held = place(planned("a", 1, question="q"), planned("b", 2))
    event = plans.change_plan(held, [draft(text="Mới"), draft(id=PlanId("a"), text="Đổi lời")], NEW, BY)
    assert [(each.id, each.position, each.text, each.question) for each in event.plans] == [
        ("a", 1, "a", "q"),
        ("new-1", 2, "Mới", None),
    ]
    assert event.dropped == ("b",)


REFUSED: list[tuple[str, list[Draft], str, str | None]] = [
    ("a line of another item", [draft(id=PlanId("x"))], "not_found", None),
    ("a line twice", [draft(id=PlanId("a")), draft(id=PlanId("a"))], "not_found", None),
    ("no text", [draft(text="  ")], "question_invalid", "text_missing"),
    ("an endless text", [draft(text="x" * 4001)], "question_invalid", "too_long"),
    ("a block", [draft(Kind.BLOCK)], "question_invalid", "kind_is_not_planned"),
    ("an election", [draft(method=Method.ELECTION)], "question_invalid", "method_is_not_planned"),
    ("a choice of nothing", [draft(method=Method.CHOICE)], "question_invalid", "number_of_alternatives"),
    ("options to a yes or no", [draft(options=("a", "b"))], "question_invalid", "alternatives_without_choice"),
    ("too many", [draft()] * 51, "question_invalid", "number_of_plans"),
]


@pytest.mark.parametrize(("drafts", "code", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_plan_is_refused(drafts: list[Draft], code: str, reason: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        plans.change_plan(place(planned("a", 1)), drafts, NEW, BY)
    assert (refused.value.code, refused.value.detail.get("reason")) == (code, reason)


def test_an_item_that_is_done_is_planned_no_more() -> None:
    done = Place(MEETING, ItemId("item-1"), ())
    over = Place(replace(MEETING, phase=meetings.Phase.CLOSED), ITEM, ())
    for there in (done, over):
        with pytest.raises(Refusal) as refused:
            plans.change_plan(there, [draft()], NEW, BY)
        assert refused.value.code == "wrong_phase"


def test_a_line_is_dropped_unless_it_was_put() -> None:
    held = place(planned("a", 1, question="q"), planned("b", 2), planned("c", 3))
    event = plans.drop(held, PlanId("b"), BY)
    assert [(each.id, each.position) for each in event.plans] == [("a", 1), ("c", 2)]
    with pytest.raises(Refusal) as refused:
        plans.drop(held, PlanId("a"), BY)
    assert (refused.value.code, refused.value.detail) == ("plan_is_put", {"question": "q"})
    with pytest.raises(NotFound):
        plans.drop(held, PlanId("x"), BY)


def test_the_whole_waits_for_its_parts() -> None:
    lines = [planned("a", 1, Kind.AMENDMENT, "q1"), planned("b", 2, Kind.PART), planned("c", 3, Kind.WHOLE)]
    for earlier, waiting in (
        ([], ["a", "b"]),
        ([replace(closed("q1"), phase=Phase.OPEN)], ["a", "b"]),
        ([replace(closed("q1"), phase=Phase.ANNULLED)], ["a", "b"]),
        ([closed("q1")], ["b"]),
        ([closed("q1", passed=False)], ["b"]),
    ):
        with pytest.raises(Refusal) as refused:
            plans.check_parts(lines, earlier)
        assert (refused.value.code, refused.value.detail) == ("parts_first", {"plans": waiting})
    plans.check_parts([each for each in lines if each.id != "b"], [closed("q1")])


def test_a_part_with_a_tie_that_waits_is_not_decided() -> None:
    question = closed("q1")
    assert question.verdict is not None
    undecided = replace(question.verdict, outcome=Outcome.UNDECIDED)
    waiting = replace(question, verdict=undecided, settler=question.opened_by)
    assert not plans.is_decided(waiting)
    assert plans.is_decided(replace(waiting, settler=None)), "it waits for nobody, and nobody will ever end it"
    assert plans.is_decided(question)
