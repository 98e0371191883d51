"""Participants for the tests: the livekit SDK, which is libwebrtc, with a tone for a voice."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from livekit import rtc

from tests.relay.running import RunningRelay, token

RATE_HZ = 48_000
FRAME = 480
"""Samples in 10 ms."""
TONE_HZ = 440
AMPLITUDE = 8_000
TONE_RMS = AMPLITUDE / 2**0.5
SILENCE_RMS = 50


@dataclass
class Ear:
    """What one subscribed track yields."""

    sid: str
    rms: float = 0.0
    """Of the latest 100 ms of audio."""
    frames: int = 0
    size: tuple[int, int] = (0, 0)
    _recent: list[float] = field(default_factory=list)

    def hear(self, samples: "np.ndarray[Any, Any]") -> None:
        self.frames += 1
        self._recent = [*self._recent[-9:], float((samples.astype(float) ** 2).mean())]
        self.rms = float(np.mean(self._recent)) ** 0.5


class Caller:
    """One participant in a room."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.room = rtc.Room()
        self.ears: dict[str, Ear] = {}
        """By identity of the speaker and kind, e.g. "bob/audio"."""
        self.events: list[str] = []
        self.speakers: list[str] = []
        self.disconnect_reason: int | None = None
        self._tasks = tasks
        self._running: list[asyncio.Task[None]] = []
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("disconnected", self._disconnected)
        self.room.on("active_speakers_changed", self._speaking)
        for event in ("reconnecting", "reconnected", "track_muted", "track_unmuted", "participant_disconnected"):
            self.room.on(event, lambda *_, name=event: self.events.append(name))

    def _subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant
    ) -> None:
        is_audio = track.kind == rtc.TrackKind.KIND_AUDIO
        ear = Ear(publication.sid)
        self.ears[f"{who.identity}/{'audio' if is_audio else 'video'}"] = ear
        self._running.append(self._tasks.create_task(self._listen(track, ear) if is_audio else self._watch(track, ear)))

    def _speaking(self, speakers: list[rtc.Participant]) -> None:
        self.speakers = [speaker.identity for speaker in speakers]

    def _disconnected(self, reason: int) -> None:
        self.disconnect_reason = reason

    async def _listen(self, track: rtc.Track, ear: Ear) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE_HZ, num_channels=1)
        try:
            async for event in stream:
                ear.hear(np.frombuffer(event.frame.data, dtype=np.int16))
        finally:
            await stream.aclose()

    async def _watch(self, track: rtc.Track, ear: Ear) -> None:
        stream = rtc.VideoStream(track)
        try:
            async for event in stream:
                ear.frames += 1
                ear.size = (event.frame.width, event.frame.height)
        finally:
            await stream.aclose()

    async def speak(self) -> rtc.LocalTrackPublication:
        """Publish a microphone that hums."""
        source = rtc.AudioSource(RATE_HZ, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        publication = await self.room.local_participant.publish_track(track, options)
        self._running.append(self._tasks.create_task(_hum(source)))
        return publication

    async def show(
        self,
        width: int = 320,
        height: int = 180,
        *,
        simulcast: bool = False,
        codec: rtc.VideoCodec.ValueType = rtc.VideoCodec.VP8,
    ) -> rtc.LocalTrackPublication:
        """Publish a camera with a moving picture."""
        source = rtc.VideoSource(width, height)
        track = rtc.LocalVideoTrack.create_video_track("camera", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=simulcast, video_codec=codec)
        publication = await self.room.local_participant.publish_track(track, options)
        self._running.append(self._tasks.create_task(_move(source, width, height)))
        return publication

    def keep(self, doing: Coroutine[Any, Any, None]) -> None:
        """Have something go on until the caller leaves."""
        self._running.append(self._tasks.create_task(doing))

    async def leave(self) -> None:
        await self.room.disconnect()
        for task in self._running:
            task.cancel()


async def _hum(source: rtc.AudioSource) -> None:
    at = 0
    while True:
        phase = 2 * np.pi * TONE_HZ * (at + np.arange(FRAME)) / RATE_HZ
        samples = (AMPLITUDE * np.sin(phase)).astype(np.int16)
        await source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE_HZ, 1, FRAME))
        at += FRAME


async def _move(source: rtc.VideoSource, width: int, height: int) -> None:
    step = 0
    columns = np.arange(width)
    while True:
        row = (128 + 100 * np.sin((columns + 9 * step) / 25)).astype(np.uint8)
        picture = np.concatenate([np.tile(row, height), np.full(width * height // 2, 128, np.uint8)])
        source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, picture.tobytes()))
        step += 1
        await asyncio.sleep(1 / 15)


@asynccontextmanager
async def callers(relay: RunningRelay, room: str, *identities: str, **grants: Any) -> AsyncIterator[list[Caller]]:
    """These participants in a call; they leave at the end."""
    async with asyncio.TaskGroup() as tasks:
        present: list[Caller] = []
        try:
            for identity in identities:
                caller = Caller(tasks)
                present.append(caller)
                await caller.room.connect(relay.ws_url, token(identity, room, **grants))
            yield present
        finally:
            for caller in present:
                await caller.leave()
