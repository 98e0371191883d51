"""Janus of Debian with its video room, and a client for it: one peer connection to publish, another to receive."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate

from tests.bench.relaying import sdp
from tests.bench.relaying.content import Source
from tests.bench.relaying.line import Line
from tests.bench.relaying.livekit import ended, free_port, listening
from tests.bench.relaying.loads import Load
from tests.bench.relaying.participant import Participant, Publishing
from tests.bench.relaying.places import own_address

ROOM: Final = 1234
_PLUGIN: Final = "janus.plugin.videoroom"
_KEEP_ALIVE_S: Final = 25.0
_PATIENCE_S: Final = 20.0
_RIDS: Final = ("f", "h", "q")
"""From the best to the least, as Janus expects them."""
_HIGH, _LOW = 2, 0
_CONFIGURATION: Final = {
    "janus.jcfg": """
general: {{
    configs_folder = "{folder}"
    plugins_folder = "{libraries}/plugins"
    transports_folder = "{libraries}/transports"
    events_folder = "{libraries}/events"
    loggers_folder = "{libraries}/loggers"
    debug_level = 2
    {loops}
}}
nat: {{ ice_enforce_list = "{address}" }}
plugins: {{ disable = "{other_plugins}" }}
transports: {{ disable = "{other_transports}" }}
""",
    "janus.plugin.videoroom.jcfg": """
room-{room}: {{ description = "bench" publishers = 200 }}
""",
    "janus.transport.websockets.jcfg": """
general: {{ json = "compact" ws = true ws_port = {port} ws_ip = "127.0.0.1" wss = false }}
admin: {{ admin_ws = false admin_wss = false }}
""",
}


class Refused(OSError):
    """Janus answered with an error."""


class _Session:
    """Requests and their answers on one WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.id = 0

    async def run(self) -> None:
        """Take answers until the connection ends."""
        async for message in self._socket:
            said = json.loads(message.data)
            waiting = self._asked.get(said.get("transaction", ""))
            if waiting is not None and said["janus"] != "ack" and not waiting.done():
                waiting.set_result(said)
        raise ConnectionError("Janus hung up")

    async def keep_alive(self) -> None:
        """Sessions that say nothing for a minute are closed."""
        while True:
            await asyncio.sleep(_KEEP_ALIVE_S)
            await self._send({"janus": "keepalive"})

    async def ask(self, request: dict[str, object]) -> dict[str, Any]:
        """One request and its answer. Raises Refused."""
        number = await self._send(request)
        self._asked[number] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(_PATIENCE_S):
            answer = await self._asked[number]
        del self._asked[number]
        plugin = answer.get("plugindata", {}).get("data", {})
        if answer["janus"] == "error" or "error" in plugin:
            raise Refused(f"Janus: {answer.get('error') or plugin['error']}")
        return answer

    async def _send(self, request: dict[str, object]) -> str:
        number = str(next(self._numbers))
        own = {"session_id": self.id} if self.id else {}
        await self._socket.send_json({"transaction": number, **own, **request})
        return number

    async def attach(self) -> int:
        """A handle of the video room."""
        answer = await self.ask({"janus": "attach", "plugin": _PLUGIN})
        handle: int = answer["data"]["id"]
        return handle

    async def tell(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        """A message to the video room, and the event it leads to."""
        described: dict[str, object] = {"jsep": jsep} if jsep else {}
        return await self.ask({"janus": "message", "handle_id": handle, "body": body, **described})


class JanusParticipant:
    """A session; a handle to publish, a handle to receive."""

    def __init__(self, port: int, certificate: RTCCertificate, identity: str, load: Load, *, publishes: bool) -> None:
        """`port` is that of the WebSocket API."""
        self._port = port
        self._identity = identity
        self._load = load
        self._certificate = certificate
        self._joined = asyncio.Event()
        self._session: _Session | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self.lines: list[Line] = []
        self.publishing: Publishing | None = None
        self._sections: list[sdp.Section] = []
        if publishes or not load.streams:
            self._publish(self._new_line(controls=True))

    def _new_line(self, *, controls: bool) -> Line:
        line = Line(self._certificate, own_address(), controls=controls)
        self.lines.append(line)
        return line

    def _publish(self, line: Line) -> None:
        streams = self._load.streams
        if not streams:  # a line exists for something: here for a microphone that says nothing
            self._sections.append(sdp.Section("audio", sends=True, track="audio", ssrc=line.ssrc))
            return
        kinds = sorted({stream.kind for stream in streams})
        sources = [Source(one, str(kinds.index(one.kind))) for one in streams]
        self.publishing = Publishing(line, sources)
        for kind in kinds:
            own = [source for source in sources if source.stream.kind == kind]
            rids = tuple(rid for rid in _RIDS if any(source.stream.rid == rid for source in own))
            self._sections.append(sdp.Section(kind, sends=True, track=kind, ssrc=own[0].ssrc, rids=rids))

    async def run(self) -> None:
        """See Participant."""
        url = f"ws://127.0.0.1:{self._port}/"
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(url, protocols=["janus-protocol"], max_msg_size=0) as socket,
            asyncio.TaskGroup() as tasks,
        ):
            self._tasks = tasks
            self._session = session = _Session(socket)
            tasks.create_task(session.run())
            session.id = (await session.ask({"janus": "create"}))["data"]["id"]
            tasks.create_task(session.keep_alive())
            if self._sections:
                await self._offer(session, tasks)
            self._joined.set()
            await asyncio.Event().wait()

    async def _offer(self, session: _Session, tasks: asyncio.TaskGroup) -> None:
        handle = await session.attach()
        line = self.lines[0]
        join = {"request": "join", "ptype": "publisher", "room": ROOM, "id": feed_of(self._identity)}
        await session.tell(handle, join)
        jsep = {"type": "offer", "sdp": sdp.describe(line, self._sections, "actpass")}
        answer = (await session.tell(handle, {"request": "publish"}, jsep))["jsep"]["sdp"]
        _connect(line, answer, dtls_client=sdp.attributes(answer)["setup"] != "active")
        tasks.create_task(line.run())

    async def watch(self, publishers: Sequence[str], large: str) -> None:
        """See Participant."""
        async with asyncio.timeout(_PATIENCE_S):
            await self._joined.wait()
        session, tasks = self._session, self._tasks
        assert session is not None
        assert tasks is not None
        if not publishers:
            return
        handle = await session.attach()
        wanted = [{"feed": feed_of(one)} for one in publishers]
        join = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": wanted}
        attached = await session.tell(handle, join)
        offer = attached["jsep"]["sdp"]
        line = self._new_line(controls=False)
        _connect(line, offer, dtls_client=True)
        tasks.create_task(line.run())
        jsep = {"type": "answer", "sdp": sdp.answer(line, offer)}
        await session.tell(handle, {"request": "start"}, jsep)
        if self._load.has_simulcast:
            streams = attached["plugindata"]["data"]["streams"]
            sizes = [
                {"mid": one["mid"], "substream": _HIGH if one["feed_id"] == feed_of(large) else _LOW}
                for one in streams
                if one["type"] == "video"
            ]
            await session.tell(handle, {"request": "configure", "streams": sizes})


