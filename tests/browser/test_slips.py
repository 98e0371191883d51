"""A written opinion by hand in four browsers: from the staff's draft to the verdict, and on to the next session."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.async_api import Browser, Locator, Page, Request, Route, expect

from tests.journeys.house import House, founded_house
from tests.journeys.papers import pdf

from .pages import WIDTHS, Visitor, shot, visitor

MEMBERS = ("bo-truong", "thu-truong-2", "thu-truong-3")
TITLE = "Kế hoạch kiểm tra cải cách hành chính"
PLAN, WEEK = "Ban hành Kế hoạch kiểm tra", "Thời điểm hội nghị tổng kết"
WEEKS = ("Tuần cuối tháng 12", "Tuần đầu tháng 1")
WHY = "Đề nghị nêu rõ phạm vi kiểm tra."
OPINION = "Đề nghị bổ sung kinh phí kiểm tra."
REPLY = "Tiếp thu, bổ sung tại mục III."
SHEETS = re.compile(r"/slips/\w+/sheets$")


@dataclass
class Cabinet:
    """Who takes part, each with a page."""

    office: Visitor
    head: Visitor
    second: Visitor
    third: Visitor
    folder: Path

    async def looks(self, person: Visitor, name: str) -> None:
        """The page as it stands is accessible and fits, on a desk and in a hand."""
        for size in ("phone", "desktop"):
            width, height = WIDTHS[size]
            await person.page.set_viewport_size({"width": width, "height": height})
            assert await person.violations() == [], f"{name} on a {size}"
            assert not await person.scrolls_sideways(), f"{name} is wider than a {size}"
            await person.page.screenshot(path=shot(self.folder / "shots", f"{name}-{size}"), full_page=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with founded_house(tmp_path, "", members=MEMBERS) as house:
        yield house


def question(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=re.compile(f"^Câu hỏi {number}:"))


async def choose(page: Page, *answers: str) -> None:
    for number, answer in enumerate(answers, start=1):
        await question(page, number).get_by_role("radio", name=re.compile(f"^{answer}")).check()


async def send(page: Page) -> None:
    await page.get_by_role("button", name="Xem lại trước khi gửi").click()
    await page.get_by_role("button", name="Gửi phiếu").click()


async def recorded(page: Page) -> None:
    await expect(page.get_by_text(re.compile(r"Đã ghi nhận, số \d+"))).to_be_visible()


async def in_dialog(page: Page, opener: str, **fields: str) -> None:
    """Open it, fill it in, and do what its button names."""
    await page.get_by_role("button", name=opener, exact=True).click()
    dialog = page.get_by_role("dialog")
    for label, text in fields.items():
        await dialog.get_by_label(label).fill(text)
    await dialog.get_by_role("button", name=opener, exact=True).click()
    await expect(dialog).to_be_hidden()
    # The button is gone, or may be: reading goes on at the top.
    await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def draft(cabinet: Cabinet) -> str:
    """Two questions put in order by keyboard, a paper, and a page that closes before its text is kept."""
    page = cabinet.office.page
    await cabinet.office.go("/slips")
    await cabinet.looks(cabinet.office, "empty-list")
    await page.get_by_role("link", name="Lập phiếu lấy ý kiến").click()
    await page.get_by_role("button", name="Tạo bản nháp").click()
    await expect(page.get_by_label("Trích yếu")).to_be_focused()
    await page.get_by_label("Trích yếu").fill(TITLE)
    await page.get_by_label("Câu hỏi 1", exact=True).fill(WEEK)
    await page.get_by_label("Chọn một phương án").check()
    for number, week in enumerate(WEEKS, start=1):
        await page.get_by_label(f"Phương án {number}", exact=True).fill(week)
    await page.get_by_role("button", name="Thêm câu hỏi").click()
    await page.keyboard.type(PLAN)
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.get_by_label("Câu hỏi 1", exact=True)).to_have_value(PLAN)
    await expect(page.get_by_label("Câu hỏi 1", exact=True)).to_be_focused()
    await page.get_by_role("button", name="Tạo bản nháp").click()
    await page.wait_for_url(re.compile("/edit$"))
    paper: Any = {"name": "ke-hoach.pdf", "mimeType": "application/pdf", "buffer": pdf("Ke hoach kiem tra")}
    await page.locator("input[type=file]").set_input_files(paper)
    await expect(page.get_by_role("link", name=re.compile("ke.hoach", re.I))).to_be_visible()
    await page.get_by_label("Thuyết minh").fill("Văn phòng Bộ trình.")
    await page.reload()
    await expect(page.get_by_label("Thuyết minh")).to_have_value("Văn phòng Bộ trình.")
    await cabinet.looks(cabinet.office, "editor")
    await page.get_by_role("button", name="Lưu", exact=True).click()
    await expect(page.get_by_text("Đã lưu.")).to_be_visible()
    await page.get_by_role("button", name="Xem lại và trình lãnh đạo").click()
    await page.get_by_role("button", name="Trình lãnh đạo", exact=True).click()
    await expect(page.get_by_text("Trình lãnh đạo", exact=True)).to_be_visible()
    return page.url.removeprefix(cabinet.office.base)


async def decide(cabinet: Cabinet, place: str) -> None:
    """Returned with a reason, which the staff sees without asking; changed, and then sent."""
    head, office = cabinet.head.page, cabinet.office.page
    await cabinet.head.go("/slips")
    await head.get_by_role("tabpanel", name=re.compile("Chờ tôi")).get_by_role("link", name=TITLE).click()
    await expect(head.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    await cabinet.looks(cabinet.head, "decide")
    await in_dialog(head, "Trả lại", **{"Lý do": WHY})
    await expect(office.get_by_text(WHY)).to_be_visible(timeout=10_000)
    await office.get_by_role("link", name="Sửa phiếu").click()
    await change_on_two_devices(office, place)
    await office.get_by_role("button", name="Lưu", exact=True).click()
    await office.get_by_role("button", name="Xem lại và trình lãnh đạo").click()
    await office.get_by_role("button", name="Trình lãnh đạo", exact=True).click()
    await cabinet.head.go(place)
    await in_dialog(head, "Duyệt và gửi")
    await expect(head.get_by_text("0/3")).to_be_visible()


async def change_on_two_devices(office: Page, place: str) -> None:
    """What lies unfinished on one device is offered, never laid over what another has kept since."""
    words = office.get_by_label("Thuyết minh")
    await words.fill("Văn phòng Bộ trình Kế hoạch kiểm tra tại 12 đơn vị.")
    await office.evaluate(
        """path => fetch(`/api${path}`, {method: 'PATCH', body: JSON.stringify({text: 'Từ máy khác.'}),
          headers: {'X-Req': '1', 'Content-Type': 'application/json'}})""",
        place,
    )
    await office.reload()
    await expect(words).to_have_value("Từ máy khác.")
    await office.get_by_role("button", name="Lấy lại phần viết dở").click()
    await expect(words).to_have_value("Văn phòng Bộ trình Kế hoạch kiểm tra tại 12 đơn vị.")


async def advise(office: Page) -> None:
    """The staff's comment, for one member alone."""
    await office.get_by_role("button", name=re.compile("^Ghi ý kiến.*Thu truong 2")).click(timeout=10_000)
    await office.get_by_role("dialog").get_by_label("Ý kiến của đơn vị tham mưu").fill("Vụ đề nghị đồng ý.")
    await office.get_by_role("dialog").get_by_role("button", name="Lưu").click()
    await expect(office.get_by_text("Vụ đề nghị đồng ý.")).to_be_visible()


