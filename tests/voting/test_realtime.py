"""View before + message = view after, for every event; and many at once."""

import asyncio
from typing import Any

import pytest

from ecabinet.adapters import outbox
from ecabinet.adapters.database import Database
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import ItemId, QuestionId
from ecabinet.register.model import Matter
from ecabinet.voting.casting import Vote
from ecabinet.voting.service import Wanted
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
