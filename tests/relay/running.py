"""A relay as its own program, and what opens it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
from livekit import api

KEY = "test-key"
SECRET = "a-secret-of-the-tests-that-is-long-enough"
SERVER = Path(__file__).parents[2] / "server"
PATIENCE_S = 20.0


@dataclass
class RunningRelay:
    """A relay process and how to reach it."""

    child: asyncio.subprocess.Process
    http_port: int
    media_port: int
    address: str
    addresses: tuple[str, ...] = ()
    """All that it tells clients, the preferred one first."""
    is_native: bool = True
    """Whether packets go through the path in C."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.http_port}"

    async def page(self, path: str) -> str:
        """What it answers to a GET."""
        async with aiohttp.ClientSession(self.url) as session, session.get(path) as answer:
            return await answer.text()

    async def figure(self, name: str) -> float:
        """One of its metrics."""
        lines = (await self.page("/metrics")).splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))

    def resident_bytes(self) -> int:
        """Its memory, as the kernel counts it."""
        pages = Path(f"/proc/{self.child.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def client(self) -> api.LiveKitAPI:
        return api.LiveKitAPI(self.url, KEY, SECRET)


@asynccontextmanager
async def running_relay(**settings: str) -> AsyncIterator[RunningRelay]:
    """Start a relay; on the way out it must end by itself within two seconds of SIGTERM."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SERVER),
        "RELAY_KEYS": f"{KEY}: {SECRET}",
        "RELAY_HTTP_PORT": "0",
        "RELAY_MEDIA_PORT": "0",
    } | {f"RELAY_{name.upper()}": value for name, value in settings.items()}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relay", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            ready = json.loads(await child.stdout.readline())
        yield RunningRelay(
            child, ready["http"], ready["udp"], ready["addresses"][0], tuple(ready["addresses"]), ready["native"]
        )
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await child.wait()
        except TimeoutError:
            child.kill()
            raise


def token(identity: str, room: str, *, secret: str = SECRET, ttl_s: int = 600, **grants: object) -> str:
    """What the application would give a participant."""
    video = api.VideoGrants(room_join=True, room=room, **grants)  # type: ignore[arg-type]
    minted = api.AccessToken(KEY, secret).with_identity(identity).with_name(identity.title())
    return minted.with_grants(video).with_ttl(timedelta(seconds=ttl_s)).to_jwt()


async def until(condition: Callable[[], object | Awaitable[object]], patience_s: float = PATIENCE_S) -> object:
    """Wait for a condition that real programs bring about in their own time."""
    async with asyncio.timeout(patience_s):
        while True:
            value = condition()
            if isinstance(value, Awaitable):
                value = await value
            if value:
                return value
            await asyncio.sleep(0.05)


class Line:
    """A TCP line that can be cut."""

    def __init__(self) -> None:
        self.port = 0
        self._ends: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break every connection on it; new ones may follow."""
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    def add(self, *ends: asyncio.StreamWriter) -> None:
        self._ends.update(ends)


@asynccontextmanager
async def detour(port: int) -> AsyncIterator[Line]:
    """Another port that leads to this one."""
    line = Line()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65_536):
            writer.write(chunk)
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        line.add(writer, far_writer)
        with suppress(ConnectionError):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(carry(reader, far_writer))
                await carry(far_reader, writer)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.cut()
