"""What an operator and an application are told of how busy the relay is."""

from typing import Any

import aiohttp

from relay.metrics import LOAD_TICKS, LoadMeter
from tests.relay.callers import callers
from tests.relay.running import RunningRelay, until


class Work:
    """A process that has used so much time and sent so many packets."""

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self.sent = 0

    def meter(self) -> LoadMeter:
        return LoadMeter(lambda: self.cpu_s, lambda: self.sent)


def test_nothing_is_said_of_load_before_there_is_a_span_to_take_it_over() -> None:
    meter = Work().meter()
    nothing = {"cpu": 0.0, "packets_out_per_s": 0.0, "loop_lag_ms_p99": 0.0}
    assert meter.describe() == nothing
    meter.tick(1.0, 0.0)
    assert meter.describe() == nothing


def test_load_is_of_the_last_five_seconds_only() -> None:
    work = Work()
    meter = work.meter()
    for tick in range(3 * LOAD_TICKS):
        quiet = tick < 2 * LOAD_TICKS
        work.cpu_s += 0.04 if quiet else 0.01
        work.sent += 500 if quiet else 50
        meter.tick(tick * 0.05, 0.5 if quiet else 0.002)
    assert meter.describe() == {"cpu": 0.2, "packets_out_per_s": 1000.0, "loop_lag_ms_p99": 2.0}
    assert sum(meter.lag_counts) == 3 * LOAD_TICKS


def test_one_late_tick_in_a_hundred_is_not_yet_the_99th_percentile_but_two_are() -> None:
    for late, expected_ms in ((1, 1.0), (2, 80.0)):
        meter = Work().meter()
        for tick in range(LOAD_TICKS):
            meter.tick(tick * 0.05, 0.08 if tick < late else 0.001)
        assert meter.describe()["loop_lag_ms_p99"] == expected_ms


async def test_a_relay_tells_how_busy_it_is(relay: RunningRelay, room_name: str) -> None:
    async def health() -> dict[str, Any]:
        async with aiohttp.ClientSession(relay.url) as session, session.get("/healthz") as answer:
            told: dict[str, Any] = await answer.json()
            return told

    async with callers(relay, room_name, "an", "binh") as (an, binh):
        await an.speak()
        await until(lambda: "an/audio" in binh.ears and binh.ears["an/audio"].frames > 300)
        told = await health()
        assert set(told) == {"version", "rooms", "participants", "tracks", "load", "capacity"}
        assert told["participants"] >= 2  # of all rooms
        assert told["tracks"] >= 1
        assert told["capacity"] == {"rooms": 500, "participants": 1000, "participants_per_room": 500}
        load = told["load"]
        assert load["packets_out_per_s"] > 5
        assert 0 < load["cpu"] < 1
        assert load["loop_lag_ms_p99"] > 0
        assert await relay.figure("relay_datagrams_sent_total") > 50
        assert await relay.figure('relay_loop_lag_seconds_bucket{le="+Inf"}') > 10
