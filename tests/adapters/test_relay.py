"""The relay's supervisor, with a small program in the relay's place, and once with the relay itself."""

import asyncio
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import aiohttp
import pytest

from ecabinet.adapters.livekit import ApiKey, LiveKitRooms, MediaServer
from ecabinet.adapters.relay import RelayPlace, RelaySupervisor, relay_key
from ecabinet.kernel.errors import Unavailable

FAKE = Path(__file__).with_name("fake_relay.py")
KEY = ApiKey("key", "k" * 32)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class House:
    """An application as far as the relay is concerned; its folder and port outlive it."""

    folder: Path
    port: int = field(default_factory=free_port)
    words: tuple[str, ...] = ()

    @property
    def place(self) -> RelayPlace:
        return RelayPlace(self.port, free_port(), (), "", self.folder / "recordings", 0)

    async def pid(self, key: ApiKey = KEY) -> int:
        """Asks the program that answers who it is. Raises Unavailable."""
        headers = {"Authorization": key.secret}
        try:
            async with aiohttp.ClientSession(headers=headers) as session:
                answer = await session.get(f"http://127.0.0.1:{self.port}/")
                text = await answer.text()
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable() from error
        if answer.status != 200:
            raise Unavailable()
        return int(text)

    async def ping(self) -> None:
        await self.pid()

    def supervisor(self) -> RelaySupervisor:
        return RelaySupervisor(
            self.folder,
            self.place.environment(KEY),
            self.ping,
            program=(sys.executable, str(FAKE), *self.words),
            keep_alive_s=0.1,
        )

    @asynccontextmanager
    async def running(self, supervisor: RelaySupervisor) -> AsyncIterator[asyncio.Task[None]]:
        """Under supervision until the body ends; the stop is awaited."""
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            task = tasks.create_task(supervisor.run())
            yield task
            task.cancel()


