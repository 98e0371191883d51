"""Recordings as a meeting's participants see them: that there is one, everybody; its files, those who keep it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, everyone
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId

from .model import (
    RecordingAcknowledged,
    RecordingFailed,
    RecordingFinished,
    RecordingPartBegun,
    RecordingRetried,
    RecordingStarted,
    RecordingStopped,
)
from .sql import SqlRecordings
from .views import acknowledgement_entry, acknowledgement_id, of_mine_or_kept, recording_entry, without_files

_Changing = (
    RecordingStarted | RecordingPartBegun | RecordingStopped | RecordingFinished | RecordingFailed | RecordingRetried
)


@dataclass(frozen=True, slots=True)
class RecordingsRealtime:
    """The slice's collections and projectors."""

    recordings: Callable[[AsyncConnection], SqlRecordings] = SqlRecordings

    def collections(self) -> list[Collection]:
        """Nobody is recorded without seeing so."""
        return [
            Collection("recordings", self.load, everyone, without_files),
            Collection("acknowledgements", self.load_acknowledgements, of_mine_or_kept),
        ]

    def projectors(self) -> dict[type[Event], Projector]:
        """Event → the entries it changed."""
        changing: dict[type[Event], Projector] = dict.fromkeys(_Changing.__args__, self.changed)
        return changing | {RecordingStarted: self.started, RecordingAcknowledged: self.acknowledged}

    async def load(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All of the meeting."""
        return {each.id: dict(recording_entry(each)) for each in await self.recordings(connection).of(meeting)}

    async def load_acknowledgements(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """Of all recordings of the meeting."""
        found = await self.recordings(connection).acknowledgements(meeting)
        return {acknowledgement_id(each): dict(acknowledgement_entry(each)) for each in found}

    async def changed(self, event: Event, connection: AsyncConnection) -> Changes:
        """The recording as it now stands."""
        assert isinstance(event, _Changing)
        assert event.meeting is not None
        recording = await self.recordings(connection).get(event.meeting, event.recording)
        return {"recordings": {recording.id: dict(recording_entry(recording))}}

    async def started(self, event: Event, connection: AsyncConnection) -> Changes:
        """With it comes that the chair knows."""
        assert isinstance(event, RecordingStarted)
        assert event.meeting is not None
        entries = await self.load_acknowledgements(event.meeting, connection)
        own = {key: each for key, each in entries.items() if each["recording"] == event.recording}
        return {**(await self.changed(event, connection)), "acknowledgements": own}

    async def acknowledged(self, event: Event, connection: AsyncConnection) -> Changes:
        """Who, and when."""
        assert isinstance(event, RecordingAcknowledged)
        assert event.meeting is not None
        entries = await self.load_acknowledgements(event.meeting, connection)
        key = f"{event.recording}:{event.person}"
        return {"acknowledgements": {key: entries[key]}}
