"""The page itself when the relay under its call dies, or gets stuck and wakes up: everybody is back at the other."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from time import monotonic

import pytest
from playwright.async_api import Browser, Page

from tests.journeys.house import House
from tests.journeys.sitting import Sitting, gathered, opened
from tests.journeys.test_relays import both_up, holders, house_of_two, pid_of
from tests.relay.running import until

from .pages import Visitor, visitor
from .test_journey import KEEP_CONNECTIONS, join, sees_and_hears

pytestmark = [pytest.mark.slow, pytest.mark.browser]

BACK_LIMIT_S = 5.0
NOTE_CONNECTIONS = "() => { window.__before = window.__connections.length; }"
HEARS_ANEW = """async others => {
  let pictures = 0, sounds = 0;
  for (const connection of window.__connections.slice(window.__before)) {
    for (const stat of (await connection.getStats()).values()) {
      if (stat.type !== 'inbound-rtp') continue;
      if (stat.kind === 'video') pictures += stat.framesDecoded > 3;
      else sounds += stat.totalAudioEnergy > 0;
    }
  }
  return pictures >= others && sounds >= others;
}"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A ministry with two relays."""
    async with house_of_two(tmp_path) as house:
        yield house


async def in_the_call(chromium: Browser, sitting: Sitting, stack: AsyncExitStack) -> list[Visitor]:
    """Chair and two members in the room of the meeting, each seeing and hearing the others."""
    found = []
    for username in ("bo-truong", "thu-truong-2", "thu-truong-3"):
        person = await stack.enter_async_context(visitor(chromium, sitting.house.page))
        await person.page.add_init_script(KEEP_CONNECTIONS)
        await person.enter_as(sitting.house, username)
        await join(person, sitting.meeting)
        found.append(person)
    for person in found:
        await sees_and_hears(person.page, others=2)
        await person.page.evaluate(NOTE_CONNECTIONS)
    return found


async def back(pages: list[Page]) -> None:
    """Every page sees and hears all others over a new connection."""

    async def has_all(page: Page) -> bool:
        return bool(await page.evaluate(HEARS_ANEW, len(pages) - 1))

    async with asyncio.TaskGroup() as tasks:
        for page in pages:
            tasks.create_task(until(partial(has_all, page), 60))


async def test_a_page_sees_and_hears_again_after_its_relay_was_killed(chromium: Browser, house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack, by_the_floor=False)
        await opened(sitting)
        people = await in_the_call(chromium, sitting, stack)
        ticket = await sitting.chair.call("POST", sitting.at("/media/ticket"))
        os.kill(pid_of(house, ticket["url"]), signal.SIGKILL)
        killed_at = monotonic()
        await back([each.page for each in people])
        back_s = monotonic() - killed_at
        print(f"all pages see and hear all others again after {back_s:.2f} s")
        assert back_s < BACK_LIMIT_S
        await both_up(house)
        assert len(await holders(house, sitting.meeting)) == 1
        assert [each.faults for each in people] == [[], [], []]


async def test_pages_on_a_relay_that_was_stuck_follow_the_meeting_to_the_other(chromium: Browser, house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack, by_the_floor=False)
        await opened(sitting)
        people = await in_the_call(chromium, sitting, stack)
        was = (await sitting.chair.call("POST", sitting.at("/media/ticket")))["url"]
        os.kill(pid_of(house, was), signal.SIGSTOP)
        try:

            async def is_elsewhere() -> bool:
                answer = await sitting.people[-1].session.post(sitting.at("/media/ticket"), headers={"X-Req": "1"})
                return answer.status == 200 and (await answer.json())["url"] != was

            await until(is_elsewhere, 30)
        finally:
            os.kill(pid_of(house, was), signal.SIGCONT)
        woken_at = monotonic()
        await back([each.page for each in people])
        print(f"all pages are together {monotonic() - woken_at:.2f} s after the relay woke up")
        assert len(await holders(house, sitting.meeting)) == 1
