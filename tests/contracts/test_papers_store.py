"""What every keeper of papers must do, the memory fake and both databases alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PaperId
from ecabinet.papers.model import Paper, PaperIsThere
from ecabinet.papers.ports import PaperStore
from ecabinet.papers.sql import SqlPapers
from tests.fakes.gathering import FIRST, MEETING, SECOND, SECRETARY, a_meeting
from tests.fakes.kernel import NOON
from tests.fakes.papers import MemoryPapers
from tests.fakes.standing import put_meeting

PAPER = Paper(PaperId("p1"), MEETING, FIRST, "Tờ trình", "Tờ trình.pdf", 10**9, 12, "d" * 64, NOON, SECRETARY, False, 1)
LATE = replace(PAPER, id=PaperId("p2"), digest="e" * 64, position=2, is_late=True, added_at=NOON + timedelta(hours=1))
OTHER = replace(PAPER, id=PaperId("p0"), item=SECOND)
Check = Callable[[PaperStore], Awaitable[None]]


async def check_a_paper_comes_back_as_it_was(papers: PaperStore) -> None:
    await papers.add(PAPER)
    assert await papers.get(MEETING, PAPER.id) == PAPER


async def check_papers_stand_by_item_and_position(papers: PaperStore) -> None:
    for paper in (LATE, OTHER, PAPER):
        await papers.add(paper)
    assert await papers.of(MEETING) == [PAPER, LATE, OTHER]
    assert await papers.of(MeetingId("another")) == []


async def check_a_paper_of_another_meeting_is_not_found(papers: PaperStore) -> None:
    await papers.add(PAPER)
    for meeting, paper in ((MeetingId("another"), PAPER.id), (MEETING, LATE.id)):
        with pytest.raises(NotFound):
            await papers.get(meeting, paper)


async def check_an_item_has_the_same_bytes_once(papers: PaperStore) -> None:
    await papers.add(PAPER)
    with pytest.raises(PaperIsThere):
        await papers.add(replace(LATE, digest=PAPER.digest))
    await papers.add(OTHER)
    await papers.add(LATE)
    assert len(await papers.of(MEETING)) == 3


async def check_a_removed_paper_is_gone_and_may_come_again(papers: PaperStore) -> None:
    await papers.add(PAPER)
    await papers.remove(PAPER.id)
    assert await papers.of(MEETING) == []
    await papers.add(replace(PAPER, id=PaperId("again")))


async def check_late_papers_are_counted_by_meeting(papers: PaperStore) -> None:
    await papers.add(PAPER)
    assert await papers.late(frozenset({MEETING})) == {}
    await papers.add(LATE)
    assert await papers.late(frozenset({MEETING, MeetingId("another")})) == {MEETING: 1}
    assert await papers.late(frozenset()) == {}


async def check_only_a_meeting_that_is_there_can_be_locked(papers: PaperStore) -> None:
    await papers.lock(MEETING)
    with pytest.raises(NotFound):
        await papers.lock(MeetingId("another"))


CONTRACT = [
    check_a_paper_comes_back_as_it_was,
    check_papers_stand_by_item_and_position,
    check_a_paper_of_another_meeting_is_not_found,
    check_an_item_has_the_same_bytes_once,
    check_a_removed_paper_is_gone_and_may_come_again,
    check_late_papers_are_counted_by_meeting,
    check_only_a_meeting_that_is_there_can_be_locked,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_papers_in_memory(check: Check) -> None:
    await check(MemoryPapers(frozenset({MEETING})))


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_papers_in_a_database(check: Check, database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_meeting())
        await check(SqlPapers(connection))


async def test_the_same_bytes_sent_twice_at_once_hang_once(database: Database) -> None:
    async with database.writing() as connection:
        await put_meeting(connection, a_meeting())
    outcomes: list[str] = []

    async def add(paper: Paper) -> None:
        try:
            async with database.writing() as connection:
                await SqlPapers(connection).add(paper)
            outcomes.append("kept")
        except PaperIsThere:
            outcomes.append("there")

    async with asyncio.TaskGroup() as tasks:
        for number in range(4):
            tasks.create_task(add(replace(PAPER, id=PaperId(f"p{number}"), position=number)))
    assert sorted(outcomes) == ["kept", "there", "there", "there"]
