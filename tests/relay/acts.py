"""Participants whose words and pictures can be recognised in a recording: a tone and a colour each, and once a second a
beat, at which the tone is loud and the picture white."""

import asyncio
from dataclasses import dataclass
from typing import Any

import numpy as np
from livekit import rtc

from tests.relay.callers import RATE_HZ, Caller

STEP_S, PICTURE_S = 0.02, 0.03
AHEAD_S = 0.3
"""So much sound lies ready, lest a busy machine is heard as a gap."""
WIDTH, HEIGHT = 320, 180
BEAT_S = 0.2
QUIET, LOUD = 1_500, 14_000


@dataclass(frozen=True)
class Act:
    tone_hz: int
    colour: tuple[int, int, int]
    """Y, U, V."""


@dataclass(frozen=True)
class OnStage:
    sound: rtc.LocalTrackPublication
    picture: rtc.LocalTrackPublication


async def perform(caller: Caller, act: Act) -> OnStage:
    """Publish a microphone and a camera that play their act until the caller leaves."""
    sound, picture = rtc.AudioSource(RATE_HZ, 1), rtc.VideoSource(WIDTH, HEIGHT)
    participant = caller.room.local_participant
    spoken = await participant.publish_track(
        rtc.LocalAudioTrack.create_audio_track("microphone", sound),
        rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False, red=False),
    )
    shown = await participant.publish_track(
        rtc.LocalVideoTrack.create_video_track("camera", picture),
        rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False, video_codec=rtc.VideoCodec.VP8),
    )
    caller.keep(_play(act, sound, picture))
    return OnStage(spoken, shown)


async def _play(act: Act, sound: rtc.AudioSource, picture: rtc.VideoSource) -> None:
    """The SDK plays sound at its own pace from a queue, so pictures follow what it has played."""
    loop = asyncio.get_running_loop()
    plain, white = _picture(act.colour), _picture((235, 128, 128))
    spoken_s = shown_at_s = 0.0
    while True:
        if sound.queued_duration < AHEAD_S:
            at = np.arange(round(spoken_s * RATE_HZ), round((spoken_s + STEP_S) * RATE_HZ))
            wave = (LOUD if spoken_s % 1.0 < BEAT_S - 0.001 else QUIET) * np.sin(2 * np.pi * act.tone_hz * at / RATE_HZ)
            await sound.capture_frame(rtc.AudioFrame(wave.astype(np.int16).tobytes(), RATE_HZ, 1, len(at)))
            spoken_s = round(spoken_s + STEP_S, 3)
            continue
        if loop.time() - shown_at_s >= PICTURE_S:
            shown_at_s = loop.time()
            is_beat = (spoken_s - sound.queued_duration) % 1.0 < BEAT_S
            shown = white if is_beat else plain
            picture.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.I420, shown))
        await asyncio.sleep(0.005)


def _picture(colour: tuple[int, int, int]) -> bytes:
    y, u, v = colour
    quarter = WIDTH * HEIGHT // 4
    return bytes([y]) * (WIDTH * HEIGHT) + bytes([u]) * quarter + bytes([v]) * quarter


# --- what is found in files


def onsets(levels: Any, times: Any, threshold: float) -> list[float]:
    """When a level rose over a threshold, in the unit of `times`."""
    loud = np.asarray(levels) > threshold
    return [float(times[at + 1]) for at in np.flatnonzero(~loud[:-1] & loud[1:])]


def pitch(samples: Any) -> float:
    """The strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * RATE_HZ / len(samples)
