"""A long run of the relay with people coming and going: memory and descriptors must stay flat.

    python -m tests.bench.soak [--json] [--minutes N]

Real clients (the livekit SDK, in a process of its own that is renewed every minute, so that its memory is not the
limit) join, speak, show themselves in layers, mute, lose their signalling, leave or simply vanish, while strangers send
junk to the media port. The relay's memory and descriptors are read every few seconds, after a first while in which it
fills its tables; what counts is the line through them.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "server")]

from tests.relay.callers import callers  # noqa: E402
from tests.relay.running import RunningRelay, running_relay  # noqa: E402

READ_S: Final = 5.0
VISIT_S: Final = 60.0
GROWTH_MB_PER_HOUR: Final = 20.0
"""A line that rises faster is a leak; allocators give back late and in pieces."""
JUNK_PER_S: Final = 200


@dataclass(frozen=True)
class Reading:
    at_s: float
    rss_mb: float
    descriptors: int
    participants: int


@dataclass(frozen=True)
class Figures:
    minutes: float
    visits: int
    """Participants that came."""
    rss_mb_early: float
    rss_mb_end: float
    mb_per_hour: float
    """The slope of the least-squares line after the first fifth."""
    descriptors_early: int
    descriptors_end: int
    """When nobody is there any more; the first is from before anybody came."""

    @property
    def is_flat(self) -> bool:
        return self.mb_per_hour < GROWTH_MB_PER_HOUR and self.descriptors_end <= self.descriptors_early + 2


def read(relay: RunningRelay, began_s: float, participants: int) -> Reading:
    proc = Path(f"/proc/{relay.child.pid}")
    rss = next(line for line in (proc / "status").read_text().splitlines() if line.startswith("VmRSS"))
    return Reading(
        round(time.monotonic() - began_s, 1), int(rss.split()[1]) / 1024, len(os.listdir(proc / "fd")), participants
    )


def slope_per_hour(readings: list[Reading]) -> float:
    """Least squares."""
    count = len(readings)
    mean_at = sum(r.at_s for r in readings) / count
    mean_rss = sum(r.rss_mb for r in readings) / count
    spread = sum((r.at_s - mean_at) ** 2 for r in readings)
    return 3600 * sum((r.at_s - mean_at) * (r.rss_mb - mean_rss) for r in readings) / spread if spread else 0.0


# --- the visitors' process


async def visit(relay: RunningRelay, seconds: float, seed: int) -> int:
    """People come and go for so long; how many came."""
    chance = random.Random(seed)
    ends_at = time.monotonic() + seconds
    came = 0
    while time.monotonic() < ends_at:
        names = [f"guest-{chance.randrange(8)}-{number}" for number in range(chance.randint(2, 5))]
        came += len(names)
        async with callers(relay, f"room-{chance.randrange(3)}", *names) as present:
            await present[0].speak()
            shown = await present[1].show(640, 360, simulcast=chance.random() < 0.5)
            for caller in present[2:]:
                await (caller.speak() if chance.random() < 0.5 else caller.show())
            await asyncio.sleep(chance.uniform(1, 4))
            if chance.random() < 0.5:
                await present[1].room.local_participant.unpublish_track(shown.sid)
            await asyncio.sleep(chance.uniform(0, 2))
        if chance.random() < 0.2:
            os._exit(came)  # vanish, without a farewell
    return came


async def strangers(relay: RunningRelay) -> None:
    """Junk from addresses that proved nothing, until cancelled."""
    chance = random.Random(7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as junk:
        while True:
            for _ in range(JUNK_PER_S // 20):
                junk.sendto(chance.randbytes(chance.randint(1, 1200)), (relay.address, relay.media_port))
            await asyncio.sleep(0.05)


# --- the measuring process


async def soak(minutes: float) -> tuple[Figures, list[Reading]]:
    async with running_relay(departure_s="5") as relay:
        began = time.monotonic()
        before = read(relay, began, 0)
        readings: list[Reading] = []
        came = 0
        async with asyncio.TaskGroup() as tasks:
            beside = [tasks.create_task(strangers(relay)), tasks.create_task(_watch(relay, began, readings))]
            while time.monotonic() - began < minutes * 60:
                left = began + minutes * 60 - time.monotonic()
                came += await _visitors(relay, min(VISIT_S, left), seed=len(readings))
            for task in beside:
                task.cancel()
        await asyncio.sleep(40)  # the vanished are let go after half a minute
        after = read(relay, began, int(await relay.figure("relay_participants")))
    settled = [reading for reading in readings if reading.at_s > minutes * 12]
    figures = Figures(
        minutes,
        came,
        round(settled[0].rss_mb, 1),
        round(after.rss_mb, 1),
        round(slope_per_hour(settled), 1),
        before.descriptors,
        after.descriptors,
    )
    return figures, [*readings, after]


async def _watch(relay: RunningRelay, began: float, readings: list[Reading]) -> None:
    while True:
        await asyncio.sleep(READ_S)
        readings.append(read(relay, began, int(await relay.figure("relay_participants"))))


async def _visitors(relay: RunningRelay, seconds: float, seed: int) -> int:
    """One process of visitors; it ends when its time is over, or vanishes before. How many came in it."""
    where = json.dumps([relay.http_port, relay.media_port, relay.address, seconds, seed])
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.soak", "--visit", where), cwd=ROOT, stderr=asyncio.subprocess.DEVNULL
    )
    return await child.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object, with all readings, instead of a line")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--visit", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.visit:
        http_port, media_port, address, seconds, seed = json.loads(options.visit)
        relay = RunningRelay(None, http_port, media_port, address)  # type: ignore[arg-type]
        sys.exit(asyncio.run(visit(relay, seconds, seed)) % 256)
    figures, readings = asyncio.run(soak(options.minutes))
    if options.json:
        print(json.dumps({"figures": asdict(figures), "readings": [asdict(reading) for reading in readings]}))
    else:
        print(
            f"{figures.visits} participants in {figures.minutes:g} minutes: {figures.rss_mb_early} MB early, "
            f"{figures.rss_mb_end} MB at the end, {figures.mb_per_hour:+} MB an hour; descriptors "
            f"{figures.descriptors_early} before, {figures.descriptors_end} after"
        )
    sys.exit(not figures.is_flat)


if __name__ == "__main__":
    main()
