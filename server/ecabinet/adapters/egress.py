"""Recording a room, asked of the media servers in LiveKit's protocol (Egress)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from livekit import api
from livekit.protocol.egress import (
    EgressInfo,
    EgressStatus,
    EncodedFileOutput,
    ListEgressRequest,
    RoomCompositeEgressRequest,
    StopEgressRequest,
)
from livekit.protocol.room import ListRoomsRequest

from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId


@dataclass(frozen=True, slots=True)
class Egress:
    """What a media server says of something it records. See recordings' Take port."""

    id: str
    name: str
    """What its files are called; empty where the server does not repeat it."""
    phase: str
    """``running``, ``composing``, ``complete`` or ``failed``."""
    percent: int
    room_sid: str = ""
    """The room as it was then; one of the same name that is opened again, here or elsewhere, is another."""


_PHASES = {
    EgressStatus.EGRESS_STARTING: "running",
    EgressStatus.EGRESS_ACTIVE: "running",
    EgressStatus.EGRESS_ENDING: "composing",
    EgressStatus.EGRESS_COMPLETE: "complete",
    # It ended before it was stopped, and what there is of it is whole.
    EgressStatus.EGRESS_LIMIT_REACHED: "complete",
}
"""Any other is a failure."""


class Servers(Protocol):
    """The media servers: `livekit.LiveKitServers`."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    def asking(self, server: int) -> AbstractAsyncContextManager[api.LiveKitAPI]:
        """One of them, under our deadline, with its errors said in our words."""
        ...


@dataclass(frozen=True, slots=True)
class LiveKitEgress:
    """See recordings' MediaRecorder port. What is recorded in a room is asked of the server that has it; what was
    recorded, of all: the room may be gone, or be somewhere else now."""

    servers: Servers
    asking: Callable[[MeetingId], AbstractAsyncContextManager[api.LiveKitAPI]]
    """The server that has the room."""

    async def start(self, room: MeetingId, name: str) -> Egress:
        """Begin. Raises NotFound when there is no such room, Unavailable."""
        wanted = RoomCompositeEgressRequest(room_name=room, file_outputs=[EncodedFileOutput(filepath=name)])
        async with self.asking(room) as server:
            return _egress(await server.egress.start_room_composite_egress(wanted))

    async def stop(self, egress: str) -> None:
        """End, and compose; again, where that failed. Nothing to end, no harm. Raises Unavailable when nobody who
        answers knows of it, and somebody does not answer."""
        silent = False
        for server in range(self.servers.count):
            try:
                async with self.servers.asking(server) as there:
                    await there.egress.stop_egress(StopEgressRequest(egress_id=egress))
            except NotFound:
                continue
            except Unavailable:
                # The others are asked first: one that is stuck must not have another record on.
                silent = True
                continue
            return
        if silent:
            raise Unavailable()

    async def takes(self, room: MeetingId) -> list[Egress]:
        """Everything the servers still know of the room. One that does not answer tells nothing; raises Unavailable
        when none does.

        Our relays tell of each other's too, and of those whose relay has died or is stuck as of before: none runs
        unless the room itself says that it is recorded, and is the one of then.
        """
        found = await self._told(room)
        if not any(each.phase == "running" for each in found):
            return found
        recorded = await self._recorded_rooms(room)
        return [
            replace(each, phase="composing") if each.phase == "running" and each.room_sid not in recorded else each
            for each in found
        ]

    async def _recorded_rooms(self, room: MeetingId) -> set[str]:
        with suppress(NotFound):
            async with self.asking(room) as server:
                answer = await server.room.list_rooms(ListRoomsRequest(names=[room]))
            return {each.sid for each in answer.rooms if each.active_recording}
        return set()

    async def _told(self, room: MeetingId) -> list[Egress]:
        found: dict[str, Egress] = {}
        silent = 0
        for server in range(self.servers.count):
            try:
                async with self.servers.asking(server) as there:
                    answer = await there.egress.list_egress(ListEgressRequest(room_name=room))
                for each in map(_egress, answer.items):
                    found[each.id] = max(found.get(each.id, each), each, key=_advance)
            except NotFound:
                continue
            except Unavailable:
                silent += 1
        if silent == self.servers.count:
            raise Unavailable()
        return list(found.values())


def _advance(egress: Egress) -> tuple[int, int]:
    """The one that says more of two that say something of the same."""
    return ("running", "composing", "failed", "complete").index(egress.phase), egress.percent


def _egress(info: EgressInfo) -> Egress:
    outputs = info.room_composite.file_outputs
    name = outputs[0].filepath if outputs else info.room_composite.file.filepath
    percent = int(info.details) if info.details.isdecimal() else 0
    return Egress(info.egress_id, name, _PHASES.get(info.status, "failed"), min(percent, 100), info.room_id)
