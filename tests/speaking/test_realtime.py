"""View before + messages = view after, for everything that happens to turns."""

from collections.abc import Awaitable, Callable
from typing import Any

from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.ids import TurnId
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.speaking.realtime import SpeakingRealtime
from ecabinet.speaking.service import Speaking
from ecabinet.speaking.sql import SqlTurns
from tests.fakes.attendance import SetWithdrawn
from tests.fakes.door import Here, a_house
from tests.fakes.gathering import AN, BINH, CHAIR, GUEST, MEETING, a_meeting
from tests.fakes.kernel import CountingIds, SetClock

IDS, CLOCK = CountingIds(), SetClock()
(TURNS,) = SpeakingRealtime().collections()


def speaking(act: Act) -> Speaking:
    return Speaking(act, SqlTurns(act.connection), SqlMeetings(act.connection), SetWithdrawn(), IDS, CLOCK)


async def view(here: Here) -> dict[str, Any]:
    async with here.uow.reading() as act:
        return await TURNS.load(MEETING, act.connection)


async def end_all(act: Act) -> None:
    await speaking(act).end_all(await SqlMeetings(act.connection).get(MEETING))


async def test_a_view_moved_by_messages_is_the_view_afterwards(database: Database) -> None:
    async with a_house(database, a_meeting(), SpeakingRealtime().projectors()) as here:
        moved = await view(here)

        async def check(work: Callable[[Act], Awaitable[Any]], *types: str) -> Any:
            heard = len(await here.told())
            result = await here.uow.run(work)
            news = (await here.told())[heard:]
            for message in news:
                moved.update(message.body["turns"])
            assert tuple(message.type for message in news) == types
            assert moved == await view(here)
            return result

        turn: TurnId = await check(lambda act: speaking(act).ask(MEETING, AN), "floor.asked")
        await check(lambda act: speaking(act).withdraw(MEETING, turn, AN), "floor.withdrawn")
        again: TurnId = await check(lambda act: speaking(act).ask(MEETING, AN), "floor.asked")
        await check(lambda act: speaking(act).give(MEETING, again, 60, CHAIR), "floor.given")
        called: TurnId = await check(
            lambda act: speaking(act).give_to(MEETING, BINH, 60, CHAIR), "floor.ended", "floor.given"
        )
        await check(lambda act: speaking(act).end(MEETING, called, BINH, may_give=False), "floor.ended")
        await check(lambda act: speaking(act).give_to(MEETING, CHAIR, 60, CHAIR), "floor.given")
        await check(lambda act: speaking(act).ask(MEETING, AN), "floor.asked")
        await check(end_all, "floor.ended", "floor.withdrawn")
        assert {entry["status"] for entry in moved.values()} == {"done", "withdrawn"}


async def test_a_guest_does_not_see_who_speaks_to_an_item_that_is_not_the_guests(database: Database) -> None:
    async with a_house(database, a_meeting(), SpeakingRealtime().projectors()) as here:
        await here.uow.run(lambda act: speaking(act).ask(MEETING, AN))
        ((key, entry),) = (await view(here)).items()
        assert TURNS.restrict(key, entry, await here.standing_of(AN))
        assert not TURNS.restrict(key, entry, await here.standing_of(GUEST))
