"""The main job by hand in three browser pages: from a new session to minutes with the figures, names and times."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pypdfium2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.house import House, plan
from tests.journeys.papers import pdf
from tests.relay.running import until

from .pages import Visitor, shot, visitor

MEMBERS = ("bo-truong", "thu-truong-2")
ITEMS = ("Báo cáo tháng trước", "Dự thảo Nghị định", "Việc khác")
FRAMES = 30
# The page's own connections, for their counters. Nothing of the page is changed.
KEEP_CONNECTIONS = """
window.__connections = [];
const Real = RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...given) { super(...given); window.__connections.push(this); }
};
"""
RECEIVED = """async () => {
  const found = {frames: [], energy: []};
  for (const connection of window.__connections) {
    for (const stat of (await connection.getStats()).values()) {
      if (stat.type !== 'inbound-rtp') continue;
      if (stat.kind === 'video') found.frames.push(stat.framesDecoded || 0);
      else found.energy.push(stat.totalAudioEnergy || 0);
    }
  }
  return found;
}"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Founded as an administrator does it."""
    house, file = House(tmp_path, ""), tmp_path / "plan.toml"
    file.write_text(plan(MEMBERS), encoding="utf-8")
    code, said = await house.command("found", str(file))
    assert code == 0, said
    await house.start()
    yield house
    await house.stop()


async def create(secretary: Visitor) -> str:
    """A session with three items and a paper, sent."""
    page = secretary.page
    await secretary.go("/meetings")
    await page.get_by_role("link", name="Soạn phiên họp").first.click()
    await page.get_by_label("Tên phiên họp").fill("Phiên họp giao ban tháng 11/2026")
    await page.get_by_label("Địa điểm").fill("Phòng họp A")
    await page.get_by_role("button", name="Tạo và soạn chương trình").click()
    await page.wait_for_url(re.compile("/prepare$"))
    for number, title in enumerate(ITEMS, start=1):
        await page.get_by_role("button", name="Thêm nội dung").click()
        await page.get_by_label("Tên nội dung mới").fill(title)
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-item]").nth(number - 1)).to_contain_text(title)
        if title == "Dự thảo Nghị định":
            kind = page.get_by_label("Loại nội dung")
            await kind.select_option("decision")
            paper = {"name": "du-thao.pdf", "mimeType": "application/pdf", "buffer": pdf("Dự thảo Nghị định")}
            await page.locator("input[type=file]").set_input_files(paper)  # type: ignore[arg-type]
            await expect(page.get_by_role("link", name=re.compile("du-thao|Du thao", re.I))).to_be_visible()
    await page.get_by_role("button", name="Gửi giấy mời").click()
    await page.get_by_role("dialog").get_by_role("button", name="Gửi giấy mời").click()
    await expect(page.get_by_text("Đã gửi giấy mời").first).to_be_visible()
    return page.url.split("/meetings/")[1].split("/")[0]


async def answer(member: Visitor, meeting: str) -> None:
    await member.go(f"/meetings/{meeting}")
    await member.page.get_by_label("Dự trực tuyến").check()
    await member.page.get_by_role("button", name="Lưu trả lời").click()
    await expect(member.page.get_by_text(re.compile("Đã ghi nhận")).first).to_be_visible()


async def join(person: Visitor, meeting: str) -> None:
    """Through the green room, with camera and microphone on."""
    page = person.page
    await person.go(f"/meetings/{meeting}/green")
    microphone = page.get_by_role("button", name=re.compile("^Micrô đang (tắt|bật)"))
    await expect(microphone).to_be_enabled(timeout=20_000)
    if "tắt" in (await microphone.inner_text()):
        await microphone.click()
    await expect(page.get_by_role("button", name="Micrô đang bật")).to_be_visible()
    await (
        page.get_by_role("button", name="Vào họp", exact=True)
        .or_(page.get_by_role("link", name="Vào họp", exact=True))
        .click()
    )
    await page.wait_for_url(re.compile("/room$"))


async def sees_and_hears(page: Page, others: int) -> None:
    """Every other person's picture has been decoded for a second or two, and there was sound."""
    found: dict[str, list[float]] = {}

    async def has_all() -> bool:
        found.update(await page.evaluate(RECEIVED))
        pictures = [frames for frames in found["frames"] if frames >= FRAMES]
        return len(pictures) >= others and sum(energy > 0 for energy in found["energy"]) >= others

    try:
        await until(has_all, 60)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {others} others: {found}") from None


async def vote(page: Page, choice: str) -> None:
    await page.locator(".ballot__opt").filter(has_text=re.compile(rf"^\s*{choice}")).click()
    await expect(page.locator(".say")).to_contain_text(choice)
    await page.get_by_role("button", name="Gửi biểu quyết").click()
    await expect(page.get_by_text(re.compile(r"Đã ghi nhận, số \d+"))).to_be_visible()


