"""A screen is shared: it comes to the front for the others, and goes when it ends."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.house import House, founded_house
from tests.journeys.sitting import gathered, opened

from .pages import visitor

COUNTED = """element => {
    element.interruptions = 0;
    element.addEventListener('emptied', () => element.interruptions += 1);
}"""
PLAYED = "video => video.videoWidth > 0 && video.getVideoPlaybackQuality().totalVideoFrames > 5"

HEARD = "voice => !voice.paused && voice.readyState === HTMLMediaElement.HAVE_ENOUGH_DATA"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A ministry."""
    async with founded_house(tmp_path, "") as house:
        yield house


async def test_a_screen_that_is_shared_is_seen_by_the_others_until_it_ends(chromium: Browser, house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await opened(sitting)
        chair = await stack.enter_async_context(visitor(chromium, house.page))
        member = await stack.enter_async_context(visitor(chromium, house.page, "phone"))
        await chair.enter_as(house, "bo-truong")
        await member.sign_in("thu-truong-2")  # Chromium plays a voice to whom it has seen type or click.
        for person in (chair, member):
            await person.page.goto(f"{house.page}/meetings/{sitting.meeting}/room")
        # The floor decides who may show a screen.
        await expect(member.page.get_by_role("button", name="Chia sẻ màn hình")).to_have_count(0)
        await chair.page.get_by_role("button", name="Chia sẻ màn hình").click()

        await expect(member.page.get_by_role("tab", name="Màn hình chia sẻ")).to_have_attribute("aria-selected", "true")
        screen = member.page.locator("video.shared-screen__picture")
        await member.page.wait_for_function(PLAYED, arg=await screen.element_handle())
        assert await member.violations() == []
        assert not await member.scrolls_sideways()
        # What else happens in the call interrupts neither picture nor voice,
        await chair.page.get_by_role("button", name="Micrô đang tắt").click()
        voice = member.page.locator("audio:not([data-person$=':screen'])")
        face = member.page.locator("video.face__video:not(.face__video--mine)")
        await expect(voice).to_have_count(1)
        await expect(face).to_have_count(1)
        for element in (screen, voice):
            await element.evaluate(COUNTED)
        await chair.page.get_by_role("button", name="Hình đang bật").click()
        await expect(face).to_have_count(0)
        assert [await element.evaluate("element => element.interruptions") for element in (screen, voice)] == [0, 0]
        # a voice that the browser stops playing is taken up again,
        await voice.evaluate("element => element.pause()")
        await member.page.wait_for_function(HEARD, arg=await voice.element_handle())
        # and nothing calls back who has gone on to read a paper.
        paper = member.page.get_by_role("tab", name="Dự thảo Nghị định")
        await paper.click()
        await chair.page.get_by_role("button", name="Hình đang tắt").click()
        await expect(face).to_have_count(1)
        await expect(paper).to_have_attribute("aria-selected", "true")
        # One's own screen would show itself without end.
        await expect(chair.page.get_by_role("tab", name="Màn hình chia sẻ")).to_have_count(0)

        await chair.page.get_by_role("button", name="Ngừng chia sẻ").click()
        await expect(member.page.get_by_role("tab", name="Màn hình chia sẻ")).to_have_count(0)
        await expect(chair.page.get_by_role("button", name="Chia sẻ màn hình")).to_be_visible()
        assert member.faults == chair.faults == []
