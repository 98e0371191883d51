"""A whole eCabinet in a process of its own, and people who use it over HTTP and socket.io as the page does."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import socketio
from aiohttp import ClientResponse, ClientSession, ClientTimeout
from socketio.exceptions import SocketIOError
from yarl import URL

from ecabinet.settings import Settings

from .founding import founded

ROOT = Path(__file__).parents[2]
PASSWORD = "một mật khẩu dài"
MINISTRY = f"""
[[account]]
username = "quan-tri"
name = "Quản trị"
password = "{PASSWORD}"
admin = true

[[body]]
name = "Tập thể Lãnh đạo Bộ"
name_en = "Ministry leadership"
unit = "Bộ Hạ tầng số và Dịch vụ công"
profile = "lanh-dao-bo"
secretaries = ["thu-ky-1"]
term = {{ name = "2026-2031", since = 2026-04-01, seats = 7 }}
"""
MEMBERS = ["bo-truong", *(f"thu-truong-{number}" for number in range(2, 8))]
OTHERS = ["thu-ky-1", "vu-truong", "pho-vu-truong", "nguoi-ngoai"]


def plan(members: Sequence[str] = MEMBERS) -> str:
    """The founding file of a ministry with these voting members, the first its head, a secretary and some others."""
    text = MINISTRY
    for member in members:
        post = "Bộ trưởng" if member == "bo-truong" else "Thứ trưởng"
        text += f"""
[[body.member]]
username = "{member}"
post = "{post}"
post_en = "{"Minister" if member == "bo-truong" else "Deputy Minister"}"
head = {"true" if member == "bo-truong" else "false"}
since = 2026-04-01
"""
    for username in [*members, *OTHERS]:
        name = username.replace("-", " ").capitalize()
        text += f'\n[[account]]\nusername = "{username}"\nname = "{name}"\npassword = "{PASSWORD}"\n'
    return text


def free_ports(count: int) -> list[int]:
    """Ports nobody uses at this moment, for UDP and TCP alike."""
    held = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


@dataclass
class House:
    """One installation; it may be killed and started again, and finds its data."""

    folder: Path
    database_url: str
    settings: dict[str, str] = field(default_factory=dict)
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of who has signed in, by username. Signing in is slow and throttled by place, and all of us sit in one."""
    process: asyncio.subprocess.Process | None = None

    @property
    def page(self) -> str:
        """Where the page is."""
        return f"http://localhost:{self.ports[0]}"

    def environment(self) -> dict[str, str]:
        """The settings of this installation."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ECABINET_")}
        return inherited | {
            "PYTHONPATH": str(ROOT / "server"),
            "ECABINET_DATA": str(self.folder),
            "ECABINET_DATABASE_URL": self.database_url,
            "ECABINET_PORT": str(self.ports[0]),
            "ECABINET_RELAY_PORT": str(self.ports[1]),
            "ECABINET_RELAY_MEDIA_PORT": str(self.ports[2]),
            "ECABINET_WEB": str(ROOT / "web" / "dist"),
            **self.settings,
        }

    async def command(self, *words: str) -> tuple[int, str]:
        """Run the command line to its end; its exit code and what it printed."""
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ecabinet", *words),
            env=self.environment(),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await child.communicate()
        return child.returncode or 0, out.decode()

    async def start(self, command: str = "serve") -> None:
        """Start and wait until it answers."""
        with (self.folder / "app.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ecabinet", command),
                env=self.environment(),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        async with asyncio.timeout(60), ClientSession() as session:
            while True:
                if self.process.returncode is not None:
                    raise AssertionError((self.folder / "app.log").read_text())
                try:
                    async with session.get(f"{self.page}/healthz") as answer:
                        if answer.status == 200:
                            return
                except OSError:
                    await asyncio.sleep(0.05)

    @asynccontextmanager
    async def running(self, plan: str) -> AsyncIterator[Self]:
        """Founded by this file, and answering."""
        self.cookies = await founded(Settings.from_env(self.environment()), plan)
        await self.start()
        try:
            await self._until_media()
            yield self
        finally:
            await self.stop()

    async def _until_media(self) -> None:
        """The relay is up a moment after the application; whoever came before that would get no ticket."""
        async with asyncio.timeout(60), ClientSession(self.page) as session:
            while True:
                async with session.get("/healthz") as answer:
                    if (await answer.json())["media"] == "up":
                        return
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """As a power cut for this process alone."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> float:
        """Ask it to end; how long that took, in seconds."""
        if self.process is None or self.process.returncode is not None:
            return 0.0
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            await self.process.wait()
        return loop.time() - began


@asynccontextmanager
async def founded_house(
    folder: Path, database_url: str, members: Sequence[str] = MEMBERS, **settings: str
) -> AsyncIterator[House]:
    """An installation with a ministry in it, running. Its people are signed in; who types a password may do so."""
    async with House(folder, database_url, settings).running(plan(members)) as house:
        yield house


class Refused(Exception):
    """The server's refusal."""

    def __init__(self, status: int, code: str, detail: dict[str, Any]) -> None:
        super().__init__(status, code, detail)
        self.status, self.code, self.detail = status, code, detail


