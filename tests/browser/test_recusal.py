"""Before a session and in it, by hand: positions, a conflict of interest, one's own ballot looked for in the record."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pypdfium2
import pytest
from playwright.async_api import Browser, expect

from tests.journeys.house import House, founded_house
from tests.journeys.sitting import Sitting, gathered

from .pages import WIDTHS, Visitor, visitor

OUT = "Đồng chí không tham gia nội dung này"
TITLE = "Dự thảo Nghị định về dịch vụ công không tiếp xúc"
REASON = "Vợ là giám đốc đơn vị trình"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with founded_house(tmp_path_factory.mktemp("house"), "") as house:
        yield house


async def at_session(stack: AsyncExitStack, chromium: Browser, sitting: Sitting, username: str) -> Visitor:
    """Signed in, on the session's page."""
    found = await stack.enter_async_context(visitor(chromium, sitting.house.page))
    await found.enter_as(sitting.house, username)
    await found.go(f"/meetings/{sitting.meeting}")
    return found


async def test_positions_and_a_conflict_of_interest_before_and_in_a_session(house: House, chromium: Browser) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        member = await at_session(stack, chromium, sitting, "thu-truong-2")
        secretary = await at_session(stack, chromium, sitting, "thu-ky-1")
        await declare(member)
        await sees_positions(secretary, sitting)
        await withdraw(secretary)
        await everything_is_gone(member, sitting)


async def declare(member: Visitor) -> None:
    """An opinion needs its words; agreement does not."""
    row = member.page.locator(".item", has_text=TITLE)
    await row.get_by_text("Có ý kiến", exact=True).click()
    await row.get_by_role("button", name="Gửi ý kiến").click()
    await expect(row.get_by_text("Đồng chí ghi rõ ý kiến.")).to_be_visible()
    await row.get_by_label("Ý kiến gửi chủ trì và thư ký").fill("Làm rõ nguồn vốn")
    await row.get_by_role("button", name="Gửi ý kiến").click()
    await expect(row.get_by_text("Đã gửi: Có ý kiến.")).to_be_visible()
    assert await member.violations() == []


async def sees_positions(secretary: Visitor, sitting: Sitting) -> None:
    """Who has said what, and that nobody objects to another item."""
    for person in [sitting.chair, *sitting.deputies]:
        agreed = {"stance": "no_objection"}
        await person.call("PUT", sitting.at(f"/items/{sitting.items[2]}/position"), agreed)
    seventh = sitting.at(f"/items/{sitting.items[2]}/recusals/{await left_out(sitting)}")
    await sitting.secretary.call("PUT", seventh, {"reason": "Vắng cả ngày"})
    await secretary.page.reload()
    row = secretary.page.locator(".item", has_text=TITLE)
    await expect(row.get_by_text("0/7 không có ý kiến khác, 1 có ý kiến, 6 chưa trả lời.")).to_be_visible()
    await row.get_by_text("Ý kiến của các thành viên", exact=True).click()
    await expect(row.get_by_role("row", name="Thu truong 2")).to_contain_text("Làm rõ nguồn vốn")
    other = secretary.page.locator(".item", has_text="Việc khác")
    await expect(other.get_by_text("6/6 không có ý kiến khác.")).to_be_visible()
    assert await secretary.violations() == []


async def left_out(sitting: Sitting) -> str:
    """The one member who has not come."""
    there = {person.id for person in sitting.people}
    view = sitting.secretary.view["participants"]
    return next(person for person, each in view.items() if each["votes"] and person not in there)


async def withdraw(secretary: Visitor) -> None:
    """Recorded by the secretary, with a reason."""
    page, row = secretary.page, secretary.page.locator(".item", has_text=TITLE)
    await row.get_by_role("button", name="Ghi nhận người không tham gia").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Xác nhận không tham gia").click()
    await expect(dialog.get_by_text("Đồng chí chọn người không tham gia.")).to_be_visible()
    await dialog.get_by_label("Người không tham gia").select_option(label="Thu truong 2, Thứ trưởng")
    await dialog.get_by_label("Lý do").fill(REASON)
    assert await secretary.violations() == []
    await dialog.get_by_role("button", name="Xác nhận không tham gia").click()
    await expect(row.get_by_text(REASON)).to_be_visible()
    await expect(row.get_by_role("button", name="Cho Thu truong 2 tham gia lại")).to_be_visible()


