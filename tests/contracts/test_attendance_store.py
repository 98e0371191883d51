"""What every keeper of presences and of recusals must do, the memory fake and both databases alike."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.attendance.model import Mark, Presence, Recusal
from ecabinet.attendance.ports import Presences, Recusals
from ecabinet.attendance.sql import SqlPresences, SqlRecusals
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId
from ecabinet.meetings import rules, seating
from ecabinet.meetings.ports import MeetingStore
from ecabinet.meetings.sql import SqlMeetings
from tests.contracts.test_meetings_store import elsewhere, furnish, sentence
from tests.fakes.attendance import MemoryPresences, MemoryRecusals
from tests.fakes.kernel import NOON
from tests.fakes.meetings import GUEST, HEAD, MEMBERS, OFFICER, MemoryMeetings
from tests.meetings.stages import BY, ITEMS, MEETING, convened

AN, BINH = MEMBERS[:2]
Check = Callable[[Presences, MeetingStore], Awaitable[None]]
CALLED = Presence(MEETING, AN, is_connected=True, seen_at=NOON, mark=Mark.EXCUSED, reason="Ốm", since=NOON)


async def check_what_is_kept_comes_back_and_replaces_what_was(presences: Presences, meetings: MeetingStore) -> None:
    assert await presences.get(MEETING, AN) == Presence(MEETING, AN)
    for kept in (CALLED, Presence(MEETING, AN, since=NOON)):
        await presences.put(kept)
        assert await presences.get(MEETING, AN) == kept
        assert await presences.of(MEETING) == {AN: kept}


async def check_presences_are_of_their_meeting(presences: Presences, meetings: MeetingStore) -> None:
    other = elsewhere(1, timedelta())
    await meetings.add(other)
    await presences.put(CALLED)
    assert await presences.of(other.id) == {}
    assert await presences.get(other.id, AN) == Presence(other.id, AN)


async def check_only_participants_are_kept(presences: Presences, meetings: MeetingStore) -> None:
    with pytest.raises(NotFound):
        await presences.put(Presence(MEETING, GUEST, is_connected=True, seen_at=NOON))
    assert await presences.of(MEETING) == {}


async def check_who_leaves_the_list_leaves_here_too(presences: Presences, meetings: MeetingStore) -> None:
    await presences.put(Presence(MEETING, OFFICER, is_connected=True, seen_at=NOON))
    await presences.put(CALLED)
    before = await meetings.get(MEETING)
    await meetings.save(before, seating.remove_participant(before, OFFICER, BY).meeting)
    assert await presences.of(MEETING) == {AN: CALLED}


async def check_those_left_connected_are_found_by_their_last_sign_of_life(
    presences: Presences, meetings: MeetingStore
) -> None:
    left = Presence(MEETING, HEAD, is_connected=True, seen_at=NOON)
    back = Presence(MEETING, AN, is_connected=True, seen_at=NOON + timedelta(seconds=1))
    gone = Presence(MEETING, BINH, is_connected=False, seen_at=NOON)
    for each in (left, back, gone):
        await presences.put(each)
    assert await presences.left_connected(NOON) == []
    assert await presences.left_connected(NOON + timedelta(seconds=1)) == [left]
    assert await presences.left_connected(NOON + timedelta(seconds=2)) == [left, back]


CHECKS: tuple[Check, ...] = (
    check_what_is_kept_comes_back_and_replaces_what_was,
    check_presences_are_of_their_meeting,
    check_only_participants_are_kept,
    check_who_leaves_the_list_leaves_here_too,
    check_those_left_connected_are_found_by_their_last_sign_of_life,
)


@pytest.mark.parametrize("check", CHECKS, ids=sentence)
async def test_in_memory(check: Check) -> None:
    meetings = MemoryMeetings()
    await meetings.add(convened())
    await check(MemoryPresences(meetings), meetings)


@pytest.mark.parametrize("check", CHECKS, ids=sentence)
async def test_in_the_database(check: Check, database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        meetings = SqlMeetings(connection)
        await meetings.add(convened())
        await check(SqlPresences(connection), meetings)


# --- recusals ---

CheckRecusals = Callable[[Recusals, MeetingStore], Awaitable[None]]
WITHDRAWN = Recusal(MEETING, ITEMS[0], AN, "Con gái là giám đốc đơn vị", NOON, HEAD)


async def check_a_recusal_comes_back_and_goes(recusals: Recusals, meetings: MeetingStore) -> None:
    other = Recusal(MEETING, ITEMS[1], AN, "Cổ đông", NOON, AN)
    for each in (WITHDRAWN, other):
        await recusals.put(each)
    assert await recusals.of(MEETING) == [WITHDRAWN, other]
    await recusals.remove(ITEMS[1], AN)
    await recusals.remove(ITEMS[1], AN)
    assert await recusals.of(MEETING) == [WITHDRAWN]


async def check_one_recusal_a_person_and_item(recusals: Recusals, meetings: MeetingStore) -> None:
    later = Recusal(MEETING, ITEMS[0], AN, "Lý do khác", NOON, AN)
    for each in (WITHDRAWN, later):
        await recusals.put(each)
    assert await recusals.of(MEETING) == [later]


async def check_only_participants_withdraw_and_only_from_items(recusals: Recusals, meetings: MeetingStore) -> None:
    nowhere = Recusal(MEETING, ItemId("nowhere"), AN, "Lý do", NOON, AN)
    for wrong in (Recusal(MEETING, ITEMS[0], GUEST, "Lý do", NOON, HEAD), nowhere):
        with pytest.raises(NotFound):
            await recusals.put(wrong)
    assert await recusals.of(MEETING) == []


async def check_recusals_are_of_their_meeting(recusals: Recusals, meetings: MeetingStore) -> None:
    other = elsewhere(1, timedelta())
    await meetings.add(other)
    await recusals.put(WITHDRAWN)
    assert await recusals.of(other.id) == []


async def check_a_recusal_ends_with_its_item_and_with_the_place(recusals: Recusals, meetings: MeetingStore) -> None:
    await recusals.put(WITHDRAWN)
    await recusals.put(Recusal(MEETING, ITEMS[1], OFFICER, "Lý do", NOON, HEAD))
    before = await meetings.get(MEETING)
    await meetings.save(before, seating.remove_participant(before, OFFICER, BY).meeting)
    assert await recusals.of(MEETING) == [WITHDRAWN]
    before = await meetings.get(MEETING)
    await meetings.save(before, rules.remove_item(before, ITEMS[0], BY).meeting)
    assert await recusals.of(MEETING) == []


CHECKS_OF_RECUSALS: tuple[CheckRecusals, ...] = (
    check_a_recusal_comes_back_and_goes,
    check_one_recusal_a_person_and_item,
    check_only_participants_withdraw_and_only_from_items,
    check_recusals_are_of_their_meeting,
    check_a_recusal_ends_with_its_item_and_with_the_place,
)


@pytest.mark.parametrize("check", CHECKS_OF_RECUSALS, ids=sentence)
async def test_recusals_in_memory(check: CheckRecusals) -> None:
    meetings = MemoryMeetings()
    await meetings.add(convened())
    await check(MemoryRecusals(meetings), meetings)


@pytest.mark.parametrize("check", CHECKS_OF_RECUSALS, ids=sentence)
async def test_recusals_in_the_database(check: CheckRecusals, database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        meetings = SqlMeetings(connection)
        await meetings.add(convened())
        await check(SqlRecusals(connection), meetings)
