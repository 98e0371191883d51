"""The benchmark of relays runs, and its packets carry what it checks. No figure is judged here."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.relaying import content, figures, sdp
from tests.bench.relaying.content import Source
from tests.bench.relaying.loads import LOADS, Load, Stream

ROOT = Path(__file__).parents[3]
STAND_IN = f"""#!{sys.executable}
import json, os, sys

with open(sys.argv[sys.argv.index("--config") + 1], encoding="utf-8") as file:
    config = json.load(file)
[(key, secret)] = config["keys"].items()
settings = {{
    "RELAY_KEYS": f"{{key}}: {{secret}}",
    "RELAY_HTTP_PORT": str(config["port"]),
    "RELAY_MEDIA_PORT": str(config["rtc"]["udp_port"]),
    "RELAY_ADDRESSES": config["rtc"]["node_ip"],
    "PYTHONPATH": {str(ROOT / "server")!r},
}}
os.execve(sys.executable, [sys.executable, "-m", "relay"], os.environ | settings)
"""
"""A LiveKit server as far as its command line and its protocol go."""


async def report(*options: str) -> dict[str, Any]:
    """What the command says."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.relay", "--json", *options), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        said, _ = await child.communicate()
    assert child.returncode == 0
    told: dict[str, Any] = json.loads(said)
    return told


async def test_relays_are_measured_by_one_command_and_so_is_a_livekit_server_given_by_path(tmp_path: Path) -> None:
    binary = tmp_path / "livekit-server"
    binary.write_text(STAND_IN, encoding="utf-8")
    binary.chmod(0o755)
    few = ("--load", "video-5k", "--seconds", "1", "--receivers", "4")
    told = await report(*few, "--server", "relay", "--server", "livekit", "--livekit", str(binary))
    assert told["left_out"] == []
    assert told["machine"]["cores"] >= 1
    assert [(run["server"], run["load"]) for run in told["runs"]] == [("relay", "video-5k"), ("livekit", "video-5k")]
    for run in told["runs"]:
        assert run["participants"] == 5
        assert run["undecryptable"] == 0
        assert run["decrypted"] > 0
        assert run["packets_out"] > 0
        assert run["cpu_us_per_packet"] > 0
        assert run["delay_ms"]["p99"] >= run["delay_ms"]["p50"] > 0
    ours, stranger = told["runs"]
    assert ours["loop_lag_ms"] is not None
    assert stranger["loop_lag_ms"] is None


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_a_packet_says_when_it_was_sent_unless_it_was_changed_on_the_way(kind: Any) -> None:
    source = Source(Stream(kind, burst=3, per_s=25, payload_bytes=120), "0")
    packets = list(source.burst(content.transport_numbers()))
    found = [content.read(packet) for packet in packets]
    assert [one and one[1] for one in found] == [0, 1, 2]
    changed = bytearray(packets[0])
    changed[-1] ^= 1
    assert content.read(bytes(changed)) is None
    assert content.read(packets[0][:40]) is None


def test_lateness_between_two_looks_at_a_histogram_is_spread_evenly_in_its_buckets() -> None:
    before = {0.001: 10.0, 0.01: 10.0, float("inf"): 10.0}
    after = {0.001: 110.0, 0.01: 110.0, float("inf"): 110.0}
    assert figures.lag_ms(before, after) == {"p50": 0.5, "p99": 0.99}
    above = {0.001: 10.0, 0.01: 10.0, float("inf"): 20.0}
    assert figures.lag_ms(before, above) == {"p50": 10.0, "p99": 10.0}
    assert figures.lag_ms(before, before) is None


def test_loads_send_what_their_names_say() -> None:
    named = {load.name: load for load in LOADS}

    def per_s(load: Load) -> int:
        return sum(stream.packets_per_s for stream in load.streams) * load.receivers

    assert [per_s(named[name]) for name in ("video-5k", "video-21k", "video-50k")] == [5_250, 21_000, 50_400]
    assert [per_s(named[name]) // 30 for name in ("audio-50", "audio-500")] == [50, 500]
    assert named["gallery-12"].received_tracks == 22
    assert named["idle"].participants == 100


def test_only_a_candidate_of_udp_over_ipv4_is_an_address_to_send_to() -> None:
    assert sdp.candidate_address("candidate:1 1 udp 2130706431 192.0.2.7 5000 typ host") == ("192.0.2.7", 5000)
    assert sdp.candidate_address("a=candidate:1 1 tcp 1 192.0.2.7 5000 typ host tcptype passive") is None
    assert sdp.candidate_address("a=candidate:1 1 udp 1 2001:db8::7 5000 typ host") is None