async def everything_is_gone(member: Visitor, sitting: Sitting) -> None:
    """On the session's page and in the room, at every width; and back with the next item."""
    page = member.page
    await member.go(f"/meetings/{sitting.meeting}")
    row = page.locator(".item", has_text=TITLE)
    await expect(row.get_by_text(OUT)).to_be_visible()
    await expect(row.get_by_role("link")).to_have_count(0)
    await expect(row.get_by_text("Gửi ý kiến")).to_have_count(0)
    await sitting.chair.until(lambda view: view["quorums"][sitting.meeting]["is_quorate"])
    await sitting.chair.call("POST", sitting.at("/open"))
    await member.go(f"/meetings/{sitting.meeting}/room")
    await sitting.chair.call("POST", sitting.at(f"/items/{sitting.items[1]}/start"))
    for width, height in WIDTHS.values():
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.locator("[data-recused]").get_by_text(OUT)).to_be_visible()
        await expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        assert not await member.scrolls_sideways()
        assert await member.violations() == []
    question = await sitting.put("Thông qua?", sitting.items[1])
    await expect(page.get_by_role("button", name="Đăng ký phát biểu")).to_have_count(0)
    await expect(page.locator("[data-question]")).to_have_count(0)
    await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
    await page.set_viewport_size({"width": 1440, "height": 900})
    await sitting.chair.call("POST", sitting.at(f"/items/{sitting.items[2]}/start"))
    await expect(page.locator("[data-recused]")).to_have_count(0)
    await expect(page.get_by_role("button", name="Đăng ký phát biểu")).to_be_visible()
    assert member.faults == []


async def test_a_voter_finds_the_ballot_in_the_record_and_takes_the_result_home(
    house: House, chromium: Browser, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await sitting.chair.until(lambda view: view["quorums"][sitting.meeting]["is_quorate"])
        await sitting.chair.call("POST", sitting.at("/open"))
        await sitting.chair.call("POST", sitting.at(f"/items/{sitting.items[1]}/start"))
        question = await sitting.put("Thông qua dự thảo?", sitting.items[1])
        for person in [sitting.chair, *sitting.deputies]:
            await sitting.cast(person, question, "for")
        await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
        member = await at_session(stack, chromium, sitting, "thu-truong-2")
        row = member.page.locator(".item", has_text=TITLE)
        await row.get_by_role("button", name="Kiểm tra phiếu của tôi").click()
        await expect(row.get_by_text("Phiếu của đồng chí có trong sổ ghi")).to_be_visible()
        await expect(row.locator("[data-proof]")).to_have_attribute("data-proof", "found")
        assert await member.violations() == []
        async with member.page.expect_download() as downloading:
            await row.get_by_role("link", name="Phiếu kết quả biểu quyết (PDF)").click()
        await (await downloading.value).save_as(tmp_path / "sheet.pdf")
        document = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")
        told = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
        document.close()
        for expected in ("PHIẾU KẾT QUẢ BIỂU QUYẾT", "Tán thành 6 85,71%", "Vắng mặt 1 14,29%", "Thu truong 3"):
            assert expected in told
        assert member.faults == []


async def test_a_ballot_that_was_changed_on_the_way_is_noticed(house: House, chromium: Browser) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await sitting.chair.until(lambda view: view["quorums"][sitting.meeting]["is_quorate"])
        await sitting.chair.call("POST", sitting.at("/open"))
        await sitting.chair.call("POST", sitting.at(f"/items/{sitting.items[1]}/start"))
        question = await sitting.put("Thông qua dự thảo?", sitting.items[1])
        await sitting.cast(sitting.deputies[0], question, "for")
        await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
        member = await at_session(stack, chromium, sitting, "thu-truong-2")
        path = sitting.at(f"/questions/{question}/ballots/mine/proof")
        forged = await sitting.deputies[0].call("GET", path)
        forged["payload"]["ballot"]["choice"] = "against"
        await member.page.route(f"**{path}", lambda route: route.fulfill(json=forged))
        row = member.page.locator(".item", has_text=TITLE)
        await row.get_by_role("button", name="Kiểm tra phiếu của tôi").click()
        await expect(row.get_by_text("Không khớp với sổ ghi")).to_be_visible()
        await expect(row.locator("[data-proof]")).to_have_attribute("data-proof", "receipt")
