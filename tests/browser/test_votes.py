"""Votes as people take them: a quorum that falls and comes back, an item in parts, a line lost at the closing."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.journeys.house import House, Person, founded_house

from .pages import Visitor, visitor

MEMBERS = ("bo-truong", "thu-truong-2", "thu-truong-3", "thu-truong-4")
TITLE = "Dự thảo Nghị định về dịch vụ công"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Four members: three make a quorum, three are more than half of all."""
    async with founded_house(tmp_path_factory.mktemp("house"), "", members=MEMBERS) as house:
        yield house


@dataclass
class Room:
    """An item for decision before a session that is open, and who looks at it."""

    meeting: str
    item: str
    chair: Visitor
    member: Visitor
    others: list[Person]
    """Without a browser."""

    @property
    def bar(self) -> Locator:
        """The chair's."""
        return self.chair.page.get_by_role("contentinfo", name="Điều hành")

    @property
    def step(self) -> Locator:
        """The chair's next one."""
        return self.chair.page.locator("[data-step]")


async def prepared(secretary: Person) -> tuple[str, str]:
    """A session with one item for decision, called."""
    [body] = (await secretary.call("GET", "/api/me"))["bodies"]
    chair = (await secretary.call("GET", f"/api/bodies/{body['id']}"))["members"][0]["person"]
    starts = datetime.now(UTC) + timedelta(minutes=5)
    wanted = {
        "title": "Phiên họp giao ban",
        "kind": "regular",
        "mode": "hybrid",
        "place": "Phòng họp A",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "chair": chair,
        "floor_controls_microphone": False,
    }
    meeting = (await secretary.call("POST", f"/api/bodies/{body['id']}/meetings", wanted))["id"]
    item = {"title": TITLE, "type": "decision", "presenter": "Vụ Pháp chế", "minutes": 30}
    created = await secretary.call("POST", f"/api/meetings/{meeting}/items", item)
    return meeting, created["id"]


async def opened(house: House, browser: Browser, stack: AsyncExitStack, plans: list[dict[str, str]]) -> Room:
    """Chair and a member in the browser, the others by the wire; the item begun, its questions planned."""
    secretary = await stack.enter_async_context(Person(house, "thu-ky-1"))
    meeting, item = await prepared(secretary)
    if plans:
        await secretary.call("PUT", f"/api/meetings/{meeting}/items/{item}/plan", {"plans": plans})
    await secretary.call("POST", f"/api/meetings/{meeting}/convene")
    others = []
    for username in MEMBERS[2:]:
        other = await stack.enter_async_context(Person(house, username))
        await other.enter(meeting)
        others.append(other)
    visitors = []
    for username in MEMBERS[:2]:
        person = await stack.enter_async_context(visitor(browser, house.page))
        await person.enter_as(house, username)
        await person.page.goto(f"{house.page}/meetings/{meeting}/room")
        visitors.append(person)
    chair, member = visitors
    room = Room(meeting, item, chair, member, others)
    await room.chair.page.get_by_role("button", name="Khai mạc phiên họp").click()
    await room.chair.page.get_by_role("button", name="Bắt đầu nội dung 1").click()
    await expect(room.member.page.get_by_role("heading", name=TITLE)).to_be_visible()
    return room


async def put(room: Room) -> str:
    """Open what the next step offers, as it stands; the question's id."""
    await room.step.click()
    await room.chair.page.get_by_role("dialog").get_by_role("button", name="Mở biểu quyết").click()
    await expect(room.bar.get_by_role("button", name="Kết thúc biểu quyết")).to_be_visible()
    return str(await room.chair.page.locator("[data-question]").get_attribute("data-question"))


async def vote(page: Page, choice: str) -> None:
    await page.locator(".ballot__opt").filter(has_text=re.compile(rf"^\s*{choice}")).click()
    await page.get_by_role("button", name="Gửi biểu quyết").click()
    await expect(page.get_by_text(re.compile(r"Đã ghi nhận, số \d+"))).to_be_visible()


async def cast(person: Person, room: Room, question: str, choice: str) -> None:
    await person.call("POST", f"/api/meetings/{room.meeting}/questions/{question}/ballots", {"choice": choice, "n": 1})