async def answer_on_a_bad_line(cabinet: Cabinet, place: str) -> None:
    """Nothing arrives, the page is reloaded, then the receipt is lost: one sheet under one number, counted once."""
    person, page = cabinet.second, cabinet.second.page
    numbers: list[int] = []

    def count(request: Request) -> None:
        if request.method == "POST" and SHEETS.search(request.url):
            numbers.append(json.loads(request.post_data or "{}")["n"])

    async def swallow(route: Route) -> None:
        await route.abort()

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    page.on("request", count)
    await person.go(place)
    await expect(page.get_by_text("Vụ đề nghị đồng ý.")).to_be_visible()
    await choose(page, "Ý kiến khác", WEEKS[0])
    await page.get_by_role("button", name="Xem lại trước khi gửi").click()
    words = question(page, 1).get_by_label("Ý kiến của đồng chí")
    await expect(words).to_be_focused()
    await words.fill("Chờ xem")
    await expect(page.get_by_text("Đã lưu nháp")).to_be_visible()
    await cabinet.looks(person, "answering")
    await page.reload()
    await expect(words).to_have_value("Chờ xem")
    await page.route(SHEETS, swallow)
    await page.get_by_role("button", name="Xem lại trước khi gửi").click()
    await expect(page.get_by_role("group", name="Đồng chí sẽ gửi:")).to_contain_text("Chờ xem")
    await page.get_by_role("button", name="Gửi phiếu").click()
    await expect(page.get_by_text("Chưa xác nhận, đang gửi lại")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Chưa xác nhận, đang gửi lại")).to_be_visible()
    await page.unroute(SHEETS)
    await page.route(SHEETS, lose_the_answer, times=1)
    await recorded(page)
    assert len(numbers) >= 3
    assert set(numbers) == {1}
    await cabinet.looks(person, "answered")
    await page.get_by_role("button", name="Đổi câu trả lời").click()
    await choose(page, "Đồng ý")
    await send(page)
    await recorded(page)
    assert numbers[-1] == 2


async def answer(cabinet: Cabinet, place: str) -> None:
    """One with another opinion; the head, who puts the deadline off first, comes last and so ends it."""
    third, head = cabinet.third.page, cabinet.head.page
    await cabinet.third.go("/")
    await third.get_by_role("link", name=TITLE, exact=True).click()
    await choose(third, "Ý kiến khác", WEEKS[0])
    await question(third, 1).get_by_label("Ý kiến của đồng chí").fill(OPINION)
    await send(third)
    await recorded(third)
    await expect(head.get_by_text("2/3")).to_be_visible(timeout=10_000)
    await in_dialog(head, "Gia hạn", **{"Lý do": "Một đồng chí đi công tác."})
    await expect(head.get_by_text("Một đồng chí đi công tác.")).to_be_visible()
    await choose(head, "Đồng ý", WEEKS[1])
    await send(head)
    await expect(head.get_by_role("heading", name="Kết quả")).to_be_visible()
    await recorded(head)


async def read_result(cabinet: Cabinet, place: str) -> None:
    """The verdict with its arithmetic on both bases, names, the reply, the paper."""
    office = cabinet.office.page
    await cabinet.office.go(place)
    await expect(office.get_by_text(re.compile("^2/3 tán thành: cần ≥ 2")).first).to_be_visible()
    row = office.get_by_role("table", name="Tổng hợp").first.get_by_role("row", name=re.compile("^Ý kiến khác"))
    await expect(row).to_contain_text(re.compile("33,33.*33,33"))
    await office.get_by_text("Theo tên (3 phiếu)").first.click()
    await expect(office.get_by_role("row", name=re.compile("Thu truong 3.*Ý kiến khác")).first).to_contain_text(OPINION)
    await office.get_by_role("button", name=re.compile("^Ghi giải trình, tiếp thu.*Thu truong 3")).click()
    await office.get_by_label("Giải trình, tiếp thu", exact=True).fill(REPLY)
    await office.get_by_role("button", name="Lưu", exact=True).click()
    await expect(office.get_by_text(REPLY)).to_be_visible()
    await cabinet.looks(cabinet.office, "result")
    text = await download(office, "Tải bảng giải trình, tiếp thu (PDF)", cabinet.folder / "opinions.pdf")
    for expected in (TITLE, OPINION, REPLY):
        assert expected in text, f"{expected!r} is not in the table of opinions"
    text = await download(office, "Tải kết quả (PDF)", cabinet.folder / "result.pdf")
    for expected in (TITLE, PLAN, WEEK, "66,67", "33,33"):
        assert expected in text, f"{expected!r} is not in the result"


async def download(page: Page, name: str, path: Path) -> str:
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=name).click()
    await (await waiting.value).save_as(path)
    document = pypdfium2.PdfDocument(path)
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    return text


