"""Browsers with a page that takes part in a call, and tells what it receives."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.relay.running import RunningRelay, token, until

PINNED = Path(__file__).parents[2] / "web" / "node_modules" / "livekit-client" / "dist"
PATIENCE_S = 40.0
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIREFOX = ("firefox-esr", "firefox")
_CHOSEN = {CHROMIUM: "CHROMIUM", FIREFOX: "FIREFOX"}
"""By which variable `./run test` tells the program that it found."""
_CHROMIUM_FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio"),
    "--autoplay-policy=no-user-gesture-required",
]
_FIREFOX_SETTINGS = {
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "media.autoplay.block-webaudio": False,
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.gmp-gmpopenh264.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


def find(names: tuple[str, ...]) -> str | None:
    """Where one of these programs is."""
    return os.environ.get(_CHOSEN[names]) or next(filter(None, map(shutil.which, names)), None)


@dataclass
class Participant:
    """A page in a browser of its own."""

    name: str
    told: dict[str, Any] = field(default_factory=dict)
    orders: list[dict[str, Any]] = field(default_factory=list)

    def do(self, act: str, **how: Any) -> None:
        self.orders.append({"act": act, **how})

    def __getattr__(self, name: str) -> Any:
        return self.told.get(name)

    def sees(self, whom: str, *, more_than: int = 15) -> bool:
        return self.frames(whom) > more_than

    def hears(self, whom: str, *, more_than: float = 0.001) -> bool:
        return self.energy(whom) > more_than

    def width(self, whom: str) -> int:
        return int(self._of(whom, "video").get("width", 0))

    def frames(self, whom: str) -> int:
        return int(self._of(whom, "video").get("frames", 0))

    def energy(self, whom: str) -> float:
        return float(self._of(whom, "audio").get("energy", 0.0))

    def packets(self, whom: str, kind: str) -> int:
        return int(self._of(whom, kind).get("packets", 0))

    def _of(self, whom: str, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = self.told.get("receives", {}).get(f"{whom}/{kind}", {})
        return found

    async def until(self, condition: Any) -> None:
        """Wait for something that the page tells; what failed in it is said at once."""

        def holds() -> bool:
            assert not self.told.get("failed"), f"{self.name}: {self.told['failed']}"
            return bool(condition(self))

        try:
            await until(holds, PATIENCE_S)
        except TimeoutError:
            raise AssertionError(f"{self.name} waited in vain; it last told {self.told}") from None


class Stand:
    """Serves the page and opens browsers on it."""

    def __init__(self, relay: RunningRelay, room: str, folder: Path, client: Path = PINNED) -> None:
        """`client` holds a published livekit-client's files; `folder` is for the browsers' profiles."""
        self._relay = relay
        self._room = room
        self._folder = folder
        self._client = client
        self._people: dict[str, Participant] = {}
        self._port = 0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Stand":
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_static("/client", self._client)
        app.router.add_post("/told/{name}", self._told)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port = runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(Path(__file__).with_name("page.html"))

    async def _told(self, request: web.Request) -> web.Response:
        who = self._people[request.match_info["name"]]
        who.told = json.loads(await request.text())
        orders, who.orders = who.orders, []
        return web.json_response(orders)

    async def enter(self, name: str, browser: tuple[str, ...] = CHROMIUM, *, secret: str = "") -> Participant:
        """Open a browser whose page joins the call; waits until it has."""
        participant = self._people[name] = Participant(name)
        query = {"name": name, "url": self._relay.ws_url, "token": token(name, self._room)}
        url = f"http://127.0.0.1:{self._port}/?{urlencode(query | ({'secret': secret} if secret else {}))}"
        await self._stack.enter_async_context(
            _browser(browser, self._folder / f"{name}-profile", url, self._relay.address)
        )
        await participant.until(lambda one: one.state == "connected")
        return participant


@asynccontextmanager
async def _browser(names: tuple[str, ...], profile: Path, url: str, relay: str) -> AsyncIterator[None]:
    """`relay` is the address that media goes to: over TCP Chromium has it pass its resolver, too."""
    program = find(names)
    assert program, f"none of {', '.join(names)} is installed: ./run test --all does it, or says how"
    profile.mkdir(parents=True)
    if names is FIREFOX:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _FIREFOX_SETTINGS.items()]
        (profile / "user.js").write_text("\n".join(lines))
        command = [program, "--headless", "--no-remote", "--new-instance", "--profile", str(profile), url]
    else:
        known = "".join(f",EXCLUDE {host}" for host in ("127.0.0.1", "localhost", relay))
        resolve = f"--host-resolver-rules=MAP * ~NOTFOUND{known}"
        command = [program, *_CHROMIUM_FLAGS, resolve, f"--user-data-dir={profile}", url]
    quiet = asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
