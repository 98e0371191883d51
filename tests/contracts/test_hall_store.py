"""What every keeper of sheets must do, the memory fake and both databases alike."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ecabinet.adapters.database import Database
from ecabinet.hall.model import Kind, Sheet
from ecabinet.hall.ports import Sheets
from ecabinet.hall.sql import SqlSheets
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId
from ecabinet.voting.sql import SqlQuestions
from tests.fakes.hall import MemorySheets
from tests.voting.furnished import furnish
from tests.voting.halls import AT, MEETING, person, put

ASKED = put("lanh-dao-bo", 7, range(7))
SHEET = Sheet(ASKED.id, MEETING.id, ASKED.item, Kind.HANDS, 1, {person(1): "for"}, person(1), AT)
CONFIRMED = replace(SHEET, second={person(1): "for"}, second_by=person(2), second_at=AT + timedelta(seconds=9))
Check = Callable[[Sheets], Awaitable[None]]


async def check_a_sheet_comes_back_whole(sheets: Sheets) -> None:
    await sheets.lock(MEETING.id)
    assert await sheets.get(MEETING.id, ASKED.id) is None
    assert await sheets.of(MEETING.id) == []
    await sheets.put(SHEET)
    assert await sheets.get(MEETING.id, ASKED.id) == SHEET
    await sheets.put(CONFIRMED)
    assert await sheets.of(MEETING.id) == [CONFIRMED]


async def check_what_was_held_against_it_goes_when_it_is_written_anew(sheets: Sheets) -> None:
    await sheets.put(CONFIRMED)
    again = replace(SHEET, version=2, kind=Kind.COUNT, content={"issued": 7, "votes.for": 3}, entered_by=person(2))
    await sheets.put(again)
    assert await sheets.get(MEETING.id, ASKED.id) == again


async def check_another_meeting_has_none_of_it(sheets: Sheets) -> None:
    await sheets.put(SHEET)
    assert await sheets.get(MeetingId("other"), ASKED.id) is None
    assert await sheets.of(MeetingId("other")) == []
    with pytest.raises(NotFound):
        await sheets.lock(MeetingId("other"))


CONTRACT = [
    check_a_sheet_comes_back_whole,
    check_what_was_held_against_it_goes_when_it_is_written_anew,
    check_another_meeting_has_none_of_it,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_sheets_in_memory(check: Check) -> None:
    await check(MemorySheets(frozenset({MEETING.id})))


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_sheets_in_a_database(check: Check, database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        await SqlQuestions(connection).add(ASKED)
        await check(SqlSheets(connection))


async def test_the_database_keeps_nobody_confirming_himself(database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        await SqlQuestions(connection).add(ASKED)
        with pytest.raises(IntegrityError):
            async with connection.begin_nested():
                await SqlSheets(connection).put(replace(CONFIRMED, second_by=person(1)))
