"""What kind of question may be put when: ways, blocks, parts, boards, motions, a body that has shrunk."""

from dataclasses import replace
from typing import Any
from unicodedata import normalize

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import ItemId, PersonId, PlanId, QuestionId
from ecabinet.meetings.model import Item, ItemPhase, ItemType, Mode, Participant
from ecabinet.register.model import Matter, Secrecy
from ecabinet.voting import rules
from ecabinet.voting.model import Board, Candidate, Kind, Method, Outcome, Phase, Planned, Question, Strength, Way
from ecabinet.voting.proposals import Proposal, Situation
from tests.voting.halls import BY, ITEM, MEETING, PROFILES, ballot, close, person, proposal, roll, situation

BODY = "hdnd-tinh"
SEATS = tuple(Participant(person(at), f"Đại biểu {at}", "", Role.MEMBER, at, True, at == 0) for at in range(7))
SITTING = replace(MEETING, participants=SEATS)
BOARD = Board(person(4), (person(4), person(5), person(6)))
NAMES = (Candidate("candidate-1", "Một"), Candidate("candidate-2", "Hai", person(1)))
NEXT = ItemId("item-3")
LATER = ItemId("item-4")


def sitting(**odd: Any) -> Situation:
    """All seven are there."""
    return replace(situation(7, range(7)), meeting=SITTING, **odd)


def seated(board: Board = BOARD) -> Situation:
    """A tellers' board was elected before."""
    asked = put(BODY, sitting(), board=board)
    ended = close(BODY, asked, [ballot(person(at), "for") for at in range(7)])
    return sitting(earlier=(replace(asked, phase=Phase.CLOSED, verdict=ended.decided),))


def put(body: str, there: Situation, **asked: Any) -> Question:
    wanted: Proposal = replace(proposal(), **asked)
    return rules.put_question(wanted, there, PROFILES[body], BY).question


