"""Runs the program that makes the files of a finished recording, where codecs are loaded."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

_PACKAGES: Final = Path(__file__).parents[2]
_ADVANCE_S: Final = 600.0
"""Without a word for so long, the child hangs."""
_FAREWELL_S: Final = 2.0


class Failed(Exception):
    """The child did not make the files; the message is its last word."""


async def finish(folder: Path) -> AsyncGenerator[int, None]:
    """Make the files of a recording, with percentages on the way; cancelled, it leaves no child. Raises Failed."""
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "relay.recording", str(folder)),
            env={"PYTHONPATH": str(_PACKAGES), "LANG": "C.UTF-8"},  # and none of the relay's secrets
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise Failed(f"no child could be started: {error.strerror}") from error
    assert child.stdout is not None
    last = ""
    try:
        async with asyncio.timeout(_ADVANCE_S) as patience:
            async for line in child.stdout:
                patience.reschedule(asyncio.get_running_loop().time() + _ADVANCE_S)
                last = line.decode("utf-8", "replace").strip()
                if last.isdecimal():
                    yield int(last)
            code = await child.wait()
    except TimeoutError as error:
        raise Failed(f"no progress after {last}") from error
    finally:
        await _end(child)
    if code:
        raise Failed(_why(code, last))


def _why(code: int, last: str) -> str:
    if code == -signal.SIGXCPU:
        return f"it took more of the processor than it may, at {last or 0} %"
    return last or f"exit code {code}"


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(_FAREWELL_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
