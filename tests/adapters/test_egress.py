"""Recording asked of several media servers: one that is silent keeps none of the others from being asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from livekit import api
from livekit.protocol.egress import EgressInfo, EgressStatus, ListEgressRequest, ListEgressResponse, StopEgressRequest
from livekit.protocol.models import Room
from livekit.protocol.room import ListRoomsRequest, ListRoomsResponse

from ecabinet.adapters.egress import LiveKitEgress
from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId

ROOM = MeetingId("room")


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Relay:
    """One of several on the same folder: it tells of the others' recordings, and ends its own."""

    records: list[EgressInfo] = field(default_factory=list)
    told: list[EgressInfo] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    is_silent: bool = False
    answers_after: asyncio.Event = field(default_factory=_set)
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: list[str] = field(default_factory=list)

    @property
    def egress(self) -> "Relay":
        return self

    @property
    def room(self) -> "Relay":
        return self

    async def list_egress(self, request: ListEgressRequest) -> ListEgressResponse:
        return ListEgressResponse(items=[*self.records, *self.told])

    async def stop_egress(self, request: StopEgressRequest) -> EgressInfo:
        for each in self.records:
            if each.egress_id == request.egress_id:
                self.stopped.append(each.egress_id)
                return each
        raise NotFound()

    async def list_rooms(self, request: ListRoomsRequest) -> ListRoomsResponse:
        return ListRoomsResponse(rooms=self.rooms)


@dataclass
class Relays:
    """See egress.Servers."""

    relays: list[Relay]

    @property
    def count(self) -> int:
        return len(self.relays)

    @asynccontextmanager
    async def asking(self, server: int) -> AsyncIterator[api.LiveKitAPI]:
        relay = self.relays[server]
        relay.was_asked.set()
        await relay.answers_after.wait()
        if relay.is_silent:
            raise Unavailable()
        yield cast(Any, relay)

    def egress(self, holder: int) -> LiveKitEgress:
        """The room is on the relay of this number."""
        return LiveKitEgress(self, lambda _room: self.asking(holder))


def recording(id: str, room_sid: str) -> EgressInfo:
    return EgressInfo(egress_id=id, room_name=ROOM, room_id=room_sid, status=EgressStatus.EGRESS_ACTIVE)


async def test_the_relay_that_records_is_told_to_stop_though_another_is_silent() -> None:
    stuck, recorder = Relay(is_silent=True), Relay([recording("EG_1", "RM_1")])
    egress = Relays([stuck, recorder]).egress(holder=1)
    await egress.stop("EG_1")
    assert recorder.stopped == ["EG_1"]
    # Nobody who answered knows of it: the silent one may.
    with pytest.raises(Unavailable):
        await egress.stop("EG_2")
    stuck.is_silent = False
    await egress.stop("EG_2")


async def test_all_are_asked_at_once_so_that_several_that_are_stuck_cost_no_more_than_one() -> None:
    here = Relay([recording("EG_1", "RM_1")], rooms=[Room(name=ROOM, sid="RM_1", active_recording=True)])
    # Each answers only after the next one was asked; the first two end with their deadline.
    stuck = [Relay(is_silent=True, answers_after=asyncio.Event()) for _ in range(2)]
    stuck[0].answers_after, stuck[1].answers_after = stuck[1].was_asked, here.was_asked
    async with asyncio.timeout(5):
        assert [each.id for each in await Relays([*stuck, here]).egress(holder=2).takes(ROOM)] == ["EG_1"]


async def test_who_ends_a_recording_does_not_wait_for_those_who_are_stuck() -> None:
    recorder, never = Relay([recording("EG_1", "RM_1")]), asyncio.Event()
    async with asyncio.timeout(5):
        await Relays([Relay(answers_after=never), recorder, Relay(answers_after=never)]).egress(holder=1).stop("EG_1")
    assert recorder.stopped == ["EG_1"]


async def test_what_a_stuck_relay_left_running_is_not_what_is_recorded_where_the_room_is_now() -> None:
    before, now = recording("EG_1", "RM_1"), recording("EG_2", "RM_2")
    stuck = Relay([before], [now], is_silent=True)
    here = Relay([now], [before], [Room(name=ROOM, sid="RM_2", active_recording=True)])
    told = {each.id: each.phase for each in await Relays([stuck, here]).egress(holder=1).takes(ROOM)}
    assert told == {"EG_1": "composing", "EG_2": "running"}


async def test_nothing_runs_where_the_room_says_that_it_is_not_recorded() -> None:
    here = Relay(told=[recording("EG_1", "RM_1")], rooms=[Room(name=ROOM, sid="RM_1")])
    assert [each.phase for each in await Relays([here]).egress(holder=0).takes(ROOM)] == ["composing"]
