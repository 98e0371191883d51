"""A house in which sessions are recorded by a media server in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from ecabinet.adapters.blobs import FileBlobs
from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.ids import MeetingId, RecordingId
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.recordings.films import Films, Outside
from ecabinet.recordings.jobs import RecordingJobs
from ecabinet.recordings.model import Recording, TakePhase
from ecabinet.recordings.realtime import RecordingsRealtime
from ecabinet.recordings.service import Recordings
from ecabinet.recordings.sql import SqlRecordings
from tests.fakes.door import Here, a_house
from tests.fakes.gathering import CHAIR, MEETING, a_meeting
from tests.fakes.kernel import CountingIds, SetClock
from tests.fakes.recordings import MemoryRecorder, MemoryTakes, manifest_of

FILM = b"everybody in one picture"
MANIFEST = manifest_of(FILM)


@dataclass
class Studio:
    here: Here
    blobs: FileBlobs
    recorder: MemoryRecorder = field(default_factory=lambda: MemoryRecorder({MEETING}))
    takes: MemoryTakes = field(default_factory=MemoryTakes)
    reserve_bytes: int = 1000
    is_silent: bool = True
    """Whether the call is silent of those who do not know."""

    def __post_init__(self) -> None:
        self.ids = CountingIds()
        self.clock = SetClock()
        self.jobs = self.anew()

    @property
    def uow(self) -> UnitOfWork:
        return self.here.uow

    def anew(self) -> RecordingJobs:
        """As after a start of the application."""
        outside = Outside(self.recorder, self.takes, Films(self.blobs), self.reserve_bytes)
        return RecordingJobs(self.uow, self.service, outside, self.hush, self.ids, self.clock)

    async def hush(self, meeting: MeetingId, *, anew: bool = False) -> bool:
        self.recorder.calls.append("hush anew" if anew else "hush")
        return self.is_silent

    def service(self, act: Act) -> Recordings:
        return Recordings(act, SqlRecordings(act.connection), SqlMeetings(act.connection), self.ids, self.clock)

    async def start(self) -> RecordingId:
        return await self.uow.run(lambda act: self.service(act).start(MEETING, CHAIR, no_secrets=True))

    async def stop(self, recording: RecordingId) -> None:
        await self.uow.run(lambda act: self.service(act).stop(MEETING, recording, CHAIR))

    async def get(self, recording: RecordingId) -> Recording:
        async with self.uow.reading() as act:
            return await self.service(act).get(MEETING, recording)

    async def compose(self, take: str) -> None:
        """The media server has finished with a take."""
        self.takes.put(self.recorder.recorded[take][1].name, FILM, MANIFEST)
        self.recorder.turn(take, TakePhase.COMPLETE)

    @property
    def phases(self) -> dict[str, str]:
        return {name: str(take.phase) for name, (_, take) in self.recorder.recorded.items()}


@pytest.fixture
async def studio(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with a_house(database, a_meeting(), RecordingsRealtime().projectors()) as here:
        yield Studio(here, FileBlobs(tmp_path_factory.mktemp("blobs")))
