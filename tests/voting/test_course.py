"""The course of a vote through the service: repeated, settled, by hands, on paper, in a block, by proxy."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import BodyId, ItemId, PlanId, ProfileId, QuestionId
from ecabinet.meetings.model import Act, Item, ItemPhase, ItemType, Participant
from ecabinet.meetings.seating import with_chair
from ecabinet.register.model import Body, Matter
from ecabinet.voting.events import (
    BallotCast,
    IncidentReported,
    PlanChanged,
    QuestionAnnulled,
    QuestionCancelled,
    QuestionClosed,
    QuestionPut,
    QuestionSettled,
)
from ecabinet.voting.model import (
    BallotPapers,
    Board,
    Kind,
    Method,
    Outcome,
    PaperCount,
    Phase,
    Question,
    Side,
    Way,
)
from ecabinet.voting.planning import Planning
from ecabinet.voting.plans import Draft
from ecabinet.voting.service import Wanted
from tests.voting.halls import ITEM, MEETING, PROFILES, person
from tests.voting.test_service import World

TELLERS = (person(3), person(4))
BOARD = Board(person(3), (person(2), person(3), person(4)))


async def a_world(profile: str = "lanh-dao-bo") -> World:
    made = World()
    made.attendance.profile = PROFILES[profile]
    await made.bodies.add_body(Body(BodyId("body"), "Cơ quan", "Body", "Bộ", ProfileId(profile)))
    return made


@pytest.fixture
async def world() -> World:
    return await a_world()


def planning(world: World) -> Planning:
    return Planning(world.tx, world.stores, world.voting.around, world.ids, world.clock)


async def question(world: World, id: QuestionId) -> Question:
    found = await world.questions.get(MEETING.id, id)
    assert found is not None
    return found


async def put(world: World, **asked: Any) -> QuestionId:
    return await world.voting.put(
        MEETING.id, replace(Wanted(ITEM, "Thông qua?", Matter.RESOLUTION), **asked), person(1)
    )


def kinds(world: World) -> list[type]:
    return [type(event) for event in world.tx.events]


async def refused(awaited: Any) -> str:
    with pytest.raises(Refusal) as found:
        await awaited
    return found.value.code


# --- again ---


async def test_a_vote_is_annulled_and_put_again_to_those_who_are_there_now(world: World) -> None:
    first = await put(world, time_limit_s=60)
    await world.cast(first, person(2), "against")
    world.attendance.present.add(person(6))
    again = await world.voting.repeat(MEETING.id, first, "Đứt mạng", person(1))
    before, after = await question(world, first), await question(world, again)
    assert (before.phase, before.repeated_by, before.annul_reason) == (Phase.ANNULLED, again, "Đứt mạng")
    assert (after.repeats, after.text, after.number, after.phase) == (first, before.text, 2, Phase.OPEN)
    assert person(6) in after.roll
    assert kinds(world) == [QuestionPut, BallotCast, QuestionAnnulled, QuestionPut]
    assert await refused(world.cast(first, person(3), "for")) == "question_not_open"


async def test_without_a_quorum_nothing_is_annulled(world: World) -> None:
    first = await put(world)
    world.attendance.present = {person(0)}
    assert await refused(world.voting.repeat(MEETING.id, first, "Đứt mạng", person(1))) == "quorum_not_met"
    assert kinds(world) == [QuestionPut]


async def test_a_vote_that_was_decided_is_repeated_while_its_item_is_there(world: World) -> None:
    first = await put(world)
    await world.voting.close(MEETING.id, first, person(1))
    again = await world.voting.repeat(MEETING.id, first, "Nhầm câu hỏi", person(1))
    assert (await question(world, first)).verdict is not None
    await world.voting.cancel(MEETING.id, again, "Thôi", person(1))
    assert await refused(world.voting.repeat(MEETING.id, first, "Nhầm", person(1))) == "question_not_open"


async def test_a_choice_is_put_again_with_its_alternatives(world: World) -> None:
    first = await put(world, matter=Matter.CHOICE, alternatives=("Thuê ngoài", "Tự làm"))
    again = await world.voting.repeat(MEETING.id, first, "Đứt mạng", person(1))
    assert (await question(world, again)).options == (await question(world, first)).options


# --- stopped, and more time ---


async def test_while_it_is_paused_no_ballot_comes_in_and_nothing_else_is_put(world: World) -> None:
    first = await put(world)
    await world.cast(first, person(2), "for")
    await world.voting.pause(MEETING.id, first, person(1))
    assert await world.voting.open_question(MEETING.id) == first
    assert await refused(world.cast(first, person(3), "for")) == "question_paused"
    assert (await world.cast(first, person(2), "for")).is_current, "a retry is given its receipt all the same"
    assert await refused(put(world)) == "question_open"
    assert await refused(world.voting.close(MEETING.id, first, person(1))) == "question_not_open"
    await world.voting.resume(MEETING.id, first, person(1))
    assert (await world.cast(first, person(3), "for")).is_current
    await world.voting.extend(MEETING.id, first, 60, person(1))
    assert (await question(world, first)).until == world.clock.now() + timedelta(seconds=60)


async def test_a_lost_line_is_kept_once(world: World) -> None:
    first = await put(world)
    kept = await world.voting.report_incident(MEETING.id, first, person(2))
    world.clock.pass_time(timedelta(hours=1))
    assert await world.voting.report_incident(MEETING.id, first, person(2)) == kept
    assert kinds(world) == [QuestionPut, IncidentReported]
    assert await world.voting.report_incident(MEETING.id, first, person(3)) != kept


# --- planned ---


async def test_what_is_planned_is_put_in_parts_and_waits_again_when_called_off(world: World) -> None:
    drafts = [
        Draft(kind, kind.value, Method.APPROVAL, Matter.RESOLUTION) for kind in (Kind.PART, Kind.AMENDMENT, Kind.WHOLE)
    ]
    await planning(world).change(MEETING.id, ITEM, drafts, person(1))
    part, amendment, whole = [each.id for each in await planning(world).of(MEETING.id)]
    assert await refused(put(world)) == "parts_first"
    asked = await put(world, plan=part, text="part")
    assert (await question(world, asked)).kind is Kind.PART
    assert [each.question for each in await planning(world).of(MEETING.id)] == [asked, None, None]
    await world.voting.cancel(MEETING.id, asked, "Sửa câu hỏi", person(1))
    assert [each.question for each in await planning(world).of(MEETING.id)] == [None, None, None]
    asked = await put(world, plan=part, text="part")
    again = await world.voting.repeat(MEETING.id, asked, "Đứt mạng", person(1))
    await world.voting.close(MEETING.id, again, person(1))
    assert await refused(put(world, plan=part)) == "plan_is_put"
    assert await refused(put(world, plan=PlanId("x"))) == "not_found"
    assert await refused(put(world, plan=whole, text="whole")) == "parts_first"
    await planning(world).drop(MEETING.id, ITEM, amendment, person(1))
    last = await put(world, plan=whole, text=" whole ")
    assert [each.question for each in await planning(world).of(MEETING.id)] == [again, last]
    assert QuestionCancelled in kinds(world)
    assert kinds(world).count(PlanChanged) == 7


async def test_a_part_is_put_again_until_its_whole_is_decided(world: World) -> None:
    part = await put(world, kind=Kind.PART)
    await world.voting.close(MEETING.id, part, person(1))
    part = await world.voting.repeat(MEETING.id, part, "Đứt mạng", person(1))
    await world.voting.close(MEETING.id, part, person(1))
    whole = await put(world)
    await world.voting.close(MEETING.id, whole, person(1))
    entries = len(world.tx.events)
    with pytest.raises(Refusal) as found:
        await world.voting.repeat(MEETING.id, part, "Nhầm", person(1))
    assert (found.value.code, found.value.detail) == ("whole_is_decided", {"question": whole})
    assert len(world.tx.events) == entries
    later = await put(world, kind=Kind.AMENDMENT)
    await world.voting.close(MEETING.id, later, person(1))
    await world.voting.repeat(MEETING.id, later, "Đứt mạng", person(1))


async def test_a_part_is_put_again_once_the_vote_on_its_whole_counts_for_nothing(world: World) -> None:
    part = await put(world, kind=Kind.PART)
    await world.voting.close(MEETING.id, part, person(1))
    whole = await put(world)
    await world.voting.close(MEETING.id, whole, person(1))
    again = await world.voting.repeat(MEETING.id, whole, "Nhầm", person(1))
    await world.voting.cancel(MEETING.id, again, "Biểu quyết lại từng phần", person(1))
    await world.voting.repeat(MEETING.id, part, "Nhầm", person(1))


# --- a tie that waits ---


async def test_the_head_settles_the_tie_though_another_presides(world: World) -> None:
    first = await put(world)
    for place in range(1, 5):
        await world.cast(first, person(place), "for" if place < 3 else "against")
    await world.voting.close(MEETING.id, first, person(1))
    closed = await question(world, first)
    assert closed.verdict is not None
    assert (closed.verdict.outcome, closed.settler) == (Outcome.UNDECIDED, person(0))
    assert await world.voting.waiting_tie(MEETING.id) == first
    assert await refused(world.voting.settle(MEETING.id, first, Side.FOR, person(1))) == "not_tie_breaker"
    await world.voting.settle(MEETING.id, first, Side.FOR, person(0))
    assert await world.voting.waiting_tie(MEETING.id) is None
    settled = await question(world, first)
    assert settled.is_passed
    assert kinds(world)[-1] is QuestionSettled
    assert await refused(world.voting.settle(MEETING.id, first, Side.AGAINST, person(0))) == "not_undecided"


async def test_a_tie_waits_for_whoever_presided_when_it_was_counted() -> None:
    world = await a_world("hoi")
    first = await put(world)
    for place in range(2):
        await world.cast(first, person(place), "for" if place else "against")
    await world.voting.close(MEETING.id, first, person(1))
    assert (await question(world, first)).settler == person(1)
    held = world.meetings.held[MEETING.id]
    another = replace(held.participant(person(2)), role=Role.CHAIR)
    world.meetings.held[MEETING.id] = with_chair(held, another)
    assert await refused(world.voting.settle(MEETING.id, first, Side.FOR, person(2))) == "not_tie_breaker"
    await world.voting.settle(MEETING.id, first, Side.AGAINST, person(1))


async def test_a_tie_put_to_the_vote_again_waits_no_more(world: World) -> None:
    first = await put(world)
    for place in range(1, 5):
        await world.cast(first, person(place), "for" if place < 3 else "against")
    await world.voting.close(MEETING.id, first, person(1))
    again = await world.voting.repeat(MEETING.id, first, "Chưa rõ", person(1))
    await world.voting.cancel(MEETING.id, again, "Thôi", person(1))
    assert await world.voting.waiting_tie(MEETING.id) is None


async def test_a_tie_holds_nobody_up_once_its_settler_has_left(world: World) -> None:
    first = await put(world)
    for place in range(1, 5):
        await world.cast(first, person(place), "for" if place < 3 else "against")
    await world.voting.close(MEETING.id, first, person(1))
    assert await world.voting.waiting_tie(MEETING.id) == first
    world.attendance.present.discard(person(0))
    assert await world.voting.waiting_tie(MEETING.id) is None


async def test_a_head_who_was_not_there_settles_nothing(world: World) -> None:
    world.attendance.present.remove(person(0))
    first = await put(world)
    for place in range(1, 5):
        await world.cast(first, person(place), "for" if place < 3 else "against")
    world.attendance.present.add(person(0))
    await world.voting.close(MEETING.id, first, person(1))
    closed = await question(world, first)
    assert closed.verdict is not None
    assert (closed.verdict.outcome, closed.settler) == (Outcome.UNDECIDED, None)
    assert await refused(world.voting.settle(MEETING.id, first, Side.FOR, person(0))) == "not_tie_breaker"


async def test_whoever_presides_has_the_casting_vote_though_not_on_the_roll() -> None:
    world = await a_world("hoi")
    world.attendance.present.remove(person(1))
    first = await put(world)
    for place in (0, 2):
        await world.cast(first, person(place), "for" if place else "against")
    await world.voting.close(MEETING.id, first, person(1))
    assert (await question(world, first)).settler == person(1)


async def test_who_has_withdrawn_settles_nothing(world: World) -> None:
    world.attendance.withdrawn[ITEM] = frozenset({person(0)})
    world.attendance.present.add(person(6))
    first = await put(world)
    for place, choice in enumerate(["for", "for", "for", "against", "against", "against"], start=1):
        await world.cast(first, person(place), choice)
    await world.voting.close(MEETING.id, first, person(1))
    closed = await question(world, first)
    assert closed.strength.recused == 1
    assert (closed.strength.present, person(0) in closed.roll, closed.settler) == (6, False, None)
    assert await world.voting.waiting_tie(MEETING.id) is None, "nobody is waited for"
    assert await refused(world.voting.settle(MEETING.id, first, Side.FOR, person(0))) == "not_tie_breaker"


async def test_who_has_withdrawn_is_missing_from_the_quorum(world: World) -> None:
    world.attendance.withdrawn[ITEM] = frozenset({person(0), person(2)})
    assert await refused(put(world)) == "quorum_not_met"


# --- in the hall ---


async def test_a_show_of_hands_is_kept_as_ballots_and_ends_the_vote(world: World) -> None:
    first = await put(world, way=Way.HANDS)
    assert await refused(world.cast(first, person(2), "for")) == "not_electronic"
    assert await refused(world.voting.close(MEETING.id, first, person(1))) == "count_first"
    answers = {person(place): "for" if place else "against" for place in range(5)}
    await world.voting.conclude_by_hands(MEETING.id, first, answers, TELLERS)
    closed = await question(world, first)
    assert closed.is_passed
    assert [each.ballot.choice for each in await world.voting.ballots(first)] == ["against", "for", "for", "for", "for"]
    event = world.tx.events[-1]
    assert isinstance(event, QuestionClosed)
    assert (event.entered_by, event.actor) == (TELLERS, TELLERS[1])
    assert kinds(world) == [QuestionPut, *[BallotCast] * 5, QuestionClosed]


async def test_papers_need_a_board_and_end_the_vote_with_what_it_counted() -> None:
    world = await a_world("ubnd-tinh")
    assert await refused(put(world, way=Way.PAPER)) == "no_tellers"
    board = await put(world, board=BOARD)
    for place in range(6):
        await world.cast(board, person(place), "for")
    await world.voting.close(MEETING.id, board, person(1))
    first = await put(world, way=Way.PAPER)
    count = PaperCount(BallotPapers(6, 6, 5, 1), {"for": 4, "against": 1, "abstain": 0})
    await world.voting.conclude_by_papers(MEETING.id, first, count, TELLERS)
    closed = await question(world, first)
    assert closed.is_passed
    assert closed.count == count
    assert await world.voting.ballots(first) == []


# --- several items ---


async def test_a_block_that_passes_is_done_and_one_that_fails_is_not(world: World) -> None:
    items = tuple(
        Item(ItemId(f"i{place}"), place, f"Nội dung {place}", ItemType.DECISION, "", 5, ItemPhase.PENDING)
        for place in (1, 2, 3)
    )
    world.meetings.held[MEETING.id] = replace(world.meetings.held[MEETING.id], items=items)
    both = {"item": items[0].id, "items": (items[0].id, items[1].id)}
    world.positions.objecting[items[1].id] = frozenset({person(4)})
    assert await refused(put(world, **both)) == "block_not_possible"
    world.positions.objecting.clear()
    amendment = Draft(Kind.AMENDMENT, "Sửa Điều 2", Method.APPROVAL, Matter.RESOLUTION)
    await planning(world).change(MEETING.id, items[1].id, [amendment], person(1))
    assert await refused(put(world, **both)) == "parts_first"
    await planning(world).change(MEETING.id, items[1].id, [], person(1))
    lost = await put(world, **both)
    assert await world.voting.voted_on(MEETING.id) == {items[0].id: lost, items[1].id: lost}
    await world.voting.close(MEETING.id, lost, person(1))
    assert await world.voting.voted_on(MEETING.id) == {}
    assert {each.phase for each in world.meetings.held[MEETING.id].items} == {ItemPhase.PENDING}
    passed = await put(world, **both)
    for place in range(6):
        await world.cast(passed, person(place), "for")
    await world.voting.close(MEETING.id, passed, person(1))
    held = world.meetings.held[MEETING.id]
    assert [each.phase for each in held.items] == [ItemPhase.DONE, ItemPhase.DONE, ItemPhase.PENDING]
    assert held.item(items[0].id).conclusion == "Thông qua, không có ý kiến khác (biểu quyết chung số 2)."
    assert await refused(world.voting.repeat(MEETING.id, passed, "Nhầm", person(1))) == "block_not_possible"


# --- by proxy ---


async def test_an_absent_member_votes_through_the_one_who_is_there() -> None:
    world = await a_world("hoi")
    away, holder, chair = person(6), person(2), person(1)
    assert await refused(planning(world).give(MEETING.id, (away, holder), chair, prepares=False)) == "not_allowed"
    await planning(world).give(MEETING.id, (away, holder), away, prepares=False)
    entries = len(world.tx.events)
    await planning(world).give(MEETING.id, (away, holder), chair, prepares=True)
    assert len(world.tx.events) == entries, "the same again is no news"
    first = await put(world)
    asked = await question(world, first)
    assert [(each.person, each.proxy) for each in asked.roll.voters][-1] == (away, holder)
    assert (asked.strength.present, asked.strength.represented) == (6, 1)
    await planning(world).take_back(MEETING.id, away, away, prepares=False)
    assert (await question(world, first)).roll == asked.roll, "an open question keeps its roll"
    await world.voting.cancel(MEETING.id, first, "Thôi", chair)
    assert away not in (await question(world, await put(world))).roll
    assert await refused(planning(world).take_back(MEETING.id, away, away, prepares=False)) == "not_found"


async def test_a_stand_in_holds_no_proxy() -> None:
    world = await a_world("hoi")
    sitting = world.meetings.held[MEETING.id]
    guest = Participant(person(40), "Khách", "", Role.GUEST, 40, False)
    world.meetings.held[MEETING.id] = sitting.with_participant(guest)
    pair = (person(6), guest.person)
    assert await refused(planning(world).give(MEETING.id, pair, person(6), prepares=False)) == "proxy_not_possible"


async def test_an_item_that_leaves_the_agenda_takes_its_plan_along(world: World) -> None:
    draft = Draft(Kind.PART, "Điều 1", Method.APPROVAL, Matter.RESOLUTION)
    await planning(world).change(MEETING.id, ITEM, [draft], person(1))
    [line] = await planning(world).of(MEETING.id)
    held, by = world.meetings.held[MEETING.id], Act(person(1), world.clock.now())
    await world.voting.drop_plans(held, ItemId("item-3"), by)
    await world.voting.drop_plans(held, ITEM, by)
    assert await planning(world).of(MEETING.id) == []
    event = world.tx.events[-1]
    assert isinstance(event, PlanChanged)
    assert (event.plans, event.dropped) == ((), (line.id,))
    assert kinds(world) == [PlanChanged, PlanChanged]
