"""The room is asked without names, in the browser: what it is said to be, an answer on a phone, the sums for all."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.house import House, founded_house
from tests.journeys.sitting import gathered, opened

from .pages import visitor

QUESTION = "Phiên sau nên họp buổi sáng?"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A ministry."""
    async with founded_house(tmp_path, "") as house:
        yield house


async def test_a_straw_poll_from_the_question_to_the_sums(chromium: Browser, house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await opened(sitting)
        chair = await stack.enter_async_context(visitor(chromium, house.page))
        member = await stack.enter_async_context(visitor(chromium, house.page, "phone"))
        for person, username in ((chair, "bo-truong"), (member, "thu-truong-2")):
            await person.enter_as(house, username)
            await person.page.goto(f"{house.page}/meetings/{sitting.meeting}/room")
        await chair.page.get_by_role("button", name="Việc khác của chủ trì").click()
        await chair.page.get_by_role("button", name="Thăm dò ý kiến").click()
        dialog = chair.page.get_by_role("dialog")
        await expect(dialog.get_by_text("không phải bỏ phiếu kín")).to_be_visible()
        await dialog.get_by_label("Câu hỏi").fill(QUESTION)
        await dialog.get_by_role("button", name="Thăm dò ý kiến").click()

        card = member.page.locator("[data-straw]")
        await expect(card.get_by_role("heading", name=QUESTION)).to_be_visible()
        await card.get_by_text("Không đồng ý").click()
        await card.get_by_role("button", name="Gửi câu trả lời").click()
        await expect(card.get_by_text("Đã nhận câu trả lời")).to_be_visible()
        await member.page.reload()
        # A page that is loaded again knows that it has answered, and does not ask twice.
        await expect(card.get_by_text("Đã nhận câu trả lời")).to_be_visible()
        assert await member.violations() == []
        assert not await member.scrolls_sideways()

        [poll] = sitting.chair.view["straw_polls"]
        answers = sitting.at(f"/straw-polls/{poll}/answers")
        for other in [sitting.chair, *sitting.deputies[1:4]]:
            await other.call("POST", answers, {"choice": "option-1"})
        led = chair.page.locator("[data-straw]")
        await expect(led.get_by_text("Đã trả lời 5/6")).to_be_visible()
        assert await chair.violations() == []
        await led.get_by_role("button", name="Kết thúc thăm dò").click()
        for page in (chair.page, member.page):
            await expect(page.locator("[data-straw]").get_by_text("80,00 %")).to_be_visible()
        assert chair.faults + member.faults == []
