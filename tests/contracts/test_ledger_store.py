"""The record in memory and on each database: the same answers, and on a database numbers without gaps, whoever comes
and whatever is rolled back, in rows that stay."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.ledger.merkle import Frontier
from ecabinet.ledger.model import Checkpoint
from ecabinet.ledger.ports import Records
from ecabinet.ledger.rules import is_whole, leaf_of
from ecabinet.ledger.sql import SqlRecords
from tests.fakes.ledger import MemoryRecords
from tests.ledger.logs import opened_log, record

AT = datetime(2026, 11, 25, 1, 3, 22, 120_999, tzinfo=UTC)
ONE, OTHER = MeetingId("m" * 26), MeetingId("n" * 26)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    type: ClassVar[str] = "test.said"
    words: str


def said(words: str, meeting: MeetingId | None = None) -> Said:
    return Said(at=AT, actor=PersonId("p" * 26), meeting=meeting, words=words)


Check = Callable[["Log"], Awaitable[None]]


class Log(Protocol):
    """What the suite needs of each kind of log."""

    async def record(self, *events: Event) -> list[int]: ...

    def reading(self) -> Any: ...

    def writing(self) -> Any: ...


@dataclass
class MemoryLog:
    records: MemoryRecords = field(default_factory=MemoryRecords)

    async def record(self, *events: Event) -> list[int]:
        return [self.records.append(event) for event in events]

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Records]:
        yield self.records

    writing = reading


@dataclass
class SqlLog:
    uow: UnitOfWork

    async def record(self, *events: Event) -> list[int]:
        return await record(self.uow, *events)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Records]:
        async with self.uow.reading() as act:
            yield SqlRecords(act.connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Records]:
        async with self.uow.database.writing() as connection:
            yield SqlRecords(connection)


@pytest.fixture
async def uow(database_url: str) -> AsyncIterator[UnitOfWork]:
    async with opened_log(database_url, Said) as opened:
        yield opened


async def check_numbers_begin_at_one_and_have_no_gaps(log: Log) -> None:
    assert await log.record(said("a"), said("b")) == [1, 2]
    assert await log.record(said("c")) == [3]


async def check_what_was_recorded_comes_back_whole(log: Log) -> None:
    await log.record(said("Biên bản: đồng ý \x00 ✓", ONE))
    async with log.reading() as records:
        entry = await records.entry(1)
        assert (entry.at, entry.type, entry.actor, entry.meeting) == (AT, "test.said", "p" * 26, ONE)
        assert entry.disclosure.payload == {"words": "Biên bản: đồng ý \x00 ✓"}
        assert is_whole(entry)
        assert await records.entry(0) is None
        assert await records.entry(2) is None


async def check_the_head_is_the_frontier_of_the_leaves(log: Log) -> None:
    await log.record(*(said(str(number)) for number in range(11)))
    async with log.reading() as records:
        entries = [entry async for entry in records.entries(0, 11)]
        assert await records.head() == Frontier().extend(leaf_of(entry) for entry in entries)
        assert await records.leaves(0, 11) == [leaf_of(entry) for entry in entries]
        assert await records.leaves(2, 4) == [leaf_of(entry) for entry in entries[2:4]]
        assert [entry.number async for entry in records.entries(3, 6)] == [4, 5, 6]


async def check_an_empty_log_has_an_empty_head(log: Log) -> None:
    async with log.reading() as records:
        assert await records.head() == Frontier()
        assert await records.checkpoint() is None
    async with log.writing() as records:
        assert await records.lock() == Frontier()


async def check_a_meetings_entries_are_its_own_and_each_names_the_one_before(log: Log) -> None:
    await log.record(said("a", ONE), said("b", OTHER), said("c"), said("d", ONE), said("e", ONE))
    async with log.reading() as records:
        assert [(entry.number, entry.previous) for entry in await records.of(ONE)] == [(1, None), (4, 1), (5, 4)]
        assert [(entry.number, entry.previous) for entry in await records.of(OTHER)] == [(2, None)]
        outside = await records.entry(3)
        assert outside.previous is None


async def check_a_checkpoint_comes_back(log: Log) -> None:
    await log.record(said("a"), said("b"), said("c"))
    async with log.writing() as records:
        frontier = await records.lock()
        signed = Checkpoint(frontier.size, frontier.root(), AT, "note\n")
        await records.add_checkpoint(signed, frontier)
    async with log.reading() as records:
        assert await records.checkpoint() == (signed, await records.head())
        assert await records.checkpoints() == [signed]


async def check_what_an_entry_discloses_can_be_erased_and_the_tree_stays(log: Log) -> None:
    await log.record(said("private"), said("public"))
    async with log.writing() as records:
        before = await records.entry(1)
        await records.erase(1)
        await records.erase(1)
    async with log.reading() as records:
        after = await records.entry(1)
        assert after.disclosure is None
        assert leaf_of(after) == before.leaf == after.leaf
        assert (await records.head()).size == 2


CONTRACT = [
    check_numbers_begin_at_one_and_have_no_gaps,
    check_what_was_recorded_comes_back_whole,
    check_the_head_is_the_frontier_of_the_leaves,
    check_an_empty_log_has_an_empty_head,
    check_a_meetings_entries_are_its_own_and_each_names_the_one_before,
    check_a_checkpoint_comes_back,
    check_what_an_entry_discloses_can_be_erased_and_the_tree_stays,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_the_record_in_memory(check: Check) -> None:
    await check(MemoryLog())


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_the_record_in_a_database(check: Check, uow: UnitOfWork) -> None:
    await check(SqlLog(uow))


# --- what only a database can do ---


async def test_an_act_that_fails_leaves_neither_entry_nor_gap(uow: UnitOfWork) -> None:
    async def fails(act: Act) -> None:
        await act.record(said("never"))
        raise RuntimeError("after recording")

    log = SqlLog(uow)
    await log.record(said("first"))
    with pytest.raises(RuntimeError):
        await uow.run(fails)
    assert await log.record(said("second")) == [2]
    async with log.reading() as records:
        kept = [entry async for entry in records.entries(0, 100)]
    assert [entry.disclosure and entry.disclosure.payload for entry in kept] == [
        {"words": "first"},
        {"words": "second"},
    ]


async def test_many_at_once_get_different_numbers_and_each_meeting_is_one_chain(uow: UnitOfWork) -> None:
    log = SqlLog(uow)
    numbers: list[int] = []

    async def one(words: int) -> None:
        numbers.extend(await log.record(said(str(words), (ONE, OTHER, None)[words % 3])))

    async with asyncio.TaskGroup() as group:
        for words in range(30):
            group.create_task(one(words))
    assert sorted(numbers) == list(range(1, 31))
    async with log.reading() as records:
        for meeting in (ONE, OTHER):
            entries = await records.of(meeting)
            assert [entry.previous for entry in entries] == [None, *[entry.number for entry in entries[:-1]]]


CHANGES = [
    "UPDATE ledger_entry SET type = 'x'",
    "DELETE FROM ledger_entry",
    "UPDATE checkpoint SET note = 'x'",
    "DELETE FROM checkpoint",
]


@pytest.mark.parametrize("statement", CHANGES)
async def test_the_database_refuses_to_change_what_was_recorded(uow: UnitOfWork, statement: str) -> None:
    log = SqlLog(uow)
    await log.record(said("kept"))
    async with log.writing() as records:
        await records.add_checkpoint(Checkpoint(1, b"r" * 32, AT, "note\n"), await records.lock())
    with pytest.raises(DBAPIError, match="never changes"):
        await uow.run(lambda act: act.connection.execute(text(statement)))
    async with log.reading() as records:
        assert [entry.type async for entry in records.entries(0, 100)] == ["test.said"]
        assert [checkpoint.note for checkpoint in await records.checkpoints()] == ["note\n"]
