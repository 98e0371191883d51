"""What somebody at the end of a line hears and sees, in figures."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from livekit import rtc

from tests.relay.callers import RATE_HZ, TONE_RMS

_AUDIBLE = 0.25 * TONE_RMS
_FRAME_MS = 10
_TILE = 64
FRAMES_PER_S = 15


@dataclass
class Gaps:
    """Silence where there should be a tone."""

    count: int
    longest_ms: int
    share: float
    """Of the time."""


@dataclass
class Witness:
    """A receiver of one voice and one picture, with a note of every 10 ms of sound and of every picture."""

    sounds: list[tuple[float, bool]] = field(default_factory=list)
    """When, and whether something was to be heard."""
    pictures: list[tuple[float, int]] = field(default_factory=list)
    """When, and the height in pixels."""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def attend(self, room: rtc.Room, start: Callable[[Any], "asyncio.Task[None]"]) -> None:
        """`start` owns what listens."""

        def subscribed(track: rtc.Track, *_: object) -> None:
            is_audio = track.kind == rtc.TrackKind.KIND_AUDIO
            self._tasks.append(start(self._listen(track) if is_audio else self._watch(track)))

        room.on("track_subscribed", subscribed)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE_HZ, num_channels=1)
        try:
            async for event in stream:
                samples = np.frombuffer(event.frame.data, dtype=np.int16).astype(float)
                self.sounds.append((time.monotonic(), bool((samples**2).mean() ** 0.5 > _AUDIBLE)))
        finally:
            await stream.aclose()

    async def _watch(self, track: rtc.Track) -> None:
        stream = rtc.VideoStream(track)
        try:
            async for event in stream:
                self.pictures.append((time.monotonic(), event.frame.height))
        finally:
            await stream.aclose()

    def gaps(self, since_s: float, until_s: float, least_ms: int = 30) -> Gaps:
        """Runs of silence; shorter ones than `least_ms` are not heard as gaps."""
        heard = [audible for at_s, audible in self.sounds if since_s <= at_s < until_s]
        runs, run = [], 0
        for audible in [*heard, True]:
            if audible and run:
                runs.append(run * _FRAME_MS)
            run = 0 if audible else run + 1
        missing_ms = int(1000 * (until_s - since_s)) - _FRAME_MS * len(heard)
        if missing_ms > 500:  # the stream itself stood still
            runs.append(missing_ms)
        long = [length for length in runs if length >= least_ms]
        return Gaps(len(long), max(long, default=0), round(sum(long) / 1000 / (until_s - since_s), 4))

    def per_second(self, since_s: float, until_s: float) -> list[int]:
        """Pictures in each whole second."""
        return [
            sum(begin <= at_s < begin + 1 for at_s, _ in self.pictures)
            for begin in (since_s + second for second in range(int(until_s - since_s)))
        ]

    def heights(self, since_s: float, until_s: float) -> list[int]:
        """Height of the picture at the end of each second, 0 if none came in it."""
        return [
            next((height for at_s, height in reversed(self.pictures) if begin <= at_s < begin + 1), 0)
            for begin in (since_s + second for second in range(int(until_s - since_s)))
        ]

    def longest_freeze_s(self, since_s: float, until_s: float) -> float:
        times = [since_s, *(at_s for at_s, _ in self.pictures if since_s <= at_s < until_s), until_s]
        return round(max(after - before for before, after in pairwise(times)), 2)


async def move_hd(source: rtc.VideoSource, width: int, height: int) -> None:
    """A picture with enough detail for an encoder to need the bitrate it is allowed."""
    chance = np.random.default_rng(1)
    coarse = chance.integers(40, 216, (height // _TILE + 2, 2 * width // _TILE + 2)).astype(np.uint8)
    scene = np.kron(coarse, np.ones((_TILE, _TILE), np.uint8))[:height]
    scene = scene + chance.integers(0, 24, scene.shape, dtype=np.uint8)
    chroma = np.full(width * height // 2, 128, np.uint8)
    pictures = [
        np.concatenate([np.ascontiguousarray(scene[:, 12 * step : 12 * step + width]).ravel(), chroma]).tobytes()
        for step in range(width // 12 // 2)
    ]
    begin, number = time.monotonic(), 0
    while True:
        turn = number % (2 * len(pictures) - 2)
        picture = pictures[turn if turn < len(pictures) else 2 * len(pictures) - 2 - turn]
        source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, picture))
        number += 1
        await asyncio.sleep(max(0.0, begin + number / FRAMES_PER_S - time.monotonic()))
