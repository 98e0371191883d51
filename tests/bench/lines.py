"""What a bad line does to a call: gaps in the sound, pictures, pauses, and how long it takes to be well again.

    ./run bench lines [--json] [--line NAME] [--who receiver|publisher] [--seconds N]

Two `livekit` SDK participants (libwebrtc): one publishes a voice and a 720p camera with simulcast, the other receives;
one of them has a bad line for some seconds, then a good one again. The line is tests/relay/lines.py.
"""

import argparse
import asyncio
import json
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Final

from livekit import rtc

from tests.relay.callers import Caller
from tests.relay.lines import BadLine, Terms, bad_line
from tests.relay.running import running_relay, token, until
from tests.relay.witness import Witness, move_hd

WIDTH, HEIGHT = 1280, 720
WARM_S: Final = 8.0
AFTER_S: Final = 25.0
SETTLE_S: Final = 3.0
WELL_FPS: Final = 8
"""So many pictures in a second mean that a video is well again."""

LINES: Final = {
    "good": Terms(),
    "loss-1": Terms(loss=0.01),
    "loss-5": Terms(loss=0.05),
    "loss-20": Terms(loss=0.2),
    "delay-300": Terms(delay_ms=300, sway_ms=100),
    "reorder": Terms(reorder=0.05),
    "hole-10s": Terms(dead=True),
    "1500k": Terms(rate_bps=1_500_000),
    "256k": Terms(rate_bps=256_000),
}


@dataclass(frozen=True)
class Run:
    """Figures of the bad time, and of what came after it."""

    line: str
    who: str
    audio_gaps: int
    audio_longest_ms: int
    audio_gone: float
    """Share of the time in gaps."""
    settled_gaps: int
    """Of the audio gaps, those that began after the first 3 s: a line that turns bad is noticed by what it loses."""
    fps: float
    """Median of pictures per second."""
    freeze_s: float
    heights: list[int]
    """Of the picture, second by second, 0 for none; from the beginning of the bad time to the end."""
    paused_s: list[float]
    """When the relay said that the video was paused, in seconds after the line became bad."""
    resumed_s: list[float]
    audio_back_s: float
    """After the line was good again; -1: not in the time measured."""
    video_back_s: float
    full_back_s: float
    """Until the picture has all its lines."""
    dropped: float
    """Share of the packets that the bad line lost."""
    qualities: list[int]
    """As told to the one with the bad line about itself."""


async def measure(name: str, who: str, seconds: float, seed: int) -> Run:
    async with (
        running_relay(ice_transports="udp") as relay,
        bad_line(relay, seed) as line,
        asyncio.TaskGroup() as tasks,
    ):
        publisher, receiver, witness = Caller(tasks), Caller(tasks), Witness()
        witness.attend(receiver.room, tasks.create_task)
        url = {"publisher": relay.ws_url, "receiver": relay.ws_url, who: line.ws_url}
        await receiver.room.connect(url["receiver"], token("receiver", "hall"))
        await publisher.room.connect(url["publisher"], token("publisher", "hall"))
        await publisher.speak()
        source = rtc.VideoSource(WIDTH, HEIGHT)
        track = rtc.LocalVideoTrack.create_video_track("camera", source)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA, simulcast=True, video_codec=rtc.VideoCodec.VP8
        )
        await publisher.room.local_participant.publish_track(track, options)
        moving = tasks.create_task(move_hd(source, WIDTH, HEIGHT))
        await until(lambda: witness.pictures and witness.sounds)
        await asyncio.sleep(WARM_S)
        began_s, ended_s = await _suffer(line, LINES[name], seconds, tasks, who)
        counts = await line.set()
        await asyncio.sleep(AFTER_S)
        until_s = time.monotonic()
        moving.cancel()
        witness.stop()
        await publisher.leave()
        await receiver.leave()
    direction = (counts.down_lost, counts.down) if who == "receiver" else (counts.up_lost, counts.up)
    me = publisher.room.local_participant.sid if who == "publisher" else receiver.room.local_participant.sid
    gaps = witness.gaps(began_s, ended_s)
    return Run(
        line=name,
        who=who,
        audio_gaps=gaps.count,
        audio_longest_ms=gaps.longest_ms,
        audio_gone=gaps.share,
        settled_gaps=witness.gaps(began_s + SETTLE_S, ended_s).count,
        fps=median(witness.per_second(began_s, ended_s)),
        freeze_s=witness.longest_freeze_s(began_s, ended_s),
        heights=witness.heights(began_s, until_s),
        paused_s=_states(line, began_s, paused=True),
        resumed_s=_states(line, began_s, paused=False),
        audio_back_s=_audio_back_s(witness, ended_s),
        video_back_s=_video_back_s(witness, ended_s, 1),
        full_back_s=_video_back_s(witness, ended_s, HEIGHT),
        dropped=round(direction[0] / max(1, direction[1]), 4),
        qualities=[
            update.quality
            for _, signal in line.told("connection_quality")
            for update in signal.connection_quality.updates
            if update.participant_sid == me
        ],
    )


