"""What every keeper of plans, proxies and lost lines must do, the memory fakes and both databases alike."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.ids import IncidentId, ItemId, MeetingId, PlanId, QuestionId
from ecabinet.register.model import Matter
from ecabinet.voting.model import Incident, Kind, Method, Planned
from ecabinet.voting.ports import Stores
from tests.fakes.voting import MemoryBallots, MemoryIncidents, MemoryPlans, MemoryProxies, MemoryQuestions
from tests.voting.furnished import furnish, stores_of
from tests.voting.halls import AT, ITEM, MEETING, person, put

OTHER = MeetingId("other")
NEXT = ItemId("item-3")
Check = Callable[[Stores], Awaitable[None]]


def line(id: str, position: int, item: ItemId = ITEM, question: QuestionId | None = None) -> Planned:
    return Planned(
        PlanId(id), MEETING.id, item, position, Kind.PART, "Điều 1", Method.CHOICE, Matter.CHOICE, ("a", "b"), question
    )


async def check_a_plan_is_replaced_item_by_item(stores: Stores) -> None:
    assert await stores.plans.of(MEETING.id) == []
    first, other = [line("a", 1), line("b", 2)], [line("c", 1, NEXT)]
    await stores.plans.replace(MEETING.id, NEXT, other)
    await stores.plans.replace(MEETING.id, ITEM, first)
    assert await stores.plans.of(MEETING.id) == [*first, *other]
    changed = [line("b", 1, question=QuestionId("q"))]
    await stores.plans.replace(MEETING.id, ITEM, changed)
    assert await stores.plans.of(MEETING.id) == [*changed, *other]
    await stores.plans.replace(MEETING.id, ITEM, [])
    assert await stores.plans.of(MEETING.id) == other
    assert await stores.plans.of(OTHER) == []


async def check_a_proxy_takes_the_place_of_the_one_before(stores: Stores) -> None:
    await stores.proxies.put(MEETING.id, (person(2), person(0)), AT)
    await stores.proxies.put(MEETING.id, (person(1), person(0)), AT + timedelta(minutes=1))
    assert list((await stores.proxies.of(MEETING.id)).items()) == [(person(2), person(0)), (person(1), person(0))]
    await stores.proxies.put(MEETING.id, (person(2), person(3)), AT + timedelta(minutes=2))
    assert await stores.proxies.of(MEETING.id) == {person(1): person(0), person(2): person(3)}
    await stores.proxies.remove(MEETING.id, person(1))
    await stores.proxies.remove(MEETING.id, person(1))
    assert await stores.proxies.of(MEETING.id) == {person(2): person(3)}
    assert await stores.proxies.of(OTHER) == {}


async def check_lost_lines_are_found_by_question_and_person(stores: Stores) -> None:
    asked = put("lanh-dao-bo", 7, range(6))
    await stores.questions.add(asked)
    kept = [
        Incident(IncidentId(f"i{place}"), MEETING.id, asked.id, ITEM, person(place), AT - timedelta(seconds=place))
        for place in (1, 2)
    ]
    for each in kept:
        await stores.incidents.add(each)
    assert await stores.incidents.of(MEETING.id) == list(reversed(kept))
    assert await stores.incidents.find(asked.id, person(1)) == kept[0]
    assert await stores.incidents.find(asked.id, person(3)) is None
    assert await stores.incidents.of(OTHER) == []


CONTRACT = [
    check_a_plan_is_replaced_item_by_item,
    check_a_proxy_takes_the_place_of_the_one_before,
    check_lost_lines_are_found_by_question_and_person,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_plans_in_memory(check: Check) -> None:
    questions = MemoryQuestions()
    await check(Stores(questions, MemoryBallots(questions), MemoryIncidents(), MemoryPlans(), MemoryProxies()))


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_plans_in_a_database(check: Check, database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        await check(stores_of(connection))
