"""`ecabinet serve` in a process of its own that is there at once: forked from one that has imported everything."""

import asyncio
import multiprocessing
import os
import signal
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

from ecabinet.app import serve
from ecabinet.settings import Settings
from tests.voting.assembly import Device, Lost

ROOT = Path(__file__).parents[2]


@cache
def _forks() -> ForkServerContext:
    """The one to fork from. It lives until this run ends."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    before = os.environ.get("PYTHONPATH")
    # It imports before anybody could tell it where from.
    os.environ["PYTHONPATH"] = f"{ROOT / 'server'}{os.pathsep}{ROOT}"
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return context


def _serve(settings: Settings) -> None:
    with (settings.data / "app.log").open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    asyncio.run(serve(settings))


@dataclass
class Application:
    """One that may be killed and started again."""

    settings: Settings
    _child: multiprocessing.process.BaseProcess | None = field(default=None, init=False)

    @property
    def is_up(self) -> bool:
        """Whether it was started, and not killed since."""
        return self._child is not None

    async def start(self) -> None:
        """Returns when it answers."""
        self._child = _forks().Process(target=_serve, args=(self.settings,))
        self._child.start()
        visitor = Device(self.settings.port, "")
        async with asyncio.timeout(30):
            while True:
                try:
                    assert (await visitor.ask("GET", "/healthz")).status == 200
                    break
                except Lost:
                    assert self._child.is_alive(), (self.settings.data / "app.log").read_text()
                    await asyncio.sleep(0.01)
        visitor.close()

    def kill(self) -> None:
        """In the middle of whatever it does."""
        assert self._child is not None
        assert self._child.pid is not None
        os.kill(self._child.pid, signal.SIGKILL)
        self._child.join()
        assert self._child.exitcode == -signal.SIGKILL
        self._child.close()
        self._child = None

    def end(self) -> None:
        """If it still runs."""
        if self._child is not None:
            self.kill()
