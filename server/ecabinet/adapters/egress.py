"""Recording a room, asked of the media servers in LiveKit's protocol (Egress)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from livekit import api
from livekit.protocol.egress import (
    EgressInfo,
    EgressStatus,
    EncodedFileOutput,
    ListEgressRequest,
    ListEgressResponse,
    RoomCompositeEgressRequest,
    StopEgressRequest,
)
from livekit.protocol.room import ListRoomsRequest

from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId

_Answer = TypeVar("_Answer")


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

        async def stop(there: api.LiveKitAPI) -> EgressInfo:
            return await there.egress.stop_egress(StopEgressRequest(egress_id=egress))

        found = await self._ask_all(stop, is_enough=True)
        if not found.answers and found.silent:
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
        async def tell(there: api.LiveKitAPI) -> ListEgressResponse:
            return await there.egress.list_egress(ListEgressRequest(room_name=room))

        told = await self._ask_all(tell)
        if told.silent == self.servers.count:
            raise Unavailable()
        found: dict[str, Egress] = {}
        for each in (_egress(info) for answer in told.answers for info in answer.items):
            found[each.id] = max(found.get(each.id, each), each, key=_advance)
        return list(found.values())

    async def _ask_all(
        self, ask: Callable[[api.LiveKitAPI], Awaitable[_Answer]], *, is_enough: bool = False
    ) -> "_Answers[_Answer]":
        """What the servers say, all asked at once: the deadline of one is that of all. Who does not know it says
        nothing.

        is_enough  the first answer ends it: one that is stuck must not have the others wait
        """
        found = _Answers[_Answer]()
        asked: list[asyncio.Task[None]] = []

        async def ask_one(server: int) -> None:
            try:
                async with self.servers.asking(server) as there:
                    found.answers.append(await ask(there))
            except NotFound:
                return
            except Unavailable:
                found.silent += 1
                return
            for other in asked if is_enough else ():
                if other is not asked[server]:
                    other.cancel()

        async with asyncio.TaskGroup() as tasks:
            asked.extend(tasks.create_task(ask_one(server)) for server in range(self.servers.count))
        return found


@dataclass(slots=True)
class _Answers(Generic[_Answer]):
    """What came of asking all."""

    answers: list[_Answer] = field(default_factory=list)
    silent: int = 0
    """How many did not answer."""


def _advance(egress: Egress) -> tuple[int, int]:
    """The one that says more of two that say something of the same."""
    return ("running", "composing", "failed", "complete").index(egress.phase), egress.percent


def _egress(info: EgressInfo) -> Egress:
    outputs = info.room_composite.file_outputs
    name = outputs[0].filepath if outputs else info.room_composite.file.filepath
    percent = int(info.details) if info.details.isdecimal() else 0
    return Egress(info.egress_id, name, _PHASES.get(info.status, "failed"), min(percent, 100), info.room_id)
