"""A session is recorded, in the browser: the decision, the sign, the word of each, the film on the session's page."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.journeys.house import House, founded_house
from tests.journeys.sitting import Sitting, gathered, opened

from .pages import Visitor, visitor

COMPOSED_MS = 60_000
CALL_MS = 20_000
NOTICE = "Phiên họp đang được ghi âm, ghi hình"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A ministry."""
    async with founded_house(tmp_path, "") as house:
        yield house


async def in_session(house: House, stack: AsyncExitStack) -> Sitting:
    sitting = await gathered(house, stack)
    await opened(sitting)
    return sitting


async def enters(
    chromium: Browser, stack: AsyncExitStack, sitting: Sitting, username: str, size: str = "desktop"
) -> Visitor:
    """Somebody opens the room."""
    person = await stack.enter_async_context(visitor(chromium, sitting.house.page, size))
    await person.enter_as(sitting.house, username)
    await person.page.goto(f"{person.base}/meetings/{sitting.meeting}/room")
    return person


async def decides(chair: Visitor) -> Locator:
    """The chair opens the dialog of the decision."""
    await chair.page.get_by_role("button", name="Việc khác của chủ trì").click()
    await chair.page.get_by_role("button", name="Ghi âm, ghi hình phiên họp").click()
    return chair.page.get_by_role("dialog")


async def starts(chair: Visitor) -> None:
    dialog = await decides(chair)
    await dialog.get_by_text("không có nội dung bí mật nhà nước").first.click()
    await dialog.get_by_role("button", name="Bắt đầu ghi").click()
    await expect(is_signed(chair)).to_be_visible()


async def stops(chair: Visitor) -> None:
    await chair.page.get_by_role("button", name="Việc khác của chủ trì").click()
    await chair.page.get_by_role("button", name="Dừng ghi").click()
    await chair.page.get_by_role("dialog").get_by_role("button", name="Dừng ghi").click()
    await expect(is_signed(chair)).to_have_count(0)


def is_signed(person: Visitor) -> Locator:
    """The permanent sign."""
    return person.page.locator("[data-recorded]")


def notice(person: Visitor) -> Locator:
    return person.page.get_by_role("dialog", name=NOTICE)


@pytest.mark.browser
async def test_nobody_is_recorded_who_has_not_said_that_he_knows(chromium: Browser, house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await in_session(house, stack)
        chair = await enters(chromium, stack, sitting, "bo-truong")
        member = await enters(chromium, stack, sitting, "thu-truong-2", "tablet")
        camera = member.page.get_by_role("button", name="Hình đang bật")
        await expect(camera).to_be_visible(timeout=CALL_MS)
        dialog = await decides(chair)
        await dialog.get_by_role("button", name="Bắt đầu ghi").click()
        await expect(dialog.get_by_role("alert")).to_be_visible()
        assert await chair.violations() == []
        await dialog.get_by_role("button", name="Bỏ qua").click()
        await starts(chair)
        # Who decides knows; everybody else is asked, and is neither seen nor heard until he says so.
        await expect(chair.page.locator("[data-unknown]")).to_have_count(0)
        await expect(is_signed(member)).to_be_visible()
        await expect(notice(member).get_by_text("quyết định ghi từ")).to_be_visible()
        await expect(member.page.get_by_role("button", name="Hình đang tắt", include_hidden=True)).to_be_disabled()
        assert await member.violations() == []
        await notice(member).get_by_role("button", name="Tôi đã biết").click()
        await expect(notice(member)).to_have_count(0)
        await expect(camera).to_be_visible(timeout=CALL_MS)
        assert not await member.scrolls_sideways()
        await stops(chair)
        await expect(is_signed(member)).to_have_count(0)
        # Another decision asks anew. Whoever never says that he knows has nothing opened for him when it is over.
        await starts(chair)
        await notice(member).get_by_role("button", name="Chỉ xem và nghe").click()
        closed = member.page.get_by_role("button", name="Hình đang tắt")
        await expect(closed).to_be_disabled(timeout=CALL_MS)
        await stops(chair)
        await expect(closed).to_be_enabled(timeout=CALL_MS)
        assert chair.faults + member.faults == []


@pytest.mark.slow
@pytest.mark.browser
async def test_who_comes_late_is_told_before_the_call_and_the_film_is_on_the_sessions_page(
    chromium: Browser, house: House
) -> None:
    async with AsyncExitStack() as stack:
        sitting = await in_session(house, stack)
        chair = await enters(chromium, stack, sitting, "bo-truong")
        await expect(chair.page.get_by_role("button", name="Hình đang bật")).to_be_visible(timeout=CALL_MS)
        await starts(chair)
        late = await enters(chromium, stack, sitting, "thu-truong-3", "phone")
        await notice(late).get_by_role("button", name="Chỉ xem và nghe").click()
        await expect(late.page.locator("[data-unknown]")).to_be_visible()
        await expect(is_signed(late)).to_be_visible()
        assert await late.violations() == []
        assert not await late.scrolls_sideways()
        # A vote is never behind the notice.
        question = await sitting.put("Thông qua dự thảo", sitting.items[1])
        card = late.page.locator("[data-question]")
        await late.page.reload()
        await expect(late.page.locator("[data-unknown]")).to_be_visible()
        await expect(notice(late)).to_have_count(0)
        await expect(card).to_be_visible()
        await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
        await expect(notice(late)).to_be_visible()
        # One that opens while the notice stands takes its place, and has not put it off.
        question = await sitting.put("Thông qua Điều 2", sitting.items[1])
        await expect(notice(late)).to_have_count(0)
        await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
        await expect(notice(late)).to_be_visible()
        await stops(chair)
        await expect(late.page.locator("[data-unknown]")).to_have_count(0)

        for person in (chair, late):
            await person.page.goto(f"{house.page}/meetings/{sitting.meeting}")
        row = chair.page.locator("[data-recording]")
        film = row.locator("video")
        await expect(film).to_be_visible(timeout=COMPOSED_MS)
        await expect(row.get_by_text("1/8 người đã xác nhận")).to_be_visible()
        await chair.page.wait_for_function("document.querySelector('video').readyState >= 1")
        assert await film.evaluate("film => film.videoWidth > 0 && film.duration > 0")
        await late.page.reload()
        await expect(late.page.locator("[data-recording]").get_by_text("Đã lưu")).to_be_visible()
        await expect(late.page.locator("[data-recording] video")).to_have_count(0)
        # A film that is not what was kept is not shown, and the page says so.
        digest = next(iter(sitting.chair.view["recordings"].values()))["parts"][0]["digest"]
        kept = house.folder / "blobs" / digest[:2] / digest
        kept.write_bytes(kept.read_bytes()[:-1] + b"?")
        await chair.page.reload()
        await expect(row.get_by_text("không còn đúng như khi đưa vào hồ sơ")).to_be_visible()
        await expect(film).to_have_count(0)
        for person in (chair, late):
            assert await person.violations() == []
        assert chair.faults + late.faults == []
