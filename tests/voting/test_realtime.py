"""View before + message = view after, for every event; and many at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from ecabinet.adapters import outbox
from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import ItemId, QuestionId
from ecabinet.register.model import Matter
from ecabinet.voting.casting import Vote
from ecabinet.voting.model import Kind, Method, Side
from ecabinet.voting.plans import Draft
from ecabinet.voting.service import Wanted
from ecabinet.voting.sql import questions
from tests.voting.furnished import Room, furnish
from tests.voting.halls import ITEM, MEETING, person

WANTED = Wanted(ITEM, "Thông qua?", Matter.RESOLUTION)
MEMBER = Standing(person(2), frozenset({Role.MEMBER}), meeting=MEETING.id)
GUEST_OF_ITEM_3 = Standing(person(6), frozenset({Role.GUEST}), meeting=MEETING.id, items=frozenset({ItemId("item-3")}))


@pytest.fixture
async def room(database: Database) -> Room:
    return Room(database, await furnish(database))


async def view(room: Room, standing: Standing = MEMBER) -> dict[str, Any]:
    async with room.database.reading() as connection:
        return await room.live.view(MEETING.id, connection, standing)


async def news(room: Room, standing: Standing = MEMBER) -> list[dict[str, Any]]:
    async with room.database.reading() as connection:
        messages = await outbox.since(connection, MEETING.id, 0, 100)
    return [room.live.event(message, standing) for message in messages]


def moved(before: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """What a client does with a message."""
    after = {name: dict(entries) for name, entries in before.items()}
    for name, entries in event["body"].items():
        for key, entry in entries.items():
            if entry is None:
                after[name].pop(key, None)
            else:
                after[name][key] = entry
    return after


async def test_each_event_moves_the_view_from_before_to_after(room: Room) -> None:
    views = [await view(room)]
    question = await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
    views.append(await view(room))
    for voter, choice in ((0, "for"), (1, "against")):
        await cast(room, question, voter, choice)
        views.append(await view(room))
    await room.uow.run(lambda act: room.voting(act).close(MEETING.id, question, person(0)))
    views.append(await view(room))
    second = await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
    views.append(await view(room))
    await room.uow.run(lambda act: room.voting(act).cancel(MEETING.id, second, "mất điện", person(0)))
    views.append(await view(room))
    events = await news(room)
    assert [event["type"] for event in events] == [
        "question.put",
        "ballot.cast",
        "ballot.cast",
        "question.closed",
        "question.put",
        "question.cancelled",
    ]
    for before, event, after in zip(views[:-1], events, views[1:], strict=True):
        assert moved(before, event) == after
    assert views[4]["questions"][question]["verdict"]["outcome"] == "passed"  # 1–1, and the head was for it


async def test_a_vote_that_takes_another_course_moves_the_view_as_well(room: Room) -> None:
    """Planned, put, stopped, gone on, given time, a line lost, put again, closed with a tie, settled."""
    m, head = MEETING.id, person(0)
    drafts = [Draft(kind, kind.value, Method.APPROVAL, Matter.RESOLUTION) for kind in (Kind.PART, Kind.WHOLE)]
    seen = Seen(room)
    await seen.after(lambda act: room.planning(act).change(m, ITEM, drafts, head))
    async with room.uow.reading() as act:
        plan = (await room.planning(act).of(m))[0].id
    wanted = replace(WANTED, text="part", plan=plan, time_limit_s=60)
    question = await seen.after(lambda act: room.voting(act).put(m, wanted, head))
    await seen.after(lambda act: room.voting(act).pause(m, question, head))
    await seen.after(lambda act: room.voting(act).resume(m, question, head))
    await seen.after(lambda act: room.voting(act).extend(m, question, 90, head))
    await seen.after(lambda act: room.voting(act).report_incident(m, question, person(2)))
    again = await seen.after(lambda act: room.voting(act).repeat(m, question, "Đứt mạng", head))
    for voter, choice in ((1, "for"), (3, "against")):
        await seen.after(partial(_cast, room, again, (voter, choice)))
    await seen.after(lambda act: room.voting(act).close(m, again, head))
    await seen.after(lambda act: room.voting(act).settle(m, again, Side.FOR, head))
    assert seen.types == [
        "plan.changed",
        "question.put",
        "plan.changed",
        "question.paused",
        "question.resumed",
        "question.extended",
        "incident.reported",
        "question.annulled",
        "question.put",
        "plan.changed",
        "ballot.cast",
        "ballot.cast",
        "question.closed",
        "question.settled",
    ]
    last = await view(room)
    assert last["questions"][again]["settled"]["side"] == "for"
    assert last["questions"][again]["verdict"]["outcome"] == "passed"
    assert last["plans"][plan]["question"] == again
    assert [each["person"] for each in last["incidents"].values()] == [person(2)]


async def test_a_lost_line_is_for_the_chair_the_secretaries_and_oneself(room: Room) -> None:
    question = await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
    await room.uow.run(lambda act: room.voting(act).report_incident(MEETING.id, question, person(2)))
    for who, role, sees in (
        (2, Role.MEMBER, True),
        (3, Role.MEMBER, False),
        (0, Role.CHAIR, True),
        (5, Role.SECRETARY, True),
    ):
        standing = Standing(person(who), frozenset({role}), meeting=MEETING.id)
        assert bool((await view(room, standing))["incidents"]) is sees
        assert ((await news(room, standing))[-1]["type"] == "incident.reported") is sees


async def test_what_becomes_of_a_block_is_for_whoever_may_know_of_all_its_items(room: Room) -> None:
    question = await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
    async with room.uow.database.writing() as connection:
        await connection.execute(update(questions).values(items=[ITEM, "item-3"]))
    await cast(room, question, 1, "against")
    await room.uow.run(lambda act: room.voting(act).report_incident(MEETING.id, question, person(2)))
    guest = Standing(person(2), frozenset({Role.GUEST}), meeting=MEETING.id, items=frozenset({ITEM}))
    withdrawn = Standing(person(2), frozenset({Role.MEMBER}), meeting=MEETING.id, recused=frozenset({ItemId("item-3")}))
    for standing in (guest, withdrawn):
        seen = await view(room, standing)
        assert seen["questions"] == seen["turnouts"] == seen["incidents"] == {}
        assert [event["type"] for event in (await news(room, standing))[1:]] == ["hidden", "hidden"]
    member = Standing(person(2), frozenset({Role.MEMBER}), meeting=MEETING.id)
    shown = await view(room, member)
    assert shown["turnouts"][question]["items"] == [ITEM, "item-3"]
    assert [each["items"] for each in shown["incidents"].values()] == [[ITEM, "item-3"]]


async def test_a_plan_is_for_those_who_decide_and_those_who_prepare(room: Room) -> None:
    draft = Draft(Kind.PART, "Điều 1", Method.APPROVAL, Matter.RESOLUTION)
    await room.uow.run(lambda act: room.planning(act).change(MEETING.id, ITEM, [draft], person(0)))
    for role in Role:
        standing = Standing(person(3), frozenset({role}), meeting=MEETING.id)
        sees = role in {Role.CHAIR, Role.SECRETARY, Role.MEMBER}
        assert bool((await view(room, standing))["plans"]) is sees


async def test_proxies_come_and_go_in_the_view(room: Room) -> None:
    seen = Seen(room, "hoi")
    pair = (person(3), person(1))
    await seen.after(lambda act: room.planning(act).give(MEETING.id, pair, person(3), prepares=False))
    assert (await view(room))["proxies"] == {"p3": {"id": "p3", "giver": "p3", "holder": "p1"}}
    await seen.after(lambda act: room.planning(act).take_back(MEETING.id, person(3), person(3), prepares=False))
    assert (await view(room))["proxies"] == {}
    assert seen.types == ["proxy.given", "proxy.withdrawn"]


@dataclass
class Seen:
    """One act after the other: what a member saw, moved by what the member was told, is what the member sees."""

    room: Room
    profile: str = "lanh-dao-bo"
    types: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.room.profile = self.profile

    async def after(self, work: Callable[[Act], Awaitable[Any]]) -> Any:
        before = await view(self.room)
        told = len(await news(self.room))
        result = await self.room.uow.run(work)
        events = (await news(self.room))[told:]
        for event in events:
            before = moved(before, event)
        assert before == await view(self.room), [event["type"] for event in events]
        self.types += [event["type"] for event in events]
        return result


async def _cast(room: Room, question: QuestionId, answer: tuple[int, str], act: Act) -> None:
    place, choice = answer
    await room.casting(act).cast(MEETING.id, question, Vote(choice, 1), person(place))


async def test_a_running_vote_tells_nobody_which_way_it_goes(room: Room) -> None:
    question = await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
    await cast(room, question, 1, "against")
    shown = await view(room)
    assert (await news(room))[-1]["body"] == {"turnouts": shown["turnouts"]}
    assert shown["turnouts"][question]["received"] == 1
    assert (shown["questions"][question]["ballots"], shown["questions"][question]["verdict"]) == (None, None)


async def test_a_guest_of_another_item_hears_nothing_of_the_question(room: Room) -> None:
    await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
    seen = await view(room, GUEST_OF_ITEM_3)
    assert seen["questions"] == seen["turnouts"] == {}
    assert [(event["type"], event["body"]) for event in await news(room, GUEST_OF_ITEM_3)] == [("hidden", {})]


async def test_the_same_version_sent_many_times_at_once_is_one_ballot(room: Room) -> None:
    question = await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
    numbers: list[int] = []

    async def again() -> None:
        numbers.append(await cast(room, question, 2, "for"))

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(again())
    assert len(numbers) == 8
    assert len(set(numbers)) == 1


async def test_two_chairs_cannot_put_two_questions_at_once(room: Room) -> None:
    outcomes: list[str] = []

    async def put() -> None:
        try:
            await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
            outcomes.append("put")
        except Exception as refused:
            outcomes.append(getattr(refused, "code", repr(refused)))

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(put())
    assert sorted(outcomes) == ["put", "question_open", "question_open", "question_open"]


async def cast(room: Room, question: QuestionId, place: int, choice: str, n: int = 1) -> int:
    """The number of the entry in the receipt."""
    receipt = await room.uow.run(
        lambda act: room.casting(act).cast(MEETING.id, question, Vote(choice, n), person(place))
    )
    return receipt.number
