"""Writes packets.json: what real clients send, decrypted, a few of each kind. `python -m tests.relay.capture`

Two participants of the livekit SDK (libwebrtc) talk, show themselves in layers, and change what they receive; the relay
runs in this process, so that its packets can be noted after decryption. Descriptions of real browsers are in sdp/.
"""

import asyncio
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from livekit import rtc

from relay.app import Relay
from relay.rooms.ports import LinkListener
from relay.settings import Settings
from relay.wire import rtcp, rtp
from tests.relay.callers import callers
from tests.relay.running import KEY, SECRET, RunningRelay

PACKETS = Path(__file__).with_name("packets.json")
OF_EACH = 6


class Notes:
    """Kind -> packets, the first ones of every variety."""

    def __init__(self) -> None:
        self._of: dict[str, dict[tuple[object, ...], list[bytes]]] = defaultdict(lambda: defaultdict(list))

    def add(self, kind: str, variety: tuple[object, ...], packet: bytes) -> None:
        same = self._of[kind][variety]
        if len(same) < OF_EACH and packet not in same:
            same.append(packet)

    def as_json(self) -> str:
        kept = {
            kind: [packet.hex() for same in varieties.values() for packet in same]
            for kind, varieties in sorted(self._of.items())
        }
        return json.dumps(kept, indent=0) + "\n"


class Witness:
    """A listener that notes what another one hears."""

    def __init__(self, heard: LinkListener, notes: Notes) -> None:
        self._heard = heard
        self._notes = notes
        self.on_up = heard.on_up
        self.on_down = heard.on_down
        self.admits = heard.admits

    def on_rtp(self, packet: bytes, at_us: int) -> None:
        _, elements = rtp.split(packet)
        self._notes.add("rtp", (packet[1] & 0x7F, tuple(number for number, _ in elements), packet[0]), packet)
        self._heard.on_rtp(packet, at_us)

    def on_rtcp(self, compound: bytes, at_us: int) -> None:
        self._notes.add("rtcp", tuple(type(one).__name__ for one in rtcp.parse(compound)), compound)
        self._heard.on_rtcp(compound, at_us)


async def capture(notes: Notes) -> None:
    relay = Relay(Settings(keys={KEY: SECRET}, http_port=0, media_port=0))
    surroundings = relay.registry._surroundings
    opened = surroundings.open_link
    relay.registry._surroundings = replace(surroundings, open_link=lambda heard: opened(Witness(heard, notes)))
    stop, said = asyncio.Event(), asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(relay.serve(stop, said.set_result))
        told = json.loads(await said)
        running = RunningRelay(None, told["http"], told["udp"], told["addresses"][0])  # type: ignore[arg-type]
        await converse(running)
        stop.set()


async def converse(relay: RunningRelay) -> None:
    async with callers(relay, "capture", "an", "binh", can_update_own_metadata=True) as (an, binh):
        voice = await an.speak()
        await an.show(960, 540, simulcast=True)
        await binh.show(codec=rtc.VideoCodec.H264)
        await asyncio.sleep(3)
        for track in binh.room.remote_participants["an"].track_publications.values():
            track.set_subscribed(False)
            await asyncio.sleep(0.3)
            track.set_subscribed(True)
        an.room.local_participant.track_publications[voice.sid].track.mute()  # type: ignore[union-attr]
        await an.room.local_participant.set_metadata("here")
        await an.room.local_participant.set_attributes({"seat": "1"})
        await asyncio.sleep(3)


def main() -> None:
    notes = Notes()
    asyncio.run(capture(notes))
    PACKETS.write_text(notes.as_json(), encoding="utf-8")
    print({kind: len(packets) for kind, packets in json.loads(PACKETS.read_text()).items()})


if __name__ == "__main__":
    main()