async def comes_true(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def an_orphan(house: House) -> asyncio.subprocess.Process:
    """A relay that is already there, and answers."""
    orphan = await asyncio.create_subprocess_exec(
        *(sys.executable, str(FAKE)),
        env={**os.environ, **house.place.environment(KEY)},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert orphan.stdout is not None
    await orphan.stdout.readline()
    return orphan


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_a_relay_is_started_and_ends_with_the_application(house: House) -> None:
    supervisor = house.supervisor()
    async with house.running(supervisor):
        await comes_true(lambda: supervisor.is_up)
        pid = await house.pid()
        # Ctrl-C at the terminal reaches the application and not the relay.
        assert os.getsid(pid) == pid
    assert not supervisor.is_up
    assert not lives(pid)
    assert not (house.folder / "relay.pid").exists()


async def test_a_relay_that_is_slow_to_its_first_answer_is_not_killed_for_it(house: House) -> None:
    started: list[int] = []

    async def ping() -> None:
        pid = await house.pid()
        if not started:
            started.append(pid)
            raise Unavailable()

    supervisor = house.supervisor()
    supervisor.ping = ping
    async with house.running(supervisor):
        await comes_true(lambda: supervisor.is_up)
        assert started == [await house.pid()]


async def test_a_relay_that_dies_is_back_within_a_second(house: House) -> None:
    supervisor = house.supervisor()
    async with house.running(supervisor):
        await comes_true(lambda: supervisor.is_up)
        died = await house.pid()
        os.kill(died, signal.SIGKILL)
        began = monotonic()
        await comes_true(lambda: not supervisor.is_up)
        await comes_true(lambda: supervisor.is_up)
        assert monotonic() - began < 1
        assert await house.pid() != died


async def test_a_relay_that_outlived_its_application_is_adopted_and_then_stopped(house: House) -> None:
    orphan = await an_orphan(house)
    (house.folder / "relay.pid").write_text(f"{orphan.pid}\n")
    supervisor = house.supervisor()
    async with house.running(supervisor):
        await comes_true(lambda: supervisor.is_up)
        assert await house.pid() == orphan.pid
    assert await orphan.wait() == -signal.SIGTERM


async def test_a_stale_pid_of_another_program_is_left_alone(house: House) -> None:
    orphan = await an_orphan(house)
    stranger = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    (house.folder / "relay.pid").write_text(f"{stranger.pid}\n")
    supervisor = house.supervisor()
    async with house.running(supervisor):
        await comes_true(lambda: supervisor.is_up)
    assert stranger.returncode is None
    # Whose pid nobody knows ends with its lease; here, by hand.
    for each in (stranger, orphan):
        each.kill()
        await each.wait()


async def test_a_relay_that_is_stuck_is_replaced(house: House) -> None:
    supervisor = house.supervisor()
    refused = False

    async def ping() -> None:
        if refused:
            raise Unavailable()

    supervisor.ping = ping
    supervisor.is_up = False
    # The first ping adopts what is not there: no pid, no child. It is found out at once.
    refused = True
    async with house.running(supervisor):
        await comes_true((house.folder / "relay.pid").exists)
        refused = False
        await comes_true(lambda: supervisor.is_up)
        stuck = await house.pid()
        refused = True
        await comes_true(lambda: not lives(stuck))
        refused = False
        await comes_true(lambda: supervisor.is_up)
        assert await house.pid() != stuck


async def test_a_relay_that_cannot_start_is_tried_again_and_again_and_the_stop_is_still_quick(house: House) -> None:
    house.words = ("broken",)
    supervisor = house.supervisor()
    async with house.running(supervisor):
        await comes_true(
            lambda: (
                (house.folder / "relay.log").read_text().count("cannot start") >= 3
                if (house.folder / "relay.log").exists()
                else False
            )
        )
        assert not supervisor.is_up
        began = monotonic()
    assert monotonic() - began < 1


async def test_what_the_system_refuses_does_not_take_the_application_down(house: House) -> None:
    house.folder /= "not there yet"
    supervisor = house.supervisor()
    async with house.running(supervisor):
        await asyncio.sleep(0.1)
        assert not supervisor.is_up
        house.folder.mkdir()
        await comes_true(lambda: supervisor.is_up)


async def test_the_relay_is_told_nothing_but_its_own_settings(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECABINET_DATABASE_URL", "postgresql://a:secret@b/c")
    monkeypatch.setenv("RELAY_NATIVE", "0")
    monkeypatch.setenv("RELAY_MAX_ROOMS", "1")
    supervisor = house.supervisor()
    async with house.running(supervisor):
        await comes_true(lambda: supervisor.is_up)
        environment = Path(f"/proc/{await house.pid()}/environ").read_bytes()
    assert b"RELAY_KEYS=key: " in environment
    assert b"RELAY_NATIVE=0" in environment
    assert b"RELAY_MAX_ROOMS" not in environment
    assert b"ECABINET" not in environment


def test_the_key_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    key = relay_key(tmp_path)
    assert relay_key(tmp_path) == key
    assert len(key.secret) >= 32
    assert stat.S_IMODE((tmp_path / "relay.key").stat().st_mode) == 0o600


async def test_the_real_relay_starts_answers_our_key_survives_kill_and_ends(tmp_path: Path) -> None:
    key, port = relay_key(tmp_path), free_port()
    place = RelayPlace(port, 0, ("127.0.0.1",), "", tmp_path / "recordings", 0)
    async with LiveKitRooms([MediaServer(f"http://127.0.0.1:{port}", "")], key) as rooms:
        supervisor = RelaySupervisor(tmp_path, place.environment(key), rooms.ping)
        house = House(tmp_path)
        async with house.running(supervisor):
            await comes_true(lambda: supervisor.is_up)
            os.kill(int((tmp_path / "relay.pid").read_text()), signal.SIGKILL)
            await comes_true(lambda: not supervisor.is_up)
            await comes_true(lambda: supervisor.is_up)
            began = monotonic()
        assert monotonic() - began < 3
        async with LiveKitRooms([MediaServer(f"http://127.0.0.1:{port}", "")], ApiKey(key.id, "x" * 64)) as strangers:
            with pytest.raises(Unavailable):
                await strangers.ping()