def refused(body: str, there: Situation, **asked: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(Refusal) as found:
        put(body, there, **asked)
    return found.value.code, found.value.detail


# --- how it is taken ---

WAYS: list[tuple[str, dict[str, Any], set[Way]]] = [
    ("chinh-phu", {}, {Way.ELECTRONIC, Way.HANDS, Way.PAPER}),
    (BODY, {"matter": Matter.REMOVAL}, {Way.ELECTRONIC, Way.HANDS, Way.PAPER}),
    (BODY, {"matter": Matter.CONFIDENCE}, {Way.PAPER}),
    (BODY, {"method": Method.ELECTION, "candidates": NAMES, "seats": 1}, {Way.PAPER}),
    (BODY, {"method": Method.RATING, "candidates": NAMES}, {Way.PAPER}),
    (BODY, {"board": BOARD}, {Way.ELECTRONIC, Way.HANDS}),
]


@pytest.mark.parametrize(("body", "asked", "allowed"), WAYS)
@pytest.mark.parametrize("way", Way)
def test_a_vote_is_taken_as_the_law_allows(body: str, asked: dict[str, Any], allowed: set[Way], way: Way) -> None:
    if way in allowed:
        question = put(body, seated(), way=way, **asked)
        assert question.secrecy is (Secrecy.SECRET if way is Way.PAPER else Secrecy.OPEN)
        return
    code, detail = refused(body, seated(), way=way, **asked)
    assert (code, detail["way"], set(detail["allowed"])) == (
        "way_not_allowed",
        way.value,
        {each.value for each in allowed},
    )


def test_without_a_hall_there_are_no_papers() -> None:
    there = seated()
    remote = replace(there, meeting=replace(SITTING, mode=Mode.REMOTE))
    code, detail = refused(BODY, remote, way=Way.PAPER)
    assert (code, detail["allowed"]) == ("way_not_allowed", ["electronic", "hands"])


# --- who counts ---


def test_papers_need_a_board_that_was_elected_and_stands() -> None:
    board = seated().earlier[0]
    assert board.verdict is not None
    lost = replace(board, verdict=replace(board.verdict, outcome=Outcome.NOT_PASSED))
    for earlier in ((), (lost,), (replace(board, phase=Phase.ANNULLED),), (replace(board, phase=Phase.OPEN),)):
        assert refused(BODY, sitting(earlier=earlier), way=Way.PAPER) == ("no_tellers", {})
    assert put(BODY, sitting(earlier=(board,)), way=Way.PAPER).way is Way.PAPER


def test_the_board_elected_last_sits() -> None:
    second = seated(Board(person(1), (person(1), person(2), person(3)))).earlier[0]
    there = sitting(earlier=(seated().earlier[0], replace(second, id=QuestionId("second"), number=2)))
    assert there.board == second.board


def test_who_is_voted_on_does_not_count() -> None:
    named = (Candidate("candidate-1", "Năm", person(5)), Candidate("candidate-2", "Người ngoài"))
    asked: dict[str, Any] = {"way": Way.PAPER, "method": Method.ELECTION, "candidates": named, "seats": 1}
    assert refused(BODY, seated(), **asked) == ("teller_is_candidate", {"people": ["p5"]})
    assert put(BODY, seated(), **{**asked, "candidates": NAMES}).candidates == NAMES


BOARDS = [
    ("hop-hanh-chinh", BOARD, "the_rules_know_no_tellers"),
    (BODY, Board(person(1), BOARD.members), "head_is_one_of_the_members"),
    (BODY, Board(person(4), (person(4), person(4), person(5))), "head_is_one_of_the_members"),
    (BODY, Board(person(4), (person(4), person(5))), "too_few"),
    (BODY, Board(person(4), (*BOARD.members, PersonId("stranger"))), "not_participants"),
]


@pytest.mark.parametrize(("body", "board", "reason"), BOARDS)
def test_not_every_board_can_be_elected(body: str, board: Board, reason: str) -> None:
    code, detail = refused(body, sitting(), board=board)
    assert (code, detail["reason"]) == ("board_invalid", reason)


@pytest.mark.parametrize("role", [Role.GUEST, Role.STAND_IN])
def test_no_guest_and_no_stand_in_counts_the_votes(role: Role) -> None:
    invited = replace(SEATS[6], role=role)
    there = replace(sitting(), meeting=replace(SITTING, participants=(*SEATS[:6], invited)))
    code, detail = refused(BODY, there, board=BOARD)
    assert (code, detail) == ("board_invalid", {"reason": "not_participants", "people": [person(6)]})


# --- names on the paper ---

ELECTION: dict[str, Any] = {"way": Way.PAPER, "method": Method.ELECTION, "candidates": NAMES, "seats": 1}
WRONG_NAMES = [
    ({"candidates": ()}, "number_of_candidates"),
    ({"candidates": (NAMES[0], replace(NAMES[0], id="candidate-2"))}, "candidates_need_different_names"),
    ({"candidates": (NAMES[1], replace(NAMES[1], name="Khác"))}, "candidates_need_different_names"),
    ({"seats": None}, "seats_go_with_an_election"),
    ({"seats": 0}, "number_of_seats"),
    ({"method": Method.APPROVAL}, "candidates_without_election"),
    ({"method": Method.CHOICE}, "method_and_matter_differ"),
    ({"matter": Matter.REDUCED}, "method_and_matter_differ"),
    ({"matter": Matter.CONFIDENCE}, "method_and_matter_differ"),
    ({"motion": "adjourn"}, "method_and_matter_differ"),
    ({"method": Method.RATING, "seats": None, "matter": Matter.REMOVAL}, "method_and_matter_differ"),
]


@pytest.mark.parametrize(("changed", "reason"), WRONG_NAMES)
def test_names_and_seats_are_checked(changed: dict[str, Any], reason: str) -> None:
    code, detail = refused(BODY, seated(), **{**ELECTION, **changed})
    assert (code, detail["reason"]) == ("question_invalid", reason)


def test_a_body_without_a_rule_for_it_elects_nobody() -> None:
    code, detail = refused("hop-hanh-chinh", seated(), **ELECTION)
    assert (code, detail["matter"]) == ("matter_unknown", "election")
    code, detail = refused("chinh-phu", seated(), **{**ELECTION, "method": Method.RATING, "seats": None})
    assert (code, detail["matter"]) == ("matter_unknown", "rating")


def test_an_election_says_what_it_needs() -> None:
    question = put(BODY, seated(), **ELECTION)
    assert question.rule.vi.startswith("Bầu 1 người có nhiều phiếu hơn, được quá nửa tổng số đại biểu")
    assert question.options == ()
    for matter in (Matter.RESOLUTION, Matter.CONFIDENCE):
        assert put(BODY, seated(), **{**ELECTION, "method": Method.RATING, "seats": None, "matter": matter}).candidates


# --- several items at once ---


def at_opening(*odd: Item, **more: Any) -> Situation:
    """Nothing is before the meeting yet."""
    waiting = {
        ItemId(f"item-{place}"): Item(
            ItemId(f"item-{place}"), place, f"Nội dung {place}", ItemType.DECISION, "", 5, ItemPhase.PENDING
        )
        for place in range(1, 5)
    }
    waiting |= {each.id: each for each in odd}
    there = sitting(**more)
    return replace(there, meeting=replace(SITTING, items=tuple(waiting.values())))


BLOCK: dict[str, Any] = {"kind": Kind.BLOCK, "item": NEXT, "items": (NEXT, LATER)}


def test_items_nobody_objects_to_are_put_together() -> None:
    question = put(BODY, at_opening(), **BLOCK)
    assert (question.item, question.subjects) == (NEXT, (NEXT, LATER))


def test_an_item_with_an_objection_or_done_or_of_another_kind_is_not_adopted_with_others() -> None:
    done = Item(NEXT, 3, "Xong", ItemType.DECISION, "", 5, ItemPhase.DONE)
    heard = Item(NEXT, 3, "Báo cáo", ItemType.INFORMATION, "", 5, ItemPhase.PENDING)
    objecting = at_opening(objections={LATER: frozenset({person(3)}), NEXT: frozenset()})
    gone = {**BLOCK, "items": (NEXT, ItemId("item-9"))}
    assert refused(BODY, objecting, **BLOCK) == ("block_not_possible", {"items": {LATER: "objection"}})
    assert refused(BODY, at_opening(done), **BLOCK) == ("block_not_possible", {"items": {NEXT: "item_done"}})
    assert refused(BODY, at_opening(heard), **BLOCK) == ("block_not_possible", {"items": {NEXT: "not_a_decision"}})
    assert refused(BODY, at_opening(), **gone) == ("block_not_possible", {"items": {"item-9": "not_on_the_agenda"}})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"items": (NEXT,)}, "at_least_two_different_items"),
        ({"items": (NEXT, NEXT)}, "at_least_two_different_items"),
        ({"matter": Matter.REMOVAL}, "not_an_ordinary_decision"),
    ],
)
def test_a_block_is_an_ordinary_decision_on_several_items(changed: dict[str, Any], reason: str) -> None:
    assert refused(BODY, at_opening(), **{**BLOCK, **changed}) == ("block_not_possible", {"items": {NEXT: reason}})


