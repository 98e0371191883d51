"""The log signs itself as it grows, and its door shows it, on a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
from aiohttp.test_utils import make_mocked_request
from sqlalchemy import text

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, Reply
from ecabinet.kernel.access import Action, Role, Standing
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.ledger.http import LedgerHttp
from ecabinet.ledger.jobs import Checkpointing
from ecabinet.ledger.model import RecordBroken
from ecabinet.ledger.service import Ledger
from ecabinet.ledger.sql import SqlRecords
from tests.fakes.kernel import NOON, SetClock
from tests.fakes.ledger import KnownNames, SeededSigner
from tests.ledger.logs import opened_log, record

MEETING, SOMEONE = MeetingId("m" * 26), PersonId("p" * 26)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    type: ClassVar[str] = "item.noted"


NOTED = Noted(at=NOON, actor=SOMEONE, meeting=MEETING)


@pytest.fixture
async def uow(database_url: str) -> AsyncIterator[UnitOfWork]:
    async with opened_log(database_url, Noted) as opened:
        yield opened


def ledger(act: Act) -> Ledger:
    return Ledger(SqlRecords(act.connection), KnownNames({SOMEONE: "Bà P"}), SeededSigner(), SetClock(NOON))


async def signed_sizes(uow: UnitOfWork) -> list[int]:
    async with uow.reading() as act:
        return [checkpoint.size for checkpoint in await SqlRecords(act.connection).checkpoints()]


async def test_it_signs_when_there_is_something_new(uow: UnitOfWork) -> None:
    job = Checkpointing(uow, ledger)
    await job.sign_if_grown()
    assert await signed_sizes(uow) == []
    await record(uow, NOTED, NOTED)
    await job.sign_if_grown()
    await job.sign_if_grown()
    await record(uow, NOTED)
    await job.sign_if_grown()
    assert await signed_sizes(uow) == [2, 3]
    async with uow.reading() as act:
        assert await ledger(act).audit() == 3


async def test_it_signs_nothing_over_a_payload_that_was_exchanged(uow: UnitOfWork) -> None:
    await record(uow, NOTED)
    async with uow.database.writing() as connection:
        await connection.execute(text("UPDATE ledger_payload SET payload = '[]'"))
    with pytest.raises(RecordBroken):
        await Checkpointing(uow, ledger).sign_if_grown()
    assert await signed_sizes(uow) == []


@pytest.mark.parametrize(("role", "payload"), [(Role.SECRETARY, {}), (Role.MEMBER, None)])
async def test_the_door_shows_the_record_as_the_role_allows(
    uow: UnitOfWork, role: Role, payload: dict[str, object] | None
) -> None:
    await record(uow, NOTED)
    route = LedgerHttp(uow, ledger).routes()[0]
    assert (route.path, route.needs) == ("/api/meetings/{m}/record", Action.EXPORT_RECORD)
    request = make_mocked_request("GET", "/", match_info={"m": MEETING})
    standing = Standing(SOMEONE, frozenset({Role.ACCOUNT, role}), meeting=MEETING)
    reply = await route.handle(Call(request, standing, None, None))
    assert isinstance(reply, Reply)
    shown = reply.value["entries"][0]
    assert (shown["number"], shown["actor_name"], shown["payload"]) == (1, "Bà P", payload)
