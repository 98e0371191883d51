"""What every keeper of positions must do, the memory fake and both databases alike."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId
from ecabinet.meetings import rules, seating
from ecabinet.meetings.ports import MeetingStore
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.positions.model import Position, Stance
from ecabinet.positions.ports import PositionStore
from ecabinet.positions.sql import SqlPositions
from tests.contracts.test_meetings_store import elsewhere, furnish, sentence
from tests.fakes.kernel import NOON
from tests.fakes.meetings import GUEST, HEAD, MEMBERS, OFFICER, MemoryMeetings
from tests.fakes.positions import MemoryPositions
from tests.meetings.stages import BY, ITEMS, MEETING, convened

AN = MEMBERS[0]
Check = Callable[[PositionStore, MeetingStore], Awaitable[None]]
OPINION = Position(MEETING, ITEMS[0], AN, Stance.OPINION, "Đề nghị làm rõ nguồn vốn.", NOON)
LATER = replace(OPINION, stance=Stance.FLOOR, text="", at=NOON + timedelta(minutes=1))


async def check_a_position_replaces_the_one_before_and_goes(positions: PositionStore, meetings: MeetingStore) -> None:
    assert await positions.get(ITEMS[0], AN) is None
    for each in (OPINION, LATER):
        await positions.put(each)
        assert await positions.get(ITEMS[0], AN) == each
        assert await positions.of(MEETING) == [each]
    await positions.remove(ITEMS[0], AN)
    await positions.remove(ITEMS[0], AN)
    assert await positions.of(MEETING) == []


async def check_the_earliest_comes_first(positions: PositionStore, meetings: MeetingStore) -> None:
    first = replace(OPINION, person=HEAD)
    for each in (LATER, first):
        await positions.put(each)
    assert await positions.of(MEETING) == [first, LATER]


async def check_positions_are_of_their_meeting(positions: PositionStore, meetings: MeetingStore) -> None:
    other = elsewhere(1, timedelta())
    await meetings.add(other)
    await positions.put(OPINION)
    assert await positions.of(other.id) == []


async def check_only_participants_and_only_on_items(positions: PositionStore, meetings: MeetingStore) -> None:
    for wrong in (replace(OPINION, person=GUEST), replace(OPINION, item=ItemId("nowhere"))):
        with pytest.raises(NotFound):
            await positions.put(wrong)
    assert await positions.of(MEETING) == []


async def check_a_position_ends_with_its_item_and_with_the_place(
    positions: PositionStore, meetings: MeetingStore
) -> None:
    await positions.put(OPINION)
    await positions.put(replace(OPINION, item=ITEMS[1], person=OFFICER))
    before = await meetings.get(MEETING)
    await meetings.save(before, seating.remove_participant(before, OFFICER, BY).meeting)
    assert await positions.of(MEETING) == [OPINION]
    before = await meetings.get(MEETING)
    await meetings.save(before, rules.remove_item(before, ITEMS[0], BY).meeting)
    assert await positions.of(MEETING) == []


CHECKS: tuple[Check, ...] = (
    check_a_position_replaces_the_one_before_and_goes,
    check_the_earliest_comes_first,
    check_positions_are_of_their_meeting,
    check_only_participants_and_only_on_items,
    check_a_position_ends_with_its_item_and_with_the_place,
)


@pytest.mark.parametrize("check", CHECKS, ids=sentence)
async def test_in_memory(check: Check) -> None:
    meetings = MemoryMeetings()
    await meetings.add(convened())
    await check(MemoryPositions(meetings), meetings)


@pytest.mark.parametrize("check", CHECKS, ids=sentence)
async def test_in_the_database(check: Check, database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        meetings = SqlMeetings(connection)
        await meetings.add(convened())
        await check(SqlPositions(connection), meetings)
