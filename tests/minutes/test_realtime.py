"""A view moved by the news is the view read afresh."""

from dataclasses import replace

from ecabinet.adapters.database import Database
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import MinutesId
from ecabinet.minutes.compose import compose
from ecabinet.minutes.model import MinutesDrafted, MinutesVersion
from ecabinet.minutes.realtime import MinutesRealtime
from ecabinet.minutes.rules import drafted
from ecabinet.minutes.sql import SqlMinutes
from tests.fakes.gathering import GUEST, MEETING, SECRETARY, a_meeting
from tests.fakes.kernel import NOON
from tests.fakes.standing import put_meeting
from tests.minutes.facts import FACTS

FIRST = MinutesVersion(MinutesId("v1"), MEETING, 1, NOON, SECRETARY, "d" * 64, 98_000, compose(FACTS))
SECOND = replace(FIRST, id=MinutesId("v2"), version=2)


async def test_the_view_before_and_the_message_make_the_view_after(database: Database) -> None:
    realtime = MinutesRealtime(SqlMinutes)
    (collection,) = realtime.collections()
    project = realtime.projectors()[MinutesDrafted]
    assert project is not None
    async with database.writing() as connection:
        await put_meeting(connection, a_meeting())
        await SqlMinutes(connection).add(FIRST)
        view = await collection.load(MEETING, connection)
        await SqlMinutes(connection).add(SECOND)
        view |= (await project(drafted(SECOND), connection))["minutes"]
        assert view == await collection.load(MEETING, connection)
        assert set(view) == {"v1", "v2"}


async def test_guests_are_not_told_of_minutes() -> None:
    (collection,) = MinutesRealtime(SqlMinutes).collections()
    guest = Standing(GUEST, frozenset({Role.ACCOUNT, Role.GUEST}), meeting=MEETING)
    member = Standing(GUEST, frozenset({Role.ACCOUNT, Role.MEMBER}), meeting=MEETING)
    assert not collection.restrict("v1", {}, guest)
    assert collection.restrict("v1", {}, member)
