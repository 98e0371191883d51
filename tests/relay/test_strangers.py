"""A call among people who wish it ill: strangers, and whoever forges the very address of a participant."""

import asyncio
import os
import random
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from struct import pack
from threading import Event, Thread

import pytest

from tests.relay.callers import TONE_RMS, Caller, callers
from tests.relay.running import SERVER, RunningRelay, running_relay, until
from tests.relay.test_dtls import FORGED

COUNT = 200_000
PER_S = 25_000
FLAT_BYTES = 4_000_000


@asynccontextmanager
async def strangers(host: str, relay: RunningRelay, count: int = COUNT) -> AsyncIterator[None]:
    """While they send; at the end they must not have had one answer."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.relay.strangers", host, str(relay.media_port), str(count), str(PER_S),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{SERVER.parent}:{SERVER}"},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield
        output, _ = await child.communicate()
        assert output == b"0\n"
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def hears(caller: Caller, identity: str) -> bool:
    ear = caller.ears.get(f"{identity}/audio")
    return ear is not None and ear.rms > 0.7 * TONE_RMS


async def dropped(relay: RunningRelay) -> float:
    reasons = ("stranger", "unproved", "source_budget")
    return sum([await relay.figure(f'relay_dropped_total{{reason="{reason}"}}') for reason in reasons])


async def test_two_hundred_thousand_datagrams_of_strangers_disturb_no_call_and_leave_memory_flat(
    room_name: str,
) -> None:
    """During the set-up of calls and in one; what the kernel had no room for was not even seen."""
    async with running_relay() as relay:
        async with callers(relay, room_name, "first", "second") as (first, _):
            await first.speak()  # whatever a first call makes grow has grown
        resident = relay.resident_bytes()
        async with strangers(relay.address, relay), callers(relay, room_name, "an", "binh") as (an, binh):
            await an.speak()
            await until(lambda: hears(binh, "an"))
            heard: list[bool] = []
            while await dropped(relay) < COUNT * 0.6:
                heard.append(hears(binh, "an"))
                await asyncio.sleep(0.05)
            assert an.room.isconnected()
            assert binh.events == an.events == []
        assert heard.count(True) >= 0.9 * len(heard)
        assert await dropped(relay) >= COUNT * 0.6
        assert relay.resident_bytes() - resident < FLAT_BYTES


# --- whoever forges the address of a participant


def own_udp_ports() -> list[int]:
    """Of this program: the SDK's sockets are among them."""
    inodes = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            inodes.add(os.readlink(link))
        except OSError:
            continue  # closed meanwhile
    ports = []
    for line in Path("/proc/self/net/udp").read_text(encoding="ascii").splitlines()[1:]:
        words = line.split()
        if f"socket:[{words[9]}]" in inodes:
            ports.append(int(words[1].rpartition(":")[2], 16))
    return ports


@contextmanager
def forging(relay: RunningRelay, attacks: list[bytes]) -> Iterator[list[int]]:
    """Send the attacks to the relay from every UDP address of this program, again and again; needs raw sockets."""
    stop, sent = Event(), [0]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        raw.bind((relay.address, 0))

        def send() -> None:
            chance = random.Random(3)
            while not stop.wait(0.01):
                for port in own_udp_ports():
                    attack = chance.choice(attacks)
                    header = pack("!HHHH", port, relay.media_port, 8 + len(attack), 0)
                    raw.sendto(header + attack, (relay.address, 0))
                    sent[0] += 1

        thread = Thread(target=send)
        thread.start()
        try:
            yield sent
        finally:
            stop.set()
            thread.join()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may forge addresses")
async def test_forged_records_from_the_very_addresses_of_participants_end_no_call(
    relay: RunningRelay, room_name: str
) -> None:
    """Alerts, noise and what does not belong into a client's handshake: before, during and after five of them."""
    with forging(relay, list(FORGED.values())) as sent:
        for attempt in range(5):
            async with callers(relay, f"{room_name}-{attempt}", "an", "binh") as (an, binh):
                await an.speak()
                await until(lambda: hears(binh, "an"))
                begun_s = time.monotonic()
                while time.monotonic() - begun_s < 1:
                    await asyncio.sleep(0.1)
                assert an.events == binh.events == []
                assert hears(binh, "an")
        assert sent[0] > 1_000
