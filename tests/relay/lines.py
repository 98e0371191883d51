"""Bad lines, in user space: a UDP detour to a relay that loses, delays, reorders and narrows, each way by itself.

A `BadLine` is a way into a relay for one unmodified client: its signalling passes through us, where the addresses in
answers are replaced by the detour's. The detour is a program of its own, so that what a test computes does not look
like a slow network:

    python -m tests.relay.lines HOST RELAY_PORT SEED      commands as JSON lines on stdin, counts on stdout
"""

import asyncio
import json
import random
import re
import socket
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from livekit.protocol.rtc import SignalResponse

from tests.relay.running import RunningRelay

ROOT = Path(__file__).parents[2]
OVERHEAD_BYTES = 28
"""IP and UDP headers, which a line carries too."""
_CANDIDATE = re.compile(r"a=candidate:.*\r\n")
_SWAY_S = 0.25
"""The delay wanders from one random value to the next in this time; it does not jump from packet to packet."""


@dataclass(frozen=True)
class Terms:
    """How one direction of a line is."""

    loss: float = 0.0
    delay_ms: float = 0.0
    sway_ms: float = 0.0
    """The delay is anything from this much less to this much more."""
    reorder: float = 0.0
    """Share of packets that arrive 40 ms late, behind those that were sent after them."""
    rate_bps: int = 0
    """0: as much as comes."""
    queue_ms: float = 400.0
    """What does not fit into a queue of this length is dropped."""
    dead: bool = False


GOOD = Terms()


class Lane:
    """One direction: when a packet arrives, if it does."""

    def __init__(self, seed: int) -> None:
        self.terms = GOOD
        self._random = random.Random(seed)
        self._free_at_s = 0.0
        self._last_due_s = 0.0
        self._sway = (0.0, 0.0)
        self._sway_from_s = 0.0

    def due_s(self, size_bytes: int, at_s: float) -> float | None:
        """When a packet that is sent now arrives; None if it is lost."""
        terms = self.terms
        if terms.dead or self._random.random() < terms.loss:
            return None
        due_s = at_s
        if terms.rate_bps:
            begins_s = max(at_s, self._free_at_s)
            if begins_s - at_s > terms.queue_ms / 1000:
                return None
            due_s = self._free_at_s = begins_s + 8 * (size_bytes + OVERHEAD_BYTES) / terms.rate_bps
        due_s += max(0.0, terms.delay_ms + terms.sway_ms * self._swayed(at_s)) / 1000
        if self._random.random() < terms.reorder:
            return due_s + 0.04
        due_s = self._last_due_s = max(due_s, self._last_due_s)
        return due_s

    def _swayed(self, at_s: float) -> float:
        if at_s - self._sway_from_s >= _SWAY_S:
            self._sway = (self._sway[1], self._random.uniform(-1, 1))
            self._sway_from_s = at_s
        share = (at_s - self._sway_from_s) / _SWAY_S
        return self._sway[0] * (1 - share) + self._sway[1] * share


@dataclass
class Counts:
    up: int = 0
    down: int = 0
    up_lost: int = 0
    down_lost: int = 0
    down_bytes: int = 0


class Detour:
    """A UDP port that leads to the relay; each client has a socket of its own towards it."""

    def __init__(self, host: str, relay_port: int, seed: int) -> None:
        self.counts = Counts()
        self.lanes = {"up": Lane(seed), "down": Lane(seed + 1)}
        self._loop = asyncio.get_running_loop()
        self._relay = (host, relay_port)
        self._near = _socket()
        self._near.bind((host, 0))
        self.port: int = self._near.getsockname()[1]
        self._far: dict[tuple[str, int], socket.socket] = {}
        self._loop.add_reader(self._near, self._from_client)

    def _from_client(self) -> None:
        for _ in range(64):
            try:
                datagram, source = self._near.recvfrom(2048)
            except OSError:
                return
            far = self._far.get(source)
            if far is None:
                far = self._far[source] = _socket()
                far.connect(self._relay)
                self._loop.add_reader(far, self._from_relay, far, source)
            due_s = self.lanes["up"].due_s(len(datagram), time.monotonic())
            self.counts.up += 1
            if due_s is None:
                self.counts.up_lost += 1
            else:
                self._later(due_s, far, datagram, None)

    def _from_relay(self, far: socket.socket, client: tuple[str, int]) -> None:
        for _ in range(64):
            try:
                datagram = far.recv(2048)
            except OSError:
                return
            due_s = self.lanes["down"].due_s(len(datagram), time.monotonic())
            self.counts.down += 1
            self.counts.down_bytes += len(datagram)
            if due_s is None:
                self.counts.down_lost += 1
            else:
                self._later(due_s, self._near, datagram, client)

    def _later(self, due_s: float, out: socket.socket, datagram: bytes, to: tuple[str, int] | None) -> None:
        if due_s <= time.monotonic():
            _send(out, datagram, to)
        else:
            self._loop.call_at(due_s, _send, out, datagram, to)


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    made.setblocking(False)
    return made


