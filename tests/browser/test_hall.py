"""Votes of the hall by hand: two secretaries write down a show of hands, two tellers count an election, the chair goes
on to the next round."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pypdfium2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.council import Session, council_house, in_session
from tests.journeys.house import House, Person
from tests.journeys.test_hall import seat_tellers

from .pages import Visitor, visitor

SEND = {"hands": "Gửi phiếu ghi thứ {}", "count": "Gửi số liệu lần thứ {}"}


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with council_house(tmp_path_factory.mktemp("house"), "") as house:
        yield house


async def in_the_room(
    browser: Browser, stack: AsyncExitStack, session: Session, person: Person, size: str = "desktop"
) -> Visitor:
    """A browser of a person who has signed in already, in the room."""
    base = person.house.page
    found = await stack.enter_async_context(visitor(browser, base, size))
    await found.enter_as(person.house, person.username)
    await found.page.goto(f"{base}/meetings/{session.meeting}/room")
    await expect(found.page.get_by_role("heading", name="Bầu bổ sung nhân sự")).to_be_visible()
    return found


async def send(page: Page, kind: str, which: str) -> None:
    await page.get_by_role("button", name=re.compile(SEND[kind].format(which))).click()


async def fill(page: Page, numbers: dict[str, int]) -> None:
    for line, number in numbers.items():
        await page.locator(f'[data-field="{line}"]').fill(str(number))


@pytest.mark.browser
async def test_two_secretaries_write_down_a_show_of_hands(house: House, chromium: Browser) -> None:
    async with AsyncExitStack() as stack:
        session = await in_session(house, stack)
        first = await in_the_room(chromium, stack, session, session.secretaries[0])
        second = await in_the_room(chromium, stack, session, session.secretaries[1], "phone")
        await session.put(way="hands")
        mine, other = first.page, second.page
        await mine.get_by_role("button", name="Tất cả tán thành").click()
        # One raised no hand for it: the digit answers, and the focus goes on.
        await mine.locator("[data-person]").nth(2).locator("input:checked").focus()
        await mine.keyboard.press("2")
        await expect(mine.locator(".hands__sums")).to_contain_text("Không tán thành 1")
        assert await mine.evaluate("document.activeElement.closest('[data-person]') !== null")
        await send(mine, "hands", "nhất")
        await expect(mine.get_by_role("button", name="Sửa phiếu đã ghi")).to_be_visible()
        assert await first.violations() == []

        await expect(other.get_by_text("Đồng chí ghi độc lập")).to_be_visible()
        assert await other.locator("input:checked").count() == 0
        await other.get_by_role("button", name="Tất cả tán thành").click()
        await send(other, "hands", "hai")
        for page in (mine, other):
            await expect(page.get_by_text("Hai lần ghi khác nhau ở 1 chỗ")).to_be_visible()
            await expect(page.locator("[data-person]").nth(2)).to_contain_text("Hỏi lại")
        assert await second.violations() == []
        assert not await second.scrolls_sideways()

        await other.locator("[data-person]").nth(2).locator("label", has_text="Không tán thành").click()
        await send(other, "hands", "hai")
        for page in (mine, other):
            await expect(page.locator('[data-outcome="passed"]')).to_be_visible()
        assert first.faults == second.faults == []


@pytest.mark.browser
async def test_tellers_count_an_election_and_the_chair_goes_on_to_the_next_round(
    house: House, chromium: Browser
) -> None:
    async with AsyncExitStack() as stack:
        session = await in_session(house, stack)
        head, member, _third = await seat_tellers(session)
        chair = await in_the_room(chromium, stack, session, session.chair)
        first = await in_the_room(chromium, stack, session, head)
        second = await in_the_room(chromium, stack, session, member, "phone")
        await session.put(
            text="Bầu Phó Chủ tịch và Ủy viên.",
            method="election",
            way="paper",
            candidates=[{"name": f"Ứng cử viên {n}"} for n in (1, 2, 3)],
            seats=2,
        )
        count = {"issued": 7, "returned": 7, "valid": 6, "invalid": 1}
        votes = {"votes.candidate-1": 5, "votes.candidate-2": 3, "votes.candidate-3": 2}
        await fill(first.page, {**count, "invalid": 0, **votes})
        await expect(first.page.get_by_text("Hợp lệ cộng không hợp lệ là 6, phải bằng 7 phiếu thu về.")).to_be_visible()
        await send(first.page, "count", "nhất")
        await expect(chair.page.get_by_text("Chưa ai nhập")).to_be_visible()
        await fill(first.page, count)
        await expect(first.page.get_by_text("Khớp: thu về 7 = hợp lệ 6 + không hợp lệ 1.")).to_be_visible()
        assert await first.violations() == []
        await send(first.page, "count", "nhất")
        await expect(first.page.get_by_role("button", name="Sửa phiếu đã ghi")).to_be_visible()
        await expect(chair.page.get_by_text("Chờ một thành viên khác của Ban kiểm phiếu nhập")).to_be_visible()

        await fill(second.page, {**count, **votes, "votes.candidate-2": 4})
        await send(second.page, "count", "hai")
        await expect(second.page.get_by_text("Đếm lại", exact=True)).to_be_visible()
        assert await second.violations() == []
        assert not await second.scrolls_sideways()
        await fill(second.page, votes)
        await send(second.page, "count", "hai")

        for person in (chair, first, second):
            row = person.page.locator('[data-candidate="candidate-1"]')
            await expect(row).to_contain_text("Trúng cử")
            await expect(row).to_contain_text("71,43")
        assert await chair.violations() == []
        async with chair.page.expect_download() as saved:
            await chair.page.get_by_role("link", name="Biên bản kiểm phiếu (PDF)").click()
        pages = pypdfium2.PdfDocument(await (await saved.value).path())
        assert "BIÊN BẢN KIỂM PHIẾU" in pages[0].get_textpage().get_text_range()

        await chair.page.get_by_role("button", name="Tổ chức bầu lại 1 người").click()
        await expect(first.page.get_by_role("button", name=re.compile("Gửi số liệu lần thứ nhất"))).to_be_visible()
        assert await first.page.locator('[data-field^="votes."]').count() == 2
        assert chair.faults == first.faults == second.faults == []