async def sit(chair: Page, member: Page) -> None:
    """Open, give the floor, put the question, vote, change a vote, close."""
    await chair.get_by_role("button", name="Khai mạc phiên họp").click()
    await chair.get_by_role("button", name="Bắt đầu nội dung 1").click()
    await expect(member.get_by_role("heading", name=ITEMS[0])).to_be_visible()
    await conclude(chair, "Đã ghi nhận.")
    await chair.get_by_role("button", name="Bắt đầu nội dung 2").click()
    await expect(member.get_by_role("heading", name=ITEMS[1])).to_be_visible()
    await member.get_by_role("button", name=re.compile("^Đăng ký phát biểu")).click()
    await chair.get_by_role("button", name="Mời Thu truong 2 phát biểu").first.click()
    await member.get_by_role("button", name=re.compile("Phát biểu xong")).first.click()
    await chair.get_by_role("button", name="Đặt câu hỏi biểu quyết").click()
    await chair.get_by_role("dialog").get_by_role("button", name="Mở biểu quyết").click()
    await vote(chair, "Tán thành")
    await vote(member, "Không tán thành")
    await member.get_by_role("button", name="Đổi lựa chọn").click()
    await vote(member, "Tán thành")
    await chair.get_by_role("button", name="Kết thúc biểu quyết").click()
    await chair.get_by_role("dialog").get_by_role("button", name="Kết thúc biểu quyết").click()


async def conclude(chair: Page, text: str) -> None:
    bar = chair.get_by_role("contentinfo", name="Điều hành")
    await bar.get_by_role("button", name="Kết luận", exact=True).click()
    dialog = chair.get_by_role("dialog")
    await dialog.get_by_label("Kết luận của chủ trì").fill(text)
    await dialog.get_by_role("button", name="Ghi kết luận").click()
    await expect(dialog).to_be_hidden()


async def close(chair: Page) -> None:
    await chair.get_by_role("button", name="Bắt đầu nội dung 3").click()
    await conclude(chair, "Không có.")
    await chair.get_by_role("button", name="Bế mạc phiên họp").click()
    await chair.get_by_role("dialog").get_by_role("button", name="Bế mạc phiên họp").click()


async def minutes(secretary: Visitor, meeting: str, folder: Path) -> str:
    """Draft them, and read the PDF that is handed out."""
    page = secretary.page
    await secretary.go(f"/meetings/{meeting}/minutes")
    await page.get_by_role("button", name="Lập dự thảo biên bản").click()
    async with page.expect_download() as waiting:
        await (
            page.get_by_role("link", name="Tải biên bản")
            .or_(page.get_by_role("button", name="Tải biên bản"))
            .first.click()
        )
    download = await waiting.value
    await download.save_as(folder / "minutes.pdf")
    document = pypdfium2.PdfDocument(folder / "minutes.pdf")
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    return text


@pytest.mark.browser
async def test_a_session_from_its_invitation_to_its_minutes(chromium: Browser, house: House, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        people = []
        for username in ("thu-ky-1", *MEMBERS):
            person = await stack.enter_async_context(visitor(chromium, house.page))
            await person.page.add_init_script(KEEP_CONNECTIONS)
            await person.sign_in(username)
            people.append(person)
        secretary, chair, member = people
        meeting = await create(secretary)
        for person in (chair, member):
            await answer(person, meeting)
        for person in people:
            await join(person, meeting)
        for person in people:
            await sees_and_hears(person.page, others=2)
        await expect(chair.page.get_by_text(re.compile("2/2"))).to_be_visible()
        await sit(chair.page, member.page)
        for person in people:
            await expect(person.page.get_by_text("Thông qua").first).to_be_visible()
            await expect(person.page.get_by_text(re.compile("2/2 tán thành")).first).to_be_visible()
            await person.page.screenshot(path=shot(tmp_path / "shots", f"result-{people.index(person)}"))
        await conclude(chair.page, "Giao Vụ Pháp chế trình trước ngày 30/11.")
        await close(chair.page)
        text = await minutes(secretary, meeting, tmp_path)
        for expected in ("BIÊN BẢN", "Bo truong", "Thu truong 2", "2/2", "Giao Vụ Pháp chế", *ITEMS):
            assert expected in text, f"{expected!r} is not in the minutes"
        assert re.search(r"\d{2} giờ \d{2}", text), "no time in the minutes"
        relay = f"localhost:{house.ports[1]}"
        for person in people:
            assert person.faults == []
            assert person.strangers(f"ws://{relay}", f"http://{relay}") == []
