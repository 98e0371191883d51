"""Who is woken by what."""

import asyncio

import pytest

from ecabinet.adapters.bus import Bus
from ecabinet.kernel.ids import MeetingId

ONE, OTHER = MeetingId("one"), MeetingId("other")


async def test_a_bell_rings_for_its_meeting_and_remembers_until_it_is_heard() -> None:
    bus = Bus()
    with bus.listening(ONE) as one, bus.listening(None) as every:
        bus.wake(OTHER)
        bus.wake(ONE)
        assert await every.heard() == {ONE, OTHER}
        assert await one.heard() == {ONE}


async def test_a_bell_may_be_deaf_to_some_news() -> None:
    bus = Bus()
    with bus.listening(None, frozenset({"ballot.cast"})) as bell:
        bus.wake(ONE, "ballot.cast")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await bell.heard()
        bus.wake(ONE, "floor.given")
        assert await bell.heard() == {ONE}


async def test_whoever_has_stopped_listening_is_forgotten() -> None:
    bus = Bus()
    with bus.listening(ONE):
        pass
    bus.wake(ONE)
    assert bus._bells == {}
