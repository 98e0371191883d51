"""Our own media relays as children of the application: started, watched, restarted, adopted, and stopped with it.

A child is in a session of its own, so neither Ctrl-C nor a crash of the application ends the calls. The application
that starts next finds it by its address and our key, and adopts it. A relay that nobody has called for its lease ends
by itself. Where there are several, none knows of the others.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic

import structlog

import ecabinet
from ecabinet.kernel.errors import Refusal

from .livekit import ApiKey

log = structlog.get_logger()

LEASE_S = 60
_KEEP_ALIVE_S = 5
_READY_S = 20
"""Longest wait for a new relay to be ready. On a machine that is busy bringing everybody back it takes its time, and
killing it half-way would only make the machine busier; one that dies meanwhile is noticed at once."""
_STOP_S = 2
"""How long the relay may take to end its calls before it is killed."""
_STEADY_S = 10
"""A relay that lived this long died of something new: it is restarted without delay."""
_PAUSES_S = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
"""Before each restart of a relay that keeps dying."""
_MISSED = 3
"""After so many keep-alive calls without an answer a living relay counts as stuck. Its meetings have moved by then,
where there is another relay: this is for those on it who have not noticed."""
_LOOK_S = 0.2
_LOG_BYTES = 10_000_000
_PROGRAM = (sys.executable, "-m", "relay")


def relay_key(folder: Path) -> ApiKey:
    """The key the application and its relay share, made at the first call and kept for this user's eyes only."""
    path = folder / "relay.key"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"ecabinet-{secrets.token_hex(4)} {secrets.token_hex(32)}\n")
    except FileExistsError:
        pass
    key, secret = path.read_text(encoding="ascii").split()
    return ApiKey(key, secret)


@dataclass(frozen=True, slots=True)
class RelayPlace:
    """Where the first relay listens and what it is told."""

    port: int
    """Signalling and control, on 127.0.0.1."""
    media_port: int
    """UDP, and TCP for those whom UDP does not reach."""
    addresses: tuple[str, ...]
    """What clients are told to send media to; empty: this machine's own addresses."""
    webhook_url: str
    """Where the relay reports who came and went."""
    recordings: Path
    """Absolute path of the folder it leaves recordings in; all relays have the same."""
    reserve_bytes: int
    """What its disk must have left."""

    def nth(self, number: int) -> "RelayPlace":
        """The same for another relay on this machine, numbered from 0."""
        return replace(self, port=self.port + number, media_port=self.media_port + number)

    def environment(self, key: ApiKey) -> dict[str, str]:
        """The relay's settings."""
        return {
            "RELAY_KEYS": f"{key.id}: {key.secret}",
            "RELAY_HTTP_HOST": "127.0.0.1",
            "RELAY_HTTP_PORT": str(self.port),
            "RELAY_MEDIA_PORT": str(self.media_port),
            "RELAY_ADDRESSES": ",".join(self.addresses),
            "RELAY_WEBHOOK_URL": self.webhook_url,
            "RELAY_LEASE_S": str(LEASE_S),
            "RELAY_RECORDINGS": str(self.recordings),
            "RELAY_RECORDINGS_RESERVE": str(self.reserve_bytes),
            # A ticket may be older than the recording that its holder must know of.
            "RELAY_RECORDED_ONLY_GRANTED": "1",
        }


