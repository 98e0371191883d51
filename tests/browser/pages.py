"""The system's Chromium, and people who look at the page in it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Playwright, Request

from tests.journeys.house import PASSWORD, ROOT, House

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # The browser's own services stay silent: nothing but this machine has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE localhost",
]
WIDTHS = {"desktop": (1440, 900), "tablet": (768, 1024), "phone": (360, 740)}
SIGN_IN = {
    "vi": {"name": "Tên đăng nhập", "password": "Mật khẩu", "button": "Đăng nhập", "desk": "Bàn làm việc"},
    "en": {"name": "User name", "password": "Password", "button": "Sign in", "desk": "My desk"},
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def launch(playwright: Playwright) -> Browser:
    """The browser that `./run test` found, with a camera and a microphone that always agree."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "no Chromium: ./run test installs it, or says how"
    return await playwright.chromium.launch(executable_path=found, args=FLAGS)


@dataclass
class Visitor:
    """One person with one page, and everything the page did."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Keep what the page asks for and what goes wrong in it."""
        self.page.on("request", self._asked)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    async def go(self, path: str) -> None:
        """Open a page of ours and wait until it stands."""
        await self.page.goto(self.base + path)
        await self.page.wait_for_load_state("networkidle")

    async def sign_in(self, username: str, password: str = PASSWORD, language: str = "vi") -> None:
        """As a person does it."""
        words = SIGN_IN[language]
        await self.go("/")
        await self.page.get_by_label(words["name"]).fill(username)
        await self.page.get_by_label(words["password"], exact=True).fill(password)
        await self.page.get_by_role("button", name=words["button"], exact=True).click()
        await self.page.get_by_role("heading", name=words["desk"], level=1).wait_for()

    async def enter_as(self, house: House, username: str) -> None:
        """With the session that somebody of this house has, without the door."""
        cookies = [{"name": name, "value": value, "url": self.base} for name, value in house.cookies[username].items()]
        await self.page.context.add_cookies(cookies)  # type: ignore[arg-type]

    async def violations(self) -> list[str]:
        """What axe-core finds wrong with the page as it stands."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = await self.page.evaluate(
            # What is right about a page would be written out as well, which takes most of the time.
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})",
            RULES,
        )
        return [
            f"{fault['id']}: {node['target']} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]

    async def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def strangers(self, *own: str) -> list[str]:
        """Requests that left the page's own origin, and those given."""
        allowed = (self.base, self.base.replace("http", "ws", 1), "blob:", "data:", *own)
        return [url for url in self.requests if not url.startswith(allowed)]


@asynccontextmanager
async def visitor(browser: Browser, base: str, size: str = "desktop", **options: Any) -> AsyncIterator[Visitor]:
    """A person with a browser window of their own."""
    width, height = WIDTHS[size]
    options = {"locale": "vi-VN", "viewport": {"width": width, "height": height}} | options
    context = await browser.new_context(**options)
    try:
        found = Visitor(await context.new_page(), base)
        found.watch()
        yield found
    finally:
        await context.close()


def shot(folder: Path, name: str) -> Path:
    """Where a screenshot for human eyes goes."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"