def test_a_motion_adopts_no_items() -> None:
    assert refused("hoi", at_opening(), **BLOCK, motion="adjourn") == (
        "block_not_possible",
        {"items": {NEXT: "not_an_ordinary_decision"}},
    )


def test_a_block_goes_past_no_part_or_amendment_of_its_items() -> None:
    waiting = Planned(PlanId("b"), MEETING.id, LATER, 1, Kind.AMENDMENT, "b", Method.APPROVAL, Matter.RESOLUTION)
    assert refused(BODY, at_opening(planned=(waiting,)), **BLOCK) == ("parts_first", {"plans": ["b"]})
    whole = replace(waiting, kind=Kind.WHOLE)
    assert put(BODY, at_opening(planned=(whole,)), **BLOCK).kind is Kind.BLOCK


def test_a_block_waits_until_the_item_before_the_meeting_is_done() -> None:
    assert refused(BODY, sitting(), **BLOCK) == ("item_not_current", {"current": ITEM})
    current = replace(at_opening().meeting.item(NEXT), phase=ItemPhase.CURRENT)
    assert put(BODY, at_opening(current), **BLOCK).kind is Kind.BLOCK


# --- parts first ---


def line(id: str, kind: Kind) -> Planned:
    return Planned(PlanId(id), MEETING.id, ITEM, 1, kind, id, Method.APPROVAL, Matter.RESOLUTION)


