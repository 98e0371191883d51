"""Calls between real clients through a real relay process."""

import numpy as np

from tests.relay.callers import TONE_RMS, callers
from tests.relay.running import RunningRelay, until


async def test_a_voice_arrives_at_the_level_it_was_spoken(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        await an.speak()
        await until(lambda: "an/audio" in binh.ears and binh.ears["an/audio"].frames > 100)
        await until(lambda: abs(20 * np.log10(max(1.0, binh.ears["an/audio"].rms) / TONE_RMS)) < 3)


async def test_a_picture_is_seen(relay: RunningRelay, room_name: str) -> None:
    async with callers(relay, room_name, "an", "binh") as (an, binh):
        await an.show()
        await until(lambda: "an/video" in binh.ears and binh.ears["an/video"].frames >= 30)