def feed_of(identity: str) -> int:
    """The number that Janus is to know a publisher by."""
    kind, _, number = identity.rpartition("-")
    return int(number) + (1_000 if kind == "publisher" else 10_000)


def _connect(line: Line, description: str, *, dtls_client: bool) -> None:
    remote = sdp.remote_of(description)
    if remote is None:
        raise Refused("Janus named no address")
    line.connect(remote, dtls_client=dtls_client)


@dataclass(eq=False)
class JanusServer:
    """A running Janus."""

    pid: int
    port: int
    certificate: RTCCertificate
    forwards: bool = True
    remark: str = ""

    def participant(self, identity: str, load: Load, *, publishes: bool) -> Participant:
        """See Server."""
        return JanusParticipant(self.port, self.certificate, identity, load, publishes=publishes)

    async def loop_lag(self) -> dict[float, float] | None:
        """Janus does not tell."""
        return None


def binary() -> str | None:
    """Where Janus is, if it is installed."""
    return shutil.which("janus")


def _libraries() -> Path:
    """The folder of its plugins."""
    return next(Path("/usr/lib").glob("*/janus"), Path("/usr/lib/janus"))


@asynccontextmanager
async def janus(event_loops: int = 0) -> AsyncIterator[JanusServer]:
    """Janus as Debian built it; 0 event loops: a thread for every handle, its default."""
    program = binary()
    if program is None:
        raise FileNotFoundError("janus is not installed")
    libraries, port = _libraries(), free_port()
    others = {
        kind: ",".join(sorted(path.name for path in (libraries / kind).glob("*.so") if keep not in path.name))
        for kind, keep in (("plugins", "videoroom"), ("transports", "websockets"))
    }
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as folder:
        words = {
            "folder": folder,
            "libraries": libraries,
            "loops": f"event_loops = {event_loops}" if event_loops else "",
            "address": own_address(),
            "other_plugins": others["plugins"],
            "other_transports": others["transports"],
            "room": ROOM,
            "port": port,
        }
        for name, text in _CONFIGURATION.items():
            (Path(folder) / name).write_text(text.format_map(words), encoding="utf-8")
        log = await asyncio.to_thread((Path(folder) / "log").open, "wb")
        with log:
            child = await asyncio.create_subprocess_exec(program, "-F", folder, stdout=log, stderr=log)
            try:
                await listening(port)
                yield JanusServer(child.pid, port, RTCCertificate.generateCertificate())
            finally:
                await ended(child)