@dataclass(slots=True)
class RelaySupervisor:
    """`run` is one task of the application; cancelling it stops the relay."""

    folder: Path
    """Where the relay's pid and log are kept."""
    environment: Mapping[str, str]
    ping: Callable[[], Awaitable[None]]
    """A call with our key that only our relay answers; raises a refusal otherwise."""
    name: str = "relay"
    """What its files are called, before the dot; no two relays of a folder have the same."""
    program: Sequence[str] = _PROGRAM
    keep_alive_s: float = _KEEP_ALIVE_S
    is_up: bool = False
    """Whether a relay is running that has answered."""
    _child: asyncio.subprocess.Process | None = field(default=None, init=False)
    _pid: int | None = field(default=None, init=False)

    async def run(self) -> None:
        """Keep a relay running until cancelled; then stop it, adopted or not, within three seconds."""
        try:
            await self._adopt()
            await self._keep()
        finally:
            self.is_up = False
            await self._stop()

    async def _keep(self) -> None:
        deaths = 0
        while True:
            if not self.is_up:
                await asyncio.sleep(_PAUSES_S[min(deaths, len(_PAUSES_S) - 1)])
                try:
                    await self._start()
                except OSError:
                    # A full disk or a missing program ends calls; it must not end meetings.
                    log.exception("the relay cannot be started", relay=self.name)
            since = monotonic()
            await self._watch()
            self.is_up = False
            deaths = 0 if monotonic() - since > _STEADY_S else deaths + 1
            log.warning("the relay is gone and will be started again", relay=self.name, deaths=deaths)

    async def _adopt(self) -> None:
        """Take over a relay that outlived the application before us: its calls have not noticed."""
        try:
            await self.ping()
        except Refusal:
            return
        self._pid = self._kept_pid()
        self.is_up = True
        log.info("adopted the relay that was running", relay=self.name, pid=self._pid)

    async def _start(self) -> None:
        """A new child, ready to answer; when it is not, `_watch` returns at once and the next try follows."""
        await self._stop()
        said = self._file("ready")
        with said.open("wb") as out, self._log().open("ab") as errors:
            # Files, not pipes: a pipe would break when the application dies, and the relay must not notice.
            self._child = await asyncio.create_subprocess_exec(
                *self.program,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                cwd=Path(ecabinet.__file__).parents[1],
                env={**_inherited(), **self.environment},
                start_new_session=True,
            )
        self._pid = self._child.pid
        self._file("pid").write_text(f"{self._pid}\n", encoding="ascii")
        self.is_up = await self._becomes_ready(said)
        log.info("started the relay" if self.is_up else "the relay did not start", relay=self.name, pid=self._pid)

    async def _becomes_ready(self, said: Path) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_READY_S):
                while self._lives():
                    if _is_ready(await asyncio.to_thread(said.read_bytes)) and await self._answers():
                        return True
                    await asyncio.sleep(0.02)
        return False

    async def _watch(self) -> None:
        """Returns when the relay has died, or has stopped answering and been killed."""
        missed, called = 0, monotonic()
        while self.is_up and self._lives():
            await asyncio.sleep(_LOOK_S)
            if monotonic() - called < self.keep_alive_s:
                continue
            called = monotonic()
            missed = 0 if await self._answers() else missed + 1
            if missed >= _MISSED:
                log.error("the relay does not answer and is killed", relay=self.name, pid=self._pid)
                self._signal(signal.SIGKILL)
                return

    async def _answers(self) -> bool:
        try:
            await self.ping()
        except Refusal:
            return False
        return True

    async def _stop(self) -> None:
        """Ask, wait, insist."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await self._end()
        self._signal(signal.SIGKILL)
        await self._end()
        self._child, self._pid = None, None
        self._file("pid").unlink(missing_ok=True)

    async def _end(self) -> None:
        """Wait until the relay is gone."""
        if self._child is not None:
            await self._child.wait()
            return
        while True:
            if not self._lives():
                return
            await asyncio.sleep(0.02)

    def _lives(self) -> bool:
        if self._child is not None:
            return self._child.returncode is None
        if self._pid is None:
            # Adopted without its pid: only the keep-alive call can tell.
            return self.is_up
        return _is_running(self._pid)

    def _signal(self, number: signal.Signals) -> None:
        if self._pid is not None and self._lives():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)

    def _kept_pid(self) -> int | None:
        """The pid the application before us wrote down, if that is still our program and not somebody else's."""
        return _pid_in(self._file("pid"), self.program)

    def _log(self) -> Path:
        path = self._file("log")
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(self._file("log.1"))
        return path

    def _file(self, ending: str) -> Path:
        return self.folder / f"{self.name}.{ending}"


@dataclass(frozen=True, slots=True)
class RelayFleet:
    """The relays of one application, each with a supervisor of its own: what befalls one is nothing to the others."""

    supervisors: tuple[RelaySupervisor, ...]

    @classmethod
    def of(
        cls, count: int, folder: Path, place: RelayPlace, key: ApiKey, ping: Callable[[int], Awaitable[None]]
    ) -> "RelayFleet":
        """``place``: of the first. ``ping``: see `RelaySupervisor.ping`; told the number of the relay."""
        return cls(
            tuple(
                RelaySupervisor(folder, place.nth(each).environment(key), partial(ping, each), relay_name(each))
                for each in range(count)
            )
        )

    @property
    def counted(self) -> tuple[int, int]:
        """How many are running and have answered, and how many there are to be."""
        return sum(each.is_up for each in self.supervisors), len(self.supervisors)

    def end_surplus(self, folder: Path) -> None:
        """Tell those to end that were started when there were to be more. Their people come back to one of ours; left
        to the end of their lease, half a meeting would sit there alone."""
        for path in folder.glob("relay-*.pid"):
            number = path.stem.removeprefix("relay-")
            if not number.isdecimal() or int(number) <= len(self.supervisors):
                continue
            pid = _pid_in(path, self.supervisors[0].program)
            if pid is not None:
                log.info("ending a relay that is one too many", pid=pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            path.unlink(missing_ok=True)


def relay_name(number: int) -> str:
    """relay, relay-2, relay-3 … for those numbered from 0: one alone has the name it always had."""
    return "relay" if number == 0 else f"relay-{number + 1}"


def _pid_in(path: Path, program: Sequence[str]) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        pid = int(path.read_text(encoding="ascii"))
        command = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        if command[1:] == [os.fsencode(word) for word in program[1:]]:
            return pid
    return None


def _is_ready(said: bytes) -> bool:
    """The relay's first line is one JSON object, said when it listens."""
    line, end, _ = said.partition(b"\n")
    if not end:
        return False
    with contextlib.suppress(ValueError):
        return isinstance(json.loads(line), dict)
    return False


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def _inherited() -> dict[str, str]:
    """Our environment without our own settings: the relay has no business with the database's password.

    Which packet path it takes is its machine's affair, and passes.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name == "RELAY_NATIVE" or not name.startswith(("ECABINET_", "RELAY_"))
    }