async def close(room: Room) -> None:
    await room.bar.get_by_role("button", name="Kết thúc biểu quyết").click()
    await room.chair.page.get_by_role("dialog").get_by_role("button", name="Kết thúc biểu quyết").click()


async def table(page: Page) -> dict[str, tuple[str, str]]:
    """The result as it is printed: line → number and share."""
    printed = page.locator(".results > .result .tally").first
    await expect(printed).to_be_visible()
    rows: list[list[str]] = await printed.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return {name: (number, share) for name, number, share in rows}


def faultless(room: Room) -> None:
    assert room.chair.faults == room.member.faults == []


@pytest.mark.browser
async def test_a_quorum_that_falls_locks_the_vote_and_its_return_unlocks_it(chromium: Browser, house: House) -> None:
    async with AsyncExitStack() as stack:
        room = await opened(house, chromium, stack, [])
        await expect(room.step).to_have_text(re.compile("Đặt câu hỏi biểu quyết"))
        for person in room.others:
            assert person.socket is not None
            await person.socket.disconnect()
        # A line that is gone for a moment is not yet a person who has left.
        short = room.chair.page.locator("[data-short]")
        await expect(short).to_contain_text("có mặt 2/4, cần ít nhất 3", timeout=20_000)
        await expect(room.member.page.locator("[data-short]")).to_contain_text("Chưa mở được biểu quyết")
        await expect(room.step).to_be_disabled()
        await expect(room.bar).to_contain_text("Chưa đủ số thành viên: có mặt 2, cần 3")
        assert await room.chair.violations() == []
        await room.others[0].enter(room.meeting)
        await expect(short).to_be_hidden()
        await expect(room.step).to_be_enabled()
        question = await put(room)
        # On the roll are those who were there; who comes now votes from the next question on.
        await room.others[1].enter(room.meeting)
        await vote(room.chair.page, "Tán thành")
        await vote(room.member.page, "Tán thành")
        await cast(room.others[0], room, question, "for")
        await close(room)
        await expect(room.member.page.locator(".verdict__word")).to_have_text("Thông qua")
        assert await table(room.member.page) == {
            "Tham gia biểu quyết": ("3", "75,00 %"),
            "Tán thành": ("3", "75,00 %"),
            "Không tán thành": ("0", "0,00 %"),
            "Không biểu quyết": ("0", "0,00 %"),
            "Ý kiến khác": ("0", "0,00 %"),
            "Không tham gia biểu quyết": ("0", "0,00 %"),
            "Vắng mặt": ("1", "25,00 %"),
        }
        assert await room.member.violations() == []
        faultless(room)


PLANS = [
    {"kind": "part", "text": "Đồng chí có tán thành Chương I?", "method": "approval"},
    {"kind": "amendment", "text": "Đồng chí có tán thành sửa Điều 5?", "method": "approval"},
    {"kind": "whole", "text": "Đồng chí có tán thành toàn văn dự thảo?", "method": "approval"},
]


async def decided(room: Room, choice: str) -> None:
    """Put what is next, everybody answers, the vote is closed."""
    question = await put(room)
    await vote(room.chair.page, choice)
    await vote(room.member.page, choice)
    for person in room.others:
        await cast(person, room, question, "for")
    await close(room)


