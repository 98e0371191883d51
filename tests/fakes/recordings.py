"""Recordings in memory, a media server that records, and a folder of films."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId, PersonId, RecordingId
from ecabinet.meetings.model import Meeting
from ecabinet.recordings.model import UNFINISHED, Acknowledgement, AlreadyRecording, Phase, Recording, TakePhase


@dataclass
class MemoryRecordings:
    """See the RecordingStore port."""

    kept: dict[RecordingId, Recording] = field(default_factory=dict)
    known: dict[tuple[RecordingId, PersonId], Acknowledgement] = field(default_factory=dict)

    async def lock(self, meeting: MeetingId) -> None:
        pass

    async def add(self, recording: Recording) -> None:
        for each in await self.of(recording.meeting):
            if each.phase is Phase.RUNNING:
                raise AlreadyRecording(recording=each.id)
        self.kept[recording.id] = recording

    async def get(self, meeting: MeetingId, recording: RecordingId) -> Recording:
        found = self.kept.get(recording)
        if found is None or found.meeting != meeting:
            raise NotFound()
        return found

    async def of(self, meeting: MeetingId) -> list[Recording]:
        mine = (each for each in self.kept.values() if each.meeting == meeting)
        return sorted(mine, key=lambda each: each.number)

    async def save(self, recording: Recording) -> None:
        self.kept[recording.id] = recording

    async def unfinished(self) -> list[MeetingId]:
        return sorted({each.meeting for each in self.kept.values() if each.phase in UNFINISHED})

    async def acknowledge(self, acknowledgement: Acknowledgement) -> bool:
        key = (acknowledgement.recording, acknowledgement.person)
        if key in self.known:
            return False
        self.known[key] = acknowledgement
        return True

    async def acknowledgements(self, meeting: MeetingId) -> list[Acknowledgement]:
        mine = (each for each in self.known.values() if self.kept[each.recording].meeting == meeting)
        return sorted(mine, key=lambda each: (each.at, each.person))


@dataclass(frozen=True)
class AnyTake:
    """See the Take port."""

    id: str
    name: str
    phase: str = TakePhase.RUNNING
    percent: int = 0


@dataclass
class MemoryRecorder:
    """See the MediaRecorder port. Without a room nothing is recorded, nor is one that is being recorded."""

    rooms: set[MeetingId] = field(default_factory=set)
    recorded: dict[str, tuple[MeetingId, AnyTake]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    is_down: bool = False

    async def start(self, room: MeetingId, name: str) -> AnyTake:
        self._ask("start")
        if room not in self.rooms:
            raise NotFound()
        if any(each.phase == TakePhase.RUNNING for each in self._there(room)):
            raise Unavailable()
        take = AnyTake(f"EG_{len(self.recorded) + 1}", name)
        self.recorded[take.id] = (room, take)
        return take

    async def stop(self, take: str) -> None:
        self._ask("stop")
        if take in self.recorded and self.recorded[take][1].phase == TakePhase.RUNNING:
            self.turn(take, TakePhase.COMPOSING)

    async def takes(self, room: MeetingId) -> list[AnyTake]:
        self._ask("takes")
        return self._there(room)

    def _there(self, room: MeetingId) -> list[AnyTake]:
        return [take for there, take in self.recorded.values() if there == room]

    def turn(self, take: str, phase: TakePhase, percent: int = 0) -> None:
        """From now on the take is there."""
        room, before = self.recorded[take]
        self.recorded[take] = (room, replace(before, phase=phase, percent=percent))

    def _ask(self, what: str) -> None:
        self.calls.append(what)
        if self.is_down:
            raise Unavailable()


def manifest_of(film: bytes) -> bytes:
    """As much of a manifest as speaks of the film."""
    composed = {"bytes": len(film), "sha256": hashlib.sha256(film).hexdigest()}
    return json.dumps({"composed": composed}).encode()


@dataclass
class MemoryTakes:
    """See the Takes port."""

    films: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    free: int = 1 << 40

    def put(self, name: str, film: bytes = b"film", manifest: bytes | None = None) -> None:
        """The media server has composed it."""
        self.films[name], self.manifests[name] = film, manifest_of(film) if manifest is None else manifest

    async def has(self, name: str) -> bool:
        return name in self.films and name in self.manifests

    async def size_bytes(self, name: str) -> int:
        if name not in self.films:
            raise NotFound()
        return len(self.films[name])

    async def film(self, name: str) -> AsyncIterator[bytes]:
        if name not in self.films:
            raise NotFound()
        yield self.films[name]

    async def manifest(self, name: str) -> AsyncIterator[bytes]:
        if name not in self.manifests:
            raise NotFound()
        yield self.manifests[name]

    async def drop_film(self, name: str) -> None:
        self.films.pop(name, None)

    async def free_bytes(self) -> int:
        return self.free


@dataclass
class SilentPeople:
    """Who has not said that he knows of a recording, as a test says. See media's KnowingOf."""

    people: frozenset[PersonId] = frozenset()

    async def silent(self, meeting: Meeting) -> frozenset[PersonId]:
        return self.people