async def report(cabinet: Cabinet) -> None:
    """To a session that is being prepared, as an item with its paper."""
    page = cabinet.office.page
    await page.evaluate(
        """async body => {
          const asked = {title: 'Phiên họp tháng 12', kind: 'regular', mode: 'hybrid', place: 'Phòng họp A',
            starts_at: '2099-12-01T01:00:00Z', ends_at: '2099-12-01T04:00:00Z', floor_controls_microphone: false,
            chair: (await (await fetch(`/api/bodies/${body}`)).json()).members[0].person};
          const headers = {'X-Req': '1', 'Content-Type': 'application/json'};
          await fetch(`/api/bodies/${body}/meetings`, {method: 'POST', headers, body: JSON.stringify(asked)});
        }""",
        page.url.split("/bodies/")[1].split("/")[0],
    )
    await page.reload()
    await page.get_by_role("button", name="Báo cáo tại phiên họp").click()
    await page.get_by_role("dialog").get_by_role("button", name="Thêm vào chương trình").click()
    await page.get_by_role("link", name="Đã báo cáo kết quả tại phiên họp").click()
    await expect(page.get_by_text(TITLE).first).to_be_visible()


@pytest.mark.browser
async def test_a_slip_from_the_staffs_draft_to_the_verdict(chromium: Browser, house: House, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        people = []
        for username in ("thu-ky-1", *MEMBERS):
            person = await stack.enter_async_context(visitor(chromium, house.page))
            await person.enter_as(house, username)
            people.append(person)
        cabinet = Cabinet(people[0], people[1], people[2], people[3], tmp_path)
        place = await draft(cabinet)
        await decide(cabinet, place)
        await advise(cabinet.office.page)
        await answer_on_a_bad_line(cabinet, place)
        await answer(cabinet, place)
        await read_result(cabinet, place)
        await report(cabinet)
        for person in people:
            await person.go("/slips")
            await expect(person.page.get_by_text("Thông qua 2/2")).to_be_visible()
            assert person.faults == []
            assert person.strangers() == []
        await cabinet.looks(cabinet.second, "list")
