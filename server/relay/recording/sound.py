"""All voices in one: decoded, added up, encoded again; and who holds the floor when."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from relay.recording.scene import Part, Scene
from relay.recording.speech import Floor

RATE_HZ: Final = 48_000
_STEP: Final = RATE_HZ // 10
"""Samples in 100 ms, of which one judges how loud somebody is."""
_FRAME: Final = 960
_BIT_RATE: Final = 64_000
_CLICK: Final = RATE_HZ // 100
"""Times in files are rounded to milliseconds: what differs by less than 10 ms follows on what was before."""
_CEILING: Final = 0.98

Samples = NDArray[np.float32]


class _Voice:
    """One stream, read as the mix goes on."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._blocks = self._decode(part.path)
        self._next: tuple[int, Samples] | None = next(self._blocks, None)

    @property
    def is_over(self) -> bool:
        return self._next is None

    @staticmethod
    def _decode(path: Path) -> Iterator[tuple[int, Samples]]:
        """Where each stretch of sound begins, in samples, and the stretch, one channel."""
        at = -1
        with av.open(str(path)) as file:
            stream = file.streams.audio[0]
            for packet in file.demux(stream):
                for frame in _decoded(packet):
                    begin = round((frame.pts or 0) * float(frame.time_base or 0) * RATE_HZ)
                    at = begin if abs(begin - at) > _CLICK else at
                    samples = frame.to_ndarray().mean(axis=0, dtype=np.float32)
                    yield at, samples
                    at += len(samples)

    def add_to(self, mix: Samples, begin: int) -> float:
        """Add what falls into [begin, begin + len(mix)); how loud it was, root mean square."""
        end = begin + len(mix)
        energy = 0.0
        while self._next is not None and self._next[0] < end:
            at, samples = self._next
            usable = samples[max(0, begin - at) : end - at]
            mix[max(0, at - begin) : max(0, at - begin) + len(usable)] += usable
            energy += float(np.dot(usable, usable))
            rest = samples[end - at :]
            self._next = (end, rest) if len(rest) else next(self._blocks, None)
        return float((energy / len(mix)) ** 0.5)


def _decoded(packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []  # one stretch of one voice cannot be read: silence


class Mixed:
    """What the pictures need of the sound."""

    def __init__(self) -> None:
        self.speakers: list[str | None] = []
        """Who holds the floor, per 100 ms."""
        self.heard: list[frozenset[str]] = []
        """Who is speaking, per 100 ms."""


def mix(scene: Scene, path: Path, advanced: Callable[[float], None]) -> Mixed:
    """Write the sound of a recording as Opus in WebM; `advanced` is told the share that is done."""
    mixed, floor = Mixed(), Floor()
    later = sorted(scene.sounds, key=lambda part: part.begins_us, reverse=True)
    voices: list[_Voice] = []
    steps = max(1, -(-scene.duration_us * RATE_HZ // 1_000_000 // _STEP))
    gain = 1.0
    with av.open(str(path), "w", format="webm") as file:
        stream = file.add_stream("libopus", rate=RATE_HZ)
        stream.layout = "mono"
        stream.bit_rate = _BIT_RATE
        file.metadata["title"] = scene.title
        for step in range(steps):
            sound = np.zeros(_STEP, np.float32)
            levels: dict[str, float] = {}
            while later and later[-1].begins_us <= (step + 1) * 100_000:
                voices.append(_Voice(later.pop()))
            voices = [voice for voice in voices if not voice.is_over]
            for voice in voices:
                level = voice.add_to(sound, step * _STEP)
                if not voice.part.is_screen:
                    levels[voice.part.participant] = max(level, levels.get(voice.part.participant, 0.0))
            mixed.speakers.append(floor.step(levels))
            mixed.heard.append(frozenset(who for who in levels if floor.is_heard(who)))
            gain = _limit(sound, gain)
            for at in range(0, _STEP, _FRAME):
                frame = av.AudioFrame.from_ndarray(sound[None, at : at + _FRAME], format="flt", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, step * _STEP + at, Fraction(1, RATE_HZ)
                file.mux(stream.encode(frame))
            if step % 50 == 0:
                advanced(step / steps)
        file.mux(stream.encode(None))
    return mixed


def _limit(sound: Samples, gain: float) -> float:
    """Turn down what many voices together would clip, without a click; the gain at the end."""
    peak = float(np.abs(sound).max())
    wanted = min(1.0, _CEILING / peak) if peak else 1.0
    wanted = min(wanted, gain + 0.05)
    if gain < 1.0 or wanted < 1.0:
        sound *= np.linspace(gain, wanted, len(sound), dtype=np.float32)
        np.clip(sound, -1.0, 1.0, out=sound)
    return wanted
