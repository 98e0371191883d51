"""Every screen, in both languages, on three sizes: accessible, nothing sideways, nothing asked of anyone else."""

from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, expect

from tests.journeys.house import House

from .pages import Visitor, visitor

PASSWORD = "ecabinet-demo"


@dataclass
class Places:
    """Where the demonstration's meetings are."""

    running: str
    draft: str
    closed: str
    minutes: str


async def known(house: House, username: str) -> dict[str, str]:
    """The cookies of somebody who signed in at most once for all tests: that is slow, and has a test of its own."""
    if username not in house.cookies:
        async with ClientSession(house.page) as session:
            body = {"username": username, "password": PASSWORD}
            async with session.post("/api/sign-in", json=body, headers={"X-Req": "1"}) as answer:
                assert answer.status == 204
                house.cookies[username] = {name: each.value for name, each in answer.cookies.items()}
    return house.cookies[username]


async def cards(house: House, username: str) -> list[dict[str, Any]]:
    async with ClientSession(house.page, cookies=await known(house, username)) as session:
        async with session.get("/api/meetings") as answer:
            found: list[dict[str, Any]] = (await answer.json())["meetings"]
        for card in found:
            async with session.get(f"/api/meetings/{card['id']}") as answer:
                card["view"] = (await answer.json())["view"]
    return found


@pytest.fixture(scope="session")
async def places(demo: House) -> Places:
    ministry, province = await cards(demo, "thu-ky-1"), await cards(demo, "thu-ky-ubnd")
    running = next(card for card in ministry if card["phase"] in {"open", "paused"})
    closed = next(card for card in ministry if card["view"]["minutes"])
    draft = next(card for card in [*province, *ministry] if card["phase"] == "draft")
    return Places(running["id"], draft["id"], closed["id"], next(iter(closed["view"]["minutes"])))


STILL = """() => document.getAnimations().every(each =>
    each.playState !== 'running' || each.effect.getComputedTiming().iterations === Infinity)"""


async def looked_at(person: Visitor, path: str) -> None:
    await person.go(path)
    await person.page.wait_for_function(STILL)
    assert await person.violations() == []
    assert not await person.scrolls_sideways(), f"{path} is wider than its window"


Look = tuple[str, str, str]
LOOKS: list[Look] = [
    (size, language, theme)
    for size in ("desktop", "tablet", "phone")
    for language, theme in (("vi", "light"), ("en", "dark"))
]


@pytest.fixture(params=LOOKS, ids="-".join)
async def look(request: pytest.FixtureRequest) -> Look:
    """Each size, once in each language; the themes alternate with it."""
    found: Look = request.param
    return found


async def speaks(person: Visitor, language: str) -> None:
    await person.page.add_init_script(f"localStorage.setItem('ecabinet.locale', '{language}')")


async def signed_in(person: Visitor, house: House, username: str, language: str) -> None:
    await speaks(person, language)
    await known(house, username)
    await person.enter_as(house, username)


@pytest.mark.browser
async def test_office_screens(chromium: Browser, demo: House, places: Places, look: Look) -> None:
    """Sign-in, desk, sessions, a session, its minutes."""
    size, language, theme = look
    async with visitor(chromium, demo.page, size, color_scheme=theme) as secretary:
        await speaks(secretary, language)
        await secretary.go("/")
        assert await secretary.violations() == []
        await secretary.sign_in("thu-ky-1", PASSWORD, language)
        for path in (
            "/",
            "/meetings",
            f"/meetings/{places.running}",
            f"/meetings/{places.closed}",
            f"/meetings/{places.closed}/minutes",
        ):
            await looked_at(secretary, path)
        assert secretary.faults == []
        assert secretary.strangers() == []


@pytest.mark.browser
async def test_the_preparation_screen(chromium: Browser, demo: House, places: Places, look: Look) -> None:
    size, language, theme = look
    async with visitor(chromium, demo.page, size, color_scheme=theme) as secretary:
        await signed_in(secretary, demo, "thu-ky-ubnd", language)
        for path in (f"/meetings/{places.draft}/prepare", "/meetings/new"):
            await looked_at(secretary, path)
        assert secretary.faults == []
        assert secretary.strangers() == []


LIVE = [("bo-truong", look) for look in LOOKS] + [
    (username, look) for username in ("thu-truong-2", "thu-ky-1", "pho-vu-truong-khtc") for look in (LOOKS[2], LOOKS[5])
]


@pytest.mark.browser
@pytest.mark.parametrize(("username", "seen"), LIVE, ids=["-".join((name, *look)) for name, look in LIVE])
async def test_the_live_screens(chromium: Browser, demo: House, places: Places, username: str, seen: Look) -> None:
    """The green room and the room, as the chair, a member, the secretary and a stand-in see them."""
    size, language, theme = seen
    relay = f"localhost:{demo.ports[1]}"
    async with visitor(chromium, demo.page, size, color_scheme=theme) as person:
        await signed_in(person, demo, username, language)
        for path in (f"/meetings/{places.running}/green", f"/meetings/{places.running}/room"):
            await looked_at(person, path)
        assert person.faults == []
        assert person.strangers(f"ws://{relay}", f"http://{relay}") == []


@pytest.mark.browser
async def test_who_has_no_part_in_a_meeting_is_told_so_at_every_door(
    chromium: Browser, demo: House, places: Places
) -> None:
    async with visitor(chromium, demo.page) as administrator:
        await signed_in(administrator, demo, "quan-tri", "vi")
        for rest in ("", "/green", "/room", "/minutes", "/prepare"):
            await administrator.go(f"/meetings/{places.running}{rest}")
            await expect(
                administrator.page.get_by_text("Không tìm thấy, hoặc đồng chí không có quyền xem")
            ).to_be_visible()
        assert administrator.faults == []


@pytest.mark.browser
async def test_who_signs_out_elsewhere_is_led_back_to_the_door(chromium: Browser, demo: House, places: Places) -> None:
    async with visitor(chromium, demo.page) as member:
        await signed_in(member, demo, "thu-truong-4", "vi")
        await member.go(f"/meetings/{places.running}/room")
        await expect(member.page.get_by_role("button", name="Rời phòng")).to_be_visible()
        # Another window of the same browser; the room's own page does nothing.
        other = await member.page.context.new_page()
        await other.goto(demo.page)
        await other.evaluate("fetch('/api/sign-out', {method: 'POST', headers: {'X-Req': '1'}})")
        # The next thing that happens in the meeting finds the session ended.
        async with visitor(chromium, demo.page) as chair:
            await signed_in(chair, demo, "thu-truong-5", "vi")
            await chair.go(f"/meetings/{places.running}/room")
            await expect(member.page.get_by_role("heading", name="Đăng nhập")).to_be_visible(timeout=20_000)
