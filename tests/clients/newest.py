"""A short call with whatever livekit SDK comes first on the path; tells on stdout how it went, in JSON."""

import asyncio
import json
import sys

import livekit.rtc

from tests.relay.callers import TONE_RMS, callers
from tests.relay.running import RunningRelay, until


async def call(relay: RunningRelay) -> None:
    async with callers(relay, "newest", "an", "binh") as (an, binh):
        await an.speak()
        await an.show(640, 360, simulcast=True)
        await until(lambda: {"an/audio", "an/video"} <= binh.ears.keys())
        await until(lambda: binh.ears["an/audio"].rms > TONE_RMS / 2 and binh.ears["an/video"].frames >= 15)
        seen = binh.ears["an/video"].frames
        print(json.dumps({"from": livekit.rtc.__file__, "heard": True, "seen": seen}))


if __name__ == "__main__":
    http_port, media_port, address = json.loads(sys.argv[1])
    asyncio.run(call(RunningRelay(None, http_port, media_port, address)))  # type: ignore[arg-type]
