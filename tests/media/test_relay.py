"""The meeting and our relay together: the relay reports who comes, and the room is put right."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ecabinet.adapters.database import Database
from ecabinet.adapters.livekit import ApiKey, LiveKitRooms, MediaServer
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.media.http import MediaHttp
from ecabinet.media.jobs import MediaJobs
from ecabinet.media.realtime import MediaRealtime
from ecabinet.media.service import Media
from ecabinet.meetings.model import Phase
from tests.conftest import SQLITE, furnish
from tests.fakes.attendance import SetWithdrawn
from tests.fakes.door import a_house
from tests.fakes.gathering import AN, CHAIR, FIRST, GUEST, MEETING, SECOND, MeetingsHere, a_meeting
from tests.fakes.kernel import SetClock
from tests.fakes.recordings import SilentPeople
from tests.relay.callers import SILENCE_RMS, Caller
from tests.relay.running import KEY, SECRET, running_relay, until

ALL = frozenset({"camera", "microphone", "screen_share", "screen_share_audio"})
CAMERA = frozenset({"camera"})


@dataclass
class Call:
    """A meeting with its room at the relay."""

    tasks: asyncio.TaskGroup
    rooms: LiveKitRooms
    ws_url: str
    meetings: MeetingsHere = field(default_factory=MeetingsHere)
    speaker: PersonId | None = None
    callers: list[Caller] = field(default_factory=list)

    async def floor(self, meeting: MeetingId) -> PersonId | None:
        return self.speaker

    def media(self, act: Act) -> Media:
        return Media(act, self.meetings, self, SetWithdrawn(), SilentPeople(), SetClock())

    async def come(self, person: PersonId, sources: frozenset[str]) -> Caller:
        """With a ticket that was made when these were the person's sources."""
        caller = Caller(self.tasks)
        self.callers.append(caller)
        await caller.room.connect(self.ws_url, self.rooms.token(MEETING, person, person.title(), sources))
        return caller

    async def becomes(self, expected: dict[PersonId, frozenset[str]]) -> None:
        async def is_so() -> bool:
            return await self.rooms.participants(MEETING) == expected

        await until(is_so)


@pytest.fixture
async def database_url(tmp_path: Path) -> str:
    """One kind is enough: this is about the relay."""
    url = f"{SQLITE}{tmp_path / 'ecabinet.db'}"
    await furnish(url)
    return url


@asynccontextmanager
async def a_call(database: Database) -> AsyncIterator[tuple[Call, MediaJobs]]:
    """The application's edge and a relay that know of each other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with (
        asyncio.TaskGroup() as tasks,
        LiveKitRooms([MediaServer(f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}")], ApiKey(KEY, SECRET)) as rooms,
        a_house(database, a_meeting(), MediaRealtime().projectors()) as here,
    ):
        call = Call(tasks, rooms, f"ws://127.0.0.1:{port}")
        jobs = MediaJobs(here.uow, call.media, rooms)
        http = MediaHttp(here.uow, call.media, rooms, jobs.reconcile)
        async with here.serving(http.routes()) as people:
            hook = f"http://127.0.0.1:{people.client.port}/api/media/events"
            async with running_relay(http_port=str(port), webhook_url=hook):
                try:
                    yield call, jobs
                finally:
                    for each in call.callers:
                        await each.leave()


async def test_whoever_comes_with_a_ticket_from_before_is_put_right(database: Database) -> None:
    async with a_call(database) as (call, _):
        await call.come(CHAIR, ALL)
        await call.come(AN, ALL)
        await call.becomes({CHAIR: ALL, AN: CAMERA})
        await call.come(GUEST, CAMERA)
        await call.becomes({CHAIR: ALL, AN: CAMERA})


async def test_a_voice_is_heard_while_it_has_the_floor(database: Database) -> None:
    async with a_call(database) as (call, jobs):
        chair, an = await call.come(CHAIR, ALL), await call.come(AN, CAMERA)
        call.speaker = AN
        assert await jobs.reconcile(MEETING)
        await call.becomes({CHAIR: ALL, AN: ALL})
        await an.speak()
        await until(lambda: "an/audio" in chair.ears and chair.ears["an/audio"].rms > 1000)
        call.speaker = None
        assert await jobs.reconcile(MEETING)
        await until(lambda: is_silent(chair, "an"))


async def test_a_guest_is_out_with_the_item_and_all_are_out_with_the_meeting(database: Database) -> None:
    async with a_call(database) as (call, jobs):
        call.meetings.change(current=SECOND)
        await call.come(CHAIR, ALL)
        await call.come(GUEST, CAMERA)
        await call.becomes({CHAIR: ALL, GUEST: CAMERA})
        call.meetings.change(current=FIRST)
        assert await jobs.reconcile(MEETING)
        await call.becomes({CHAIR: ALL})
        call.meetings.change(phase=Phase.CLOSED)
        assert await jobs.reconcile(MEETING)
        await call.becomes({})


async def is_silent(caller: Caller, who: str) -> bool:
    """Whether nothing of another's voice came in the last half second."""
    ear = caller.ears[f"{who}/audio"]
    frames = ear.frames
    await asyncio.sleep(0.5)
    return ear.frames == frames or ear.rms < SILENCE_RMS
