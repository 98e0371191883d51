"""The record on each database: numbers without gaps, whoever comes and whatever is rolled back; rows that stay."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ecabinet.adapters.bus import Bus
from ecabinet.adapters.clock import SystemRandom
from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.ledger.merkle import Frontier
from ecabinet.ledger.model import Checkpoint
from ecabinet.ledger.rules import is_opened, leaf
from ecabinet.ledger.sql import SqlLedger, SqlRecords

AT = datetime(2026, 11, 25, 1, 3, 22, 120_999, tzinfo=UTC)
ONE, OTHER = MeetingId("m" * 26), MeetingId("n" * 26)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    type: ClassVar[str] = "test.said"
    words: str


def said(words: str, meeting: MeetingId | None = None) -> Said:
    return Said(at=AT, actor=PersonId("p" * 26), meeting=meeting, words=words)


async def nothing_seen(event: Event, connection: object) -> dict[str, dict[str, object]]:
    return {}


@pytest.fixture
def uow(database: Database) -> UnitOfWork:
    return UnitOfWork(database, SqlLedger(SystemRandom()), {Said: nothing_seen}, Bus())


async def record(uow: UnitOfWork, *events: Event) -> list[int]:
    async def work(act: Act) -> list[int]:
        return [await act.record(event) for event in events]

    return await uow.run(work)


async def test_numbers_begin_at_one_and_have_no_gaps(uow: UnitOfWork) -> None:
    assert await record(uow, said("a"), said("b")) == [1, 2]
    assert await record(uow, said("c")) == [3]


async def test_an_act_that_fails_leaves_neither_entry_nor_gap(uow: UnitOfWork) -> None:
    async def fails(act: Act) -> None:
        await act.record(said("never"))
        raise RuntimeError("after recording")

    await record(uow, said("first"))
    with pytest.raises(RuntimeError):
        await uow.run(fails)
    assert await record(uow, said("second")) == [2]
    async with uow.reading() as act:
        kept = [entry async for entry in SqlRecords(act.connection).entries(0)]
    assert [entry.disclosure and entry.disclosure.payload for entry in kept] == [
        {"words": "first"},
        {"words": "second"},
    ]


async def test_many_at_once_get_different_numbers_and_each_meeting_is_one_chain(uow: UnitOfWork) -> None:
    numbers: list[int] = []

    async def one(words: int) -> None:
        numbers.extend(await record(uow, said(str(words), (ONE, OTHER, None)[words % 3])))

    async with asyncio.TaskGroup() as group:
        for words in range(30):
            group.create_task(one(words))
    assert sorted(numbers) == list(range(1, 31))
    async with uow.reading() as act:
        records = SqlRecords(act.connection)
        for meeting in (ONE, OTHER):
            entries = await records.of(meeting)
            assert [entry.previous for entry in entries] == [None, *[entry.number for entry in entries[:-1]]]


async def test_what_was_recorded_comes_back_whole(uow: UnitOfWork) -> None:
    await record(uow, said("Biên bản: đồng ý \x00 ✓", ONE))
    async with uow.reading() as act:
        records = SqlRecords(act.connection)
        entry = await records.entry(1)
        assert entry is not None
        assert (entry.at, entry.type, entry.actor, entry.meeting) == (AT, "test.said", "p" * 26, ONE)
        assert entry.disclosure is not None
        assert entry.disclosure.payload == {"words": "Biên bản: đồng ý \x00 ✓"}
        assert is_opened(entry)
        assert await records.stored_leaf(1) == leaf(entry)
        assert await records.entry(2) is None


async def test_the_head_is_the_frontier_of_the_leaves(uow: UnitOfWork) -> None:
    await record(uow, *(said(str(number)) for number in range(11)))
    async with uow.reading() as act:
        records = SqlRecords(act.connection)
        entries = [entry async for entry in records.entries(0)]
        assert await records.head() == Frontier().extend(leaf(entry) for entry in entries)
        assert await records.leaves(11) == [leaf(entry) for entry in entries]
        assert await records.leaves(4) == [leaf(entry) for entry in entries[:4]]


async def test_an_empty_log_has_an_empty_head(uow: UnitOfWork) -> None:
    async with uow.reading() as act:
        assert await SqlRecords(act.connection).head() == Frontier()
    assert await uow.run(lambda act: SqlRecords(act.connection).lock()) == Frontier()


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET type = 'x'", "DELETE FROM ledger_entry"])
async def test_the_database_refuses_to_change_an_entry(uow: UnitOfWork, statement: str) -> None:
    await record(uow, said("kept"))
    with pytest.raises(DBAPIError, match="never changes"):
        await uow.run(lambda act: act.connection.execute(text(statement)))
    async with uow.reading() as act:
        assert [entry.type async for entry in SqlRecords(act.connection).entries(0)] == ["test.said"]


async def test_a_checkpoint_comes_back_and_stays(uow: UnitOfWork) -> None:
    await record(uow, said("a"), said("b"), said("c"))

    async def keep(act: Act) -> Checkpoint:
        records = SqlRecords(act.connection)
        frontier = await records.lock()
        signed = Checkpoint(frontier.size, frontier.root(), AT, "note\n")
        await records.add_checkpoint(signed, frontier)
        return signed

    signed = await uow.run(keep)
    async with uow.reading() as act:
        records = SqlRecords(act.connection)
        assert await records.checkpoint() == (signed, await records.head())
        assert await records.checkpoints() == [signed]
    with pytest.raises(DBAPIError, match="never changes"):
        await uow.run(lambda act: act.connection.execute(text("UPDATE checkpoint SET note = 'x'")))


async def test_what_an_entry_discloses_can_be_erased_and_the_tree_stays(uow: UnitOfWork) -> None:
    await record(uow, said("private"), said("public"))

    async def erase(act: Act) -> None:
        await SqlRecords(act.connection).erase(1)
        await SqlRecords(act.connection).erase(1)

    async with uow.reading() as act:
        before = await SqlRecords(act.connection).entry(1)
    await uow.run(erase)
    async with uow.reading() as act:
        records = SqlRecords(act.connection)
        after = await records.entry(1)
        assert before is not None
        assert after is not None
        assert after.disclosure is None
        assert leaf(after) == leaf(before)
        assert (await records.head()).size == 2
