"""What keeps an application from opening its doors, and what it does by itself when they are open."""

from pathlib import Path

import pytest

from ecabinet.adapters.keys import FileSigner, KeyUnusable
from ecabinet.app import running
from ecabinet.house import House
from ecabinet.settings import Settings


def house(folder: Path) -> House:
    """A house whose media server is somewhere else, and does not answer."""
    return House(Settings(data=folder, livekit_url="http://127.0.0.1:9", livekit_key="key", livekit_secret="secret"))


async def test_a_key_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    FileSigner.open(tmp_path / "ledger.key", "here")
    (tmp_path / "ledger.key").chmod(0o644)
    with pytest.raises(KeyUnusable):
        async with running(house(tmp_path)):
            raise AssertionError("the doors were opened")