@pytest.mark.browser
async def test_an_item_is_voted_in_parts_before_the_whole(chromium: Browser, house: House) -> None:
    async with AsyncExitStack() as stack:
        room = await opened(house, chromium, stack, PLANS)
        page = room.chair.page
        # The chair takes the amendment first, by keyboard alone.
        await page.get_by_role("tab", name="Thứ tự biểu quyết").click()
        await page.locator("[data-plan]").nth(1).locator(".plan__grip").press("Alt+ArrowUp")
        await expect(page.locator("[data-plan]").first).to_contain_text("sửa Điều 5")
        await expect(room.step).to_contain_text("Biểu quyết sửa đổi 1/1")
        await decided(room, "Tán thành")
        await expect(room.step).to_contain_text("Biểu quyết phần 1/1")
        await decided(room, "Không tán thành")
        await expect(room.step).to_contain_text("Biểu quyết toàn văn")
        await room.step.click()
        await expect(page.get_by_role("dialog").get_by_label("Câu hỏi")).to_have_value(PLANS[2]["text"])
        await expect(page.get_by_role("dialog").get_by_label("Câu hỏi")).not_to_be_editable()
        await page.get_by_role("dialog").get_by_role("button", name="Bỏ qua").click()
        question = await put(room)
        # What passed before stands beside the whole; what did not, does not.
        await expect(room.member.page.locator(".votecard__with")).to_contain_text("sửa Điều 5")
        await expect(room.member.page.locator(".votecard__with")).not_to_contain_text("Chương I")
        await vote(page, "Tán thành")
        await vote(room.member.page, "Tán thành")
        await cast(room.others[0], room, question, "for")
        await cast(room.others[1], room, question, "against")
        await close(room)
        await expect(room.member.page.locator(".results > .result .verdict__word")).to_have_text("Thông qua")
        await expect(room.member.page.locator("details.results__one")).to_have_count(2)
        assert await room.chair.violations() == []
        await expect(room.step).to_contain_text("Kết luận")
        faultless(room)


async def incidents(room: Room) -> list[dict[str, Any]]:
    """As the chair sees them."""
    answer = await room.chair.page.request.get(f"{room.chair.base}/api/meetings/{room.meeting}")
    return list((await answer.json())["view"]["incidents"].values())


@pytest.mark.browser
async def test_a_line_lost_at_the_closing_is_reported_and_the_vote_repeated(chromium: Browser, house: House) -> None:
    async with AsyncExitStack() as stack:
        room = await opened(house, chromium, stack, [])
        member = room.member.page
        question = await put(room)
        await vote(room.chair.page, "Tán thành")
        await expect(member.locator(".ballot__opt").first).to_be_visible()
        await member.context.set_offline(True)
        await member.locator(".ballot__opt").filter(has_text=re.compile(r"^\s*Tán thành")).click()
        await member.get_by_role("button", name="Gửi biểu quyết").click()
        await expect(member.get_by_text("Chưa xác nhận, đang gửi lại")).to_be_visible()
        # One tap, without a line: it waits for it.
        await member.get_by_role("button", name="Tôi mất kết nối khi biểu quyết").click()
        await expect(member.get_by_text("sẽ báo chủ trì khi có kết nối")).to_be_visible()
        for person in room.others:
            await cast(person, room, question, "against")
        await close(room)
        await expect(room.chair.page.locator(".verdict__word")).to_have_text("Không thông qua")
        await member.context.set_offline(False)
        await expect(room.chair.page.locator("[data-incidents]")).to_contain_text("Thu truong 2", timeout=20_000)
        assert [each["question"] for each in await incidents(room)] == [question]
        await expect(member.get_by_text(re.compile("Đã báo chủ trì lúc"))).to_be_visible()
        await room.chair.page.locator("[data-incidents]").get_by_role("button", name="Biểu quyết lại").click()
        dialog = room.chair.page.get_by_role("dialog")
        await expect(dialog.get_by_label("Lý do biểu quyết lại")).to_have_value(re.compile("Thu truong 2 mất kết nối"))
        await dialog.get_by_role("button", name="Biểu quyết lại").click()
        await expect(member.get_by_text(re.compile("Lần trước không tính"))).to_be_visible()
        again = str(await room.chair.page.locator("[data-question]").get_attribute("data-question"))
        assert again != question
        await vote(room.chair.page, "Tán thành")
        await vote(member, "Tán thành")
        for person in room.others:
            await cast(person, room, again, "for")
        await close(room)
        await expect(member.locator(".results > .result .verdict__word")).to_have_text("Thông qua")
        annulled = member.locator("details.results__one")
        await expect(annulled).to_contain_text("Không công nhận kết quả này")
        await annulled.locator("summary").click()
        await expect(annulled).to_contain_text("Lý do: Thu truong 2 mất kết nối khi biểu quyết")
        assert await room.member.violations() == []
        faultless(room)
