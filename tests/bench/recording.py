"""What it costs to finish a recording: CPU seconds of the child per minute of a room.

    python tests/bench/recording.py [--people N] [--minutes M] [--json]

The room is made up, its spools are written as the relay writes them: everybody has a moving camera and a voice, and
they speak in turn.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "server")]

from relay.recording import journal, spool, state  # noqa: E402
from relay.recording.manifest import made_of  # noqa: E402

BEGAN_US: Final = 1_800_000_000_000_000
FPS, RATE_HZ, FRAME = 25, 48_000, 960
TURN_S: Final = 5
PAYLOAD: Final = 1_150
CLIP_S: Final = 10


@dataclass(frozen=True)
class Room:
    folder: Path
    people: int
    seconds: int


def camera() -> list[tuple[bytes, bool]]:
    """Ten seconds of a moving picture, 640 by 360, encoded: (frame, is a key frame)."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 640, 360, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    encoder.bit_rate, encoder.gop_size = 500_000, FPS * CLIP_S
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    chance = np.random.default_rng(1)
    grain = chance.integers(0, 6, (540, 640), np.uint8)
    y, x = np.mgrid[0:540, 0:640]
    packets: list[Any] = []
    for number in range(FPS * CLIP_S):
        picture = (110 + 70 * np.sin((x + 5 * number) / 40) * np.cos((y + 2 * number) / 30)).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(picture + np.roll(grain, number * 7, 1), format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return [(bytes(packet), packet.is_keyframe) for packet in packets]


def voice(pitch_hz: float) -> list[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE_HZ, "mono", "flt"
    encoder.bit_rate = 32_000
    packets: list[Any] = []
    for number in range(CLIP_S * RATE_HZ // FRAME):
        at = np.arange(number * FRAME, (number + 1) * FRAME)
        sound = (0.2 * np.sin(2 * np.pi * pitch_hz * at / RATE_HZ)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(sound[None, :], format="flt", layout="mono")
        frame.sample_rate, frame.pts = RATE_HZ, number * FRAME
        packets += encoder.encode(frame)
    return [bytes(packet) for packet in packets]


def write_room(room: Room) -> None:
    room.folder.mkdir()
    begun = state.State("EG_bench", "bench", "RM_bench", room.folder.name, False, "finishing", BEGAN_US)
    state.write(room.folder, begun)
    clip = camera()
    with (room.folder / state.JOURNAL).open("wb") as lines:
        for number in range(room.people):
            who = {"participant": f"PA_{number}", "identity": f"p{number}", "name": f"Nguyễn Thị Số {number}"}
            lines.write(journal.line({"at_us": BEGAN_US, "event": "joined", **who}))
            for kind, source in (("audio", "microphone"), ("video", "camera")):
                track = f"TR_{number}_{kind}"
                what = {"track": track, "kind": kind, "source": source, "encrypted": False}
                lines.write(journal.line({"at_us": BEGAN_US, "event": "published", **who, **what}))
                clock_hz = RATE_HZ if kind == "audio" else 90_000
                described = spool.Description(
                    track, who["participant"], who["identity"], who["name"], kind, source, clock_hz, BEGAN_US
                )
                with (room.folder / (track + state.SPOOL)).open("wb") as file:
                    file.write(spool.MAGIC + spool.pack_description(described))
                    file.writelines(_sound(room, number) if kind == "audio" else _pictures(room, clip, number))
        lines.write(journal.line({"at_us": BEGAN_US + room.seconds * 1_000_000, "event": "stopped"}))


def _sound(room: Room, number: int) -> list[bytes]:
    """Spoken for five seconds in turn."""
    clip, records = voice(200 + 40 * number), []
    for at in range(room.seconds * RATE_HZ // FRAME):
        second = at * FRAME // RATE_HZ
        if second // TURN_S % room.people == number:
            records.append(_record(clip[at % len(clip)], at * FRAME, at, at * FRAME * 1_000_000 // RATE_HZ, (0x80, 1)))
    return records


def _pictures(room: Room, clip: list[tuple[bytes, bool]], number: int) -> list[bytes]:
    records, sequence = [], 0
    for at in range(room.seconds * FPS):
        frame, _ = clip[at % len(clip)]
        parts = [frame[begin : begin + PAYLOAD] for begin in range(0, len(frame), PAYLOAD)]
        for part, payload in enumerate(parts):
            descriptor = b"\x10" if part == 0 else b"\x00"
            marker = 0x80 if part == len(parts) - 1 else 0
            at_us = at * 1_000_000 // FPS + number * 700
            records.append(_record(descriptor + payload, at * 90_000 // FPS, sequence, at_us, (marker, 2)))
            sequence += 1
    return records


def _record(payload: bytes, timestamp: int, sequence: int, at_us: int, label: tuple[int, int]) -> bytes:
    return spool.received(spool.pack_packet(BEGAN_US + at_us, 7, timestamp, sequence & 0xFFFF, label), payload)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=12)
    arguments.add_argument("--minutes", type=float, default=1.0)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as root:
        room = Room(Path(root) / "room", asked.people, int(asked.minutes * 60))
        write_room(room)
        spooled = sum(path.stat().st_size for path in room.folder.glob(f"*{state.SPOOL}"))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
        subprocess.run(
            [sys.executable, "-m", "relay.recording", str(room.folder)],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        figures = {
            "people": asked.people,
            "minutes": asked.minutes,
            "cpu_s_per_minute": round(spent / asked.minutes, 1),
            "memory_mb": after.ru_maxrss // 1024,
            "spooled_mb_per_minute": round(spooled / 1e6 / asked.minutes, 1),
            "composed_mb_per_minute": round(made_of(room.folder).size_bytes / 1e6 / asked.minutes, 1),
        }
    print(json.dumps(figures) if asked.json else "\n".join(f"{name:24} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