async def _suffer(
    line: BadLine, terms: Terms, seconds: float, tasks: asyncio.TaskGroup, who: str
) -> tuple[float, float]:
    """The bad time: only the way the media takes is bad, in a hole both are."""
    began_s = time.monotonic()
    if terms.dead:
        await line.set(up=terms, down=terms)
        await asyncio.sleep(10)
    else:
        back = Terms(delay_ms=terms.delay_ms)
        await line.set(**({"down": terms, "up": back} if who == "receiver" else {"up": terms, "down": back}))
        await asyncio.sleep(seconds)
    return began_s, time.monotonic()


def _states(line: BadLine, began_s: float, *, paused: bool) -> list[float]:
    return [
        round(at_s - began_s, 1)
        for at_s, signal in line.told("stream_state_update")
        for state in signal.stream_state_update.stream_states
        if bool(state.state) == paused
    ]


def _audio_back_s(witness: Witness, since_s: float) -> float:
    """The first of 500 ms without silence."""
    run = 0
    for at_s, audible in witness.sounds:
        if at_s >= since_s:
            run = run + 1 if audible else 0
            if run == 50:
                return round(max(0.0, at_s - 0.5 - since_s), 2)
    return -1


def _video_back_s(witness: Witness, since_s: float, height: int) -> float:
    times = [at_s for at_s, lines in witness.pictures if at_s >= since_s and lines >= height]
    for first, last in zip(times, times[WELL_FPS - 1 :], strict=False):
        if last - first <= 1:
            return round(first - since_s, 2)
    return -1


def show(run: Run) -> str:
    lines = "".join({0: "·", 180: "q", 360: "h", 720: "F"}.get(height, "x") for height in run.heights)
    pauses = f"paused at {run.paused_s}, back at {run.resumed_s}" if run.paused_s else ""
    return (
        f"{run.line:<10}{run.who:<10}{run.audio_gaps:>5}{run.settled_gaps:>6}{run.audio_longest_ms:>7}{run.audio_gone:>8.1%}{run.fps:>6.1f}"
        f"{run.freeze_s:>7.1f}{run.audio_back_s:>7.1f}{run.video_back_s:>7.1f}{run.full_back_s:>7.1f}{run.dropped:>8.1%}"
        f"  {lines}  {run.qualities} {pauses}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long the line is bad")
    parser.add_argument("--line", choices=LINES, help="only this one")
    parser.add_argument("--who", choices=["receiver", "publisher"], help="only with the bad line at this end")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    runs = []
    if not options.json:
        print(
            f"{'line':<10}{'at':<10}{'gaps':>5}{'later':>6}{'longest':>7}{'gone':>8}{'fps':>6}{'freeze':>7}"
            f"{'audio':>7}{'video':>7}{'full':>7}{'lost':>8}  picture, second by second"
        )
    for who in (options.who,) if options.who else ("receiver", "publisher"):
        for name in (options.line,) if options.line else LINES:
            run = asyncio.run(measure(name, who, options.seconds, options.seed))
            runs.append(asdict(run))
            if not options.json:
                print(show(run), flush=True)
    if options.json:
        print(json.dumps({"runs": runs}))


if __name__ == "__main__":
    main()