def test_the_whole_is_put_after_its_parts() -> None:
    there = sitting(planned=(line("a", Kind.PART), line("b", Kind.AMENDMENT), line("w", Kind.WHOLE)))
    assert refused(BODY, there) == ("parts_first", {"plans": ["a", "b"]})
    for plan, kind in (("a", Kind.PART), ("b", Kind.AMENDMENT)):
        assert put(BODY, there, plan=PlanId(plan), kind=kind, text=plan).plan == plan
    board = Board(person(3), (person(2), person(3), person(4)))
    assert put("ubnd-tinh", there, board=board).board == board, "the tellers are no whole"


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"text": "Khác"}, ["text"]),
        ({"matter": Matter.REMOVAL}, ["matter"]),
        (
            {"text": "a", "method": Method.CHOICE, "matter": Matter.CHOICE, "alternatives": ("Một", "Hai")},
            ["method", "matter", "options"],
        ),
        ({"text": "b", "alternatives": ("Hai", "Một")}, ["options"]),
        ({"motion": "adjourn"}, ["motion"]),
        ({"board": Board(person(3), (person(3), person(4)))}, ["board"]),
    ],
)
def test_a_planned_question_is_put_as_it_was_planned(changed: dict[str, Any], fields: list[str]) -> None:
    choice = replace(line("b", Kind.PART), method=Method.CHOICE, matter=Matter.CHOICE, options=("Một", "Hai"))
    asked: dict[str, Any] = {"plan": PlanId("a"), "kind": Kind.PART, "text": "a"}
    if changed.get("text") == "b":
        asked = {"plan": PlanId("b"), "kind": Kind.PART, "method": Method.CHOICE, "matter": Matter.CHOICE}
    there = sitting(planned=(line("a", Kind.PART), choice))
    body = "hoi" if "motion" in changed else BODY
    assert refused(body, there, **{**asked, **changed}) == ("not_as_planned", {"fields": fields})


def test_the_same_words_in_other_letters_are_as_planned() -> None:
    planned = replace(line("a", Kind.PART), text="Điều lệ")
    there = sitting(planned=(planned,))
    composed = normalize("NFD", " Điều lệ")
    assert put(BODY, there, plan=PlanId("a"), kind=Kind.PART, text=composed).plan == "a"


# --- motions ---


def test_a_motion_has_its_own_rule() -> None:
    question = put("hoi", sitting(), motion="previous_question")
    assert question.motion == "previous_question"
    assert "2/3" in question.rule.vi


def test_what_is_pending_comes_first() -> None:
    amended = sitting(planned=(line("b", Kind.AMENDMENT),))
    assert refused("hoi", amended, motion="postpone_indefinitely") == (
        "motion_out_of_order",
        {"motion": "postpone_indefinitely", "pending": ["main", "amend"]},
    )
    assert put("hoi", amended, motion="refer").motion == "refer"
    assert put("hoi", sitting(), motion="postpone_indefinitely").motion == "postpone_indefinitely"


def test_nothing_can_be_postponed_once_the_item_is_decided() -> None:
    decided = put("hoi", sitting())
    ended = close("hoi", decided, [ballot(person(at), "for") for at in range(7)])
    there = sitting(earlier=(replace(decided, phase=Phase.CLOSED, verdict=ended.decided),))
    assert refused("hoi", there, motion="refer") == ("motion_out_of_order", {"motion": "refer", "pending": []})
    assert put("hoi", there, motion="adjourn").motion == "adjourn"


def test_a_public_body_knows_no_motions_and_some_are_not_voted_on() -> None:
    assert refused("chinh-phu", sitting(), motion="adjourn")[0] == "motion_unknown"
    assert refused("hoi", sitting(), motion="point_of_order")[0] == "motion_unknown"


# --- a body that has shrunk ---


def shrunk() -> Situation:
    """Nine seats, five members left, all of them there."""
    return replace(
        situation(9, range(5)), meeting=SITTING, roll=roll(range(5)), strength=Strength(9, 5, remaining=5), seats=9
    )


def test_a_reduced_body_decides_by_those_remaining_and_only_so() -> None:
    assert refused(BODY, shrunk())[0] == "reduced_required"
    assert refused(BODY, sitting(), matter=Matter.REDUCED)[0] == "reduced_not_applicable"
    assert put(BODY, shrunk(), matter=Matter.REDUCED).strength.remaining == 5