def _send(out: socket.socket, datagram: bytes, to: tuple[str, int] | None) -> None:
    with suppress(OSError):
        if to is None:
            out.send(datagram)
        else:
            out.sendto(datagram, to)


async def _serve(host: str, relay_port: int, seed: int) -> None:
    detour = Detour(host, relay_port, seed)
    print(json.dumps({"port": detour.port}), flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        for way, terms in json.loads(line).items():
            detour.lanes[way].terms = Terms(**terms)
        print(json.dumps(asdict(detour.counts)), flush=True)


# --- the way in for one client


@dataclass
class BadLine:
    """Give a client `ws_url`, and set how its line is."""

    ws_url: str
    child: asyncio.subprocess.Process
    signals: deque[tuple[float, SignalResponse]] = field(default_factory=lambda: deque(maxlen=10_000))
    """What the relay told the client, and when (monotonic)."""
    _talks: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while signalling passes; in a hole it does not either."""

    async def set(self, *, up: Terms = GOOD, down: Terms = GOOD) -> Counts:
        """From now on; what was counted so far."""
        if up.dead and down.dead:
            self._talks.clear()
        else:
            self._talks.set()
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(json.dumps({"up": asdict(up), "down": asdict(down)}).encode() + b"\n")
        return Counts(**json.loads(await self.child.stdout.readline()))

    def told(self, kind: str) -> list[tuple[float, SignalResponse]]:
        """The signals of one kind."""
        return [(at_s, signal) for at_s, signal in self.signals if signal.WhichOneof("message") == kind]

    async def carry(
        self,
        source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
        send: Callable[[bytes], Awaitable[None]],
    ) -> None:
        """Pass messages on until the connection ends."""
        async for message in source:
            await self._talks.wait()
            if message.type is aiohttp.WSMsgType.BINARY:
                await send(message.data)


class _Send:
    """Towards the client: answers name the detour, and every signal is noted."""

    def __init__(self, line: BadLine, socket: web.WebSocketResponse, relay: RunningRelay, port: int) -> None:
        self._line, self._socket = line, socket
        self._instead = f"a=candidate:1 1 udp 2130706431 {relay.address} {port} typ host\r\n"

    async def __call__(self, message: bytes) -> None:
        signal = SignalResponse.FromString(message)
        if signal.HasField("answer"):
            before, *others = _CANDIDATE.split(signal.answer.sdp)
            signal.answer.sdp = self._instead.join([before, "".join(others)]) if others else before
        self._line.signals.append((time.monotonic(), signal))
        await self._socket.send_bytes(signal.SerializeToString())


@asynccontextmanager
async def bad_line(relay: RunningRelay, seed: int = 1) -> AsyncIterator[BadLine]:
    """A line to a relay that offers UDP only; good at first."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.relay.lines", relay.address, str(relay.media_port), str(seed)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    port = json.loads(await child.stdout.readline())["port"]
    line = BadLine("", child)
    await line.set()

    async def signal(request: web.Request) -> web.StreamResponse:
        async with aiohttp.ClientSession(relay.url) as http:
            headers = {"Authorization": request.headers.get("Authorization", "")}
            path = request.raw_path
            if not path.startswith("/rtc/v1?") and path != "/rtc/v1":
                answer = await http.get(path, headers=headers)
                return web.Response(status=answer.status, body=await answer.read())
            far = await http.ws_connect(path, headers=headers)
            near = web.WebSocketResponse()
            await near.prepare(request)
            async with asyncio.TaskGroup() as tasks:
                up = tasks.create_task(line.carry(near, far.send_bytes))
                with suppress(ConnectionError):
                    await line.carry(far, _Send(line, near, relay, port))
                up.cancel()
                await near.close()
            return near

    app = web.Application()
    app.router.add_get("/{path:.*}", signal)
    runner = web.AppRunner(app, access_log=None, max_line_size=65_536, max_field_size=65_536, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    line.ws_url = f"ws://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield line
    finally:
        await runner.cleanup()
        assert child.stdin is not None
        child.stdin.close()
        child.terminate()
        await child.wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