class Person:
    """Somebody with a browser, without the browser."""

    def __init__(self, house: House, username: str) -> None:
        self.house = house
        self.username = username
        self.id = ""
        self.session = ClientSession(house.page, timeout=ClientTimeout(total=30))
        self.socket: socketio.AsyncClient | None = None
        self.view: dict[str, dict[str, Any]] = {}
        self.me: dict[str, Any] = {}
        self.seq = 0
        self.entries = 0
        """How often the meeting was entered."""
        self.events: list[dict[str, Any]] = []
        self.news = asyncio.Event()
        self._early: list[dict[str, Any]] | None = None
        """What comes between entering and the answer to it, which it follows."""

    async def __aenter__(self) -> Self:
        if known := self.house.cookies.get(self.username):
            self.session.cookie_jar.update_cookies(known, URL(self.house.page))
        else:
            await self.call("POST", "/api/sign-in", {"username": self.username, "password": PASSWORD})
            self.house.cookies[self.username] = self.cookies
        self.id = (await self.call("GET", "/api/me"))["person"]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.socket is not None:
            await self.socket.disconnect()
        await self.session.close()

    @property
    def cookies(self) -> dict[str, str]:
        """Name → value."""
        return {each.key: each.value for each in self.session.cookie_jar}

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Ask the server; a body of bytes is sent as it is. Raises Refused."""
        headers = {"X-Req": "1"} if method != "GET" else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        async with self.session.request(method, path, data=raw, params=query, headers=headers) as answer:
            return await _answer(answer)

    async def upload(
        self, meeting: str, item: str, pdf: bytes | AsyncIterable[bytes], title: str, kind: str = "application/pdf"
    ) -> Any:
        """Hang a paper on an item; what comes in pieces is sent without its length. Raises Refused."""
        headers = {"X-Req": "1", "Content-Type": kind}
        query = {"title": title, "filename": f"{title}.pdf"}
        path = f"/api/meetings/{meeting}/items/{item}/papers"
        async with self.session.post(path, data=pdf, params=query, headers=headers) as answer:
            return await _answer(answer)

    async def read(self, path: str) -> bytes:
        """A file. Raises Refused."""
        async with self.session.get(path) as answer:
            if answer.status != 200:
                await _answer(answer)
            return await answer.read()

    async def enter(self, meeting: str) -> None:
        """Open the socket and follow the meeting; `view` stays as the page would have it."""
        await self._connect(socketio.AsyncClient(reconnection=False, json=json))
        await self._ask_in(meeting)

    async def stay(self, meeting: str) -> None:
        """As `enter`, and again, from what was seen last, whenever the connection is back. Runs until cancelled."""
        connected = asyncio.Event()
        client = socketio.AsyncClient(reconnection_delay=0.2, reconnection_delay_max=1, json=json)
        client.on("connect", connected.set)
        await self._connect(client)
        while True:
            await connected.wait()
            connected.clear()
            # Lost again: the next connection asks again.
            with suppress(SocketIOError):
                await self._ask_in(meeting)

    async def _connect(self, client: socketio.AsyncClient) -> None:
        # The library keeps one reader of JSON for all: a server of ours in this process would leave its strict one.
        self.socket = client
        client.on("event", self._hear)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        await client.connect(
            self.house.page,
            # Asked for at each connection: the client takes the cookie out of a mapping, and has none the next time.
            headers=lambda: {"Cookie": cookies, "Origin": self.house.page},
            transports=["websocket"],
            wait_timeout=20,
        )

    async def _ask_in(self, meeting: str) -> None:
        assert self.socket is not None
        self._early = []
        since = {"since": self.seq} if self.seq else {}
        answer = await self.socket.call("enter", {"meeting": meeting, **since}, timeout=20)
        early, self._early = self._early, None
        if "error" in answer:
            raise Refused(0, answer["error"]["code"], answer["error"]["detail"])
        self.me = answer["me"]
        if "view" in answer:
            self.view = answer["view"]
        for event in answer.get("events", []):
            self._apply(event)
        self.seq = answer["seq"]
        for event in early:
            self._hear(event)
        self.entries += 1
        self.news.set()

    async def until(self, holds: Any, timeout_s: float = 20) -> None:
        """Wait until the view is as it should be."""
        async with asyncio.timeout(timeout_s):
            while not holds(self.view):
                self.news.clear()
                await self.news.wait()

    def _hear(self, event: dict[str, Any]) -> None:
        if self._early is not None:
            self._early.append(event)
            return
        if event["seq"] <= self.seq:
            return
        assert event["seq"] == self.seq + 1, "a gap"
        self.seq = event["seq"]
        self._apply(event)

    def _apply(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        for name, entries in event["body"].items():
            for key, entry in entries.items():
                if entry is None:
                    self.view[name].pop(key, None)
                else:
                    self.view.setdefault(name, {})[key] = entry
        self.news.set()


async def _answer(answer: ClientResponse) -> Any:
    if answer.status == 204:
        return None
    value = await answer.json()
    if answer.status >= 400:
        raise Refused(answer.status, value["error"]["code"], value["error"]["detail"])
    return value
