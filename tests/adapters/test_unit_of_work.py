"""Facts, record and news: together or not at all."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import func, select, text

from ecabinet.adapters import outbox
from ecabinet.adapters.bus import Bus
from ecabinet.adapters.clock import SystemRandom
from ecabinet.adapters.database import Database, NotDurable
from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.identity.model import Account, UsernameTaken
from ecabinet.identity.sql import SqlAccounts, accounts
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.ledger.sql import SqlLedger, entries
from tests.fakes.kernel import NOON

MEETING = MeetingId("phien-hop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Event):
    type: ClassVar[str] = "bell.rung"
    times: int


async def project(event: Event, connection: object) -> outbox.Changes:
    assert isinstance(event, Rung)
    if event.times < 0:
        raise ZeroDivisionError
    return {"bells": {"one": {"id": "one", "times": event.times}}}


def unit_of_work(database: Database) -> UnitOfWork:
    return UnitOfWork(database, SqlLedger(SystemRandom()), {Rung: project}, Bus())


def ring(times: int) -> Rung:
    return Rung(at=NOON, meeting=MEETING, times=times)


async def counted(database: Database) -> tuple[int, int, int]:
    async with database.reading() as connection:
        tables = (accounts, entries, outbox.messages)
        found = [(await connection.execute(select(func.count()).select_from(table))).scalar_one() for table in tables]
    return found[0], found[1], found[2]


def account(name: str) -> Account:
    return Account(PersonId(name), name, name, "hash")


async def test_an_act_keeps_the_fact_its_entry_and_its_news(database: Database) -> None:
    uow = unit_of_work(database)

    async def work(act: Act) -> list[int]:
        await SqlAccounts(act.connection).add(account("anh"))
        return [await act.record(ring(1)), await act.record(ring(2))]

    with uow.bus.listening(MEETING) as bell:
        assert await uow.run(work) == [1, 2]
        assert await bell.heard() == {MEETING}
    assert await counted(database) == (1, 2, 2)
    async with database.reading() as connection:
        news = await outbox.since(connection, MEETING, 0, 10)
    assert [(message.seq, message.type) for message in news] == [(1, "bell.rung"), (2, "bell.rung")]
    assert news[1].body == {"bells": {"one": {"id": "one", "times": 2}}}


@pytest.mark.parametrize("where", ["in the service", "in the projector", "in a constraint"])
async def test_an_act_that_fails_keeps_nothing_and_takes_no_number(database: Database, where: str) -> None:
    uow = unit_of_work(database)
    await uow.run(lambda act: SqlAccounts(act.connection).add(account("anh")))

    async def work(act: Act) -> None:
        await SqlAccounts(act.connection).add(account("binh"))
        await act.record(ring(-1 if where == "in the projector" else 1))
        if where == "in the service":
            raise ZeroDivisionError
        if where == "in a constraint":
            await SqlAccounts(act.connection).add(account("anh"))

    with pytest.raises((ZeroDivisionError, UsernameTaken)):
        await uow.run(work)
    assert await counted(database) == (1, 0, 0)
    assert await uow.run(lambda act: act.record(ring(1))) == 1


async def test_acts_at_the_same_time_get_numbers_without_gaps(database: Database) -> None:
    uow = unit_of_work(database)
    numbers: list[int] = []

    async def one(times: int) -> None:
        numbers.append(await uow.run(lambda act: act.record(ring(times))))

    async with asyncio.TaskGroup() as tasks:
        for times in range(40):
            tasks.create_task(one(times))
    assert sorted(numbers) == list(range(1, 41))
    async with database.reading() as connection:
        news = await outbox.since(connection, MEETING, 0, 100)
    assert [message.seq for message in news] == list(range(1, 41))


async def test_the_entry_order_is_the_news_order(database: Database) -> None:
    """A meeting's messages are numbered as its ledger entries are, so that neither tells another story."""
    uow = unit_of_work(database)
    told: dict[int, int] = {}

    async def one(times: int) -> None:
        told[times] = await uow.run(lambda act: act.record(ring(times)))

    async with asyncio.TaskGroup() as tasks:
        for times in range(20):
            tasks.create_task(one(times))
    async with database.reading() as connection:
        news = await outbox.since(connection, MEETING, 0, 100)
    by_news = [message.body["bells"]["one"]["times"] for message in news]
    assert by_news == sorted(told, key=lambda times: told[times])


async def test_a_database_that_forgets_stops_the_start(database: Database) -> None:
    await database.require_durability()
    weaken = "PRAGMA synchronous=OFF" if database.is_sqlite else "SET synchronous_commit = off"
    async with database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute(weaken)
        with pytest.raises(NotDurable):
            await database.require_durability(connection)


async def test_sqlite_and_postgresql_refuse_to_change_the_record(database: Database) -> None:
    uow = unit_of_work(database)
    await uow.run(lambda act: act.record(ring(1)))
    for statement in ("UPDATE ledger_entry SET type = 'x'", "DELETE FROM ledger_entry"):
        with pytest.raises(Exception, match="the record never changes"):
            async with database.writing() as connection:
                await connection.execute(text(statement))
