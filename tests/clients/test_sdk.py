"""The livekit SDK (libwebrtc without a browser): many tracks to one, and the newest version that is published."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.relay.callers import TONE_RMS, callers
from tests.relay.running import SERVER, RunningRelay, until

pytestmark = pytest.mark.slow

ROOT = SERVER.parent


async def test_sixteen_tracks_reach_one_subscriber(relay: RunningRelay) -> None:
    names = [f"speaker-{number}" for number in range(8)]
    async with (
        callers(relay, "sixteen", "listener") as (listener,),
        callers(relay, "sixteen", *names, can_subscribe=False) as speakers,
    ):
        for speaker in speakers:
            await speaker.speak()
            await speaker.show(160, 90)
        await until(lambda: len(listener.ears) == 16, 60)
        await until(lambda: all(ear.frames > 30 for ear in listener.ears.values()), 60)
        voices = [ear for name, ear in listener.ears.items() if name.endswith("audio")]
        await until(lambda: all(ear.rms > TONE_RMS / 2 for ear in voices))


async def test_the_newest_sdk_talks_and_shows(relay: RunningRelay, newest_sdk: Path) -> None:
    path = os.pathsep.join([str(newest_sdk), str(ROOT), str(SERVER)])
    where = json.dumps([relay.http_port, relay.media_port, relay.address])
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.clients.newest", where),
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, wrong = await child.communicate()
    assert child.returncode == 0, wrong.decode()[-2_000:]
    told = json.loads(said)
    assert str(newest_sdk) in told["from"]
    assert told["heard"]
    assert told["seen"] >= 15
