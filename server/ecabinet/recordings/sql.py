"""Recordings as rows. Their parts are few and read together: they lie in the row."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    UniqueConstraint,
    column,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, lock_row, metadata, upsert_into
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import MeetingId, PersonId, RecordingId
from ecabinet.kernel.restore import restore

from .model import UNFINISHED, Acknowledgement, AlreadyRecording, Cause, Fault, Part, Phase, Recording

_RUNNING = text("phase = 'running'")
recordings = Table(
    "recording",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("meeting", ForeignKey("meeting.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("phase", String(10), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("started_by", ForeignKey("account.person"), nullable=False),
    Column("stopped_at", UtcDateTime),
    Column("cause", String(10)),
    Column("parts", JSON, nullable=False),
    Column("fault", String(20)),
    UniqueConstraint("meeting", "number"),
    Index("ix_recording_phase", "phase"),
    # One at a time in a meeting, whoever races.
    Index("uq_recording_one_running", "meeting", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
)
acknowledgements = Table(
    "recording_acknowledgement",
    metadata,
    Column("recording", ForeignKey("recording.id"), primary_key=True),
    Column("person", ForeignKey("account.person"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
_meetings = table("meeting", column("id"))


@dataclass(frozen=True, slots=True)
class SqlRecordings:
    """See the RecordingStore port."""

    connection: AsyncConnection

    async def lock(self, meeting: MeetingId) -> None:
        await lock_row(self.connection, _meetings.c.id, meeting)

    async def add(self, recording: Recording) -> None:
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(recordings).values(**_row(recording)))
        except IntegrityError as error:
            others = [each.id for each in await self.of(recording.meeting) if each.phase is Phase.RUNNING]
            if not others:
                raise
            raise AlreadyRecording(recording=others[0]) from error

    async def get(self, meeting: MeetingId, recording: RecordingId) -> Recording:
        wanted = select(recordings).where(recordings.c.id == recording, recordings.c.meeting == meeting)
        row = (await self.connection.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound()
        return _recording(row)

    async def of(self, meeting: MeetingId) -> list[Recording]:
        wanted = select(recordings).where(recordings.c.meeting == meeting).order_by(recordings.c.number)
        return [_recording(row) for row in await self.connection.execute(wanted)]

    async def save(self, recording: Recording) -> None:
        await self.connection.execute(
            update(recordings).where(recordings.c.id == recording.id).values(**_row(recording))
        )

    async def unfinished(self) -> list[MeetingId]:
        phases = sorted(each.value for each in UNFINISHED)
        wanted = select(recordings.c.meeting).where(recordings.c.phase.in_(phases)).distinct()
        return sorted(MeetingId(row.meeting) for row in await self.connection.execute(wanted))

    async def acknowledge(self, acknowledgement: Acknowledgement) -> bool:
        values = {each.name: getattr(acknowledgement, each.name) for each in acknowledgements.columns}
        put = upsert_into(self.connection, acknowledgements).values(**values).on_conflict_do_nothing()
        return bool((await self.connection.execute(put)).rowcount)

    async def acknowledgements(self, meeting: MeetingId) -> list[Acknowledgement]:
        wanted = (
            select(acknowledgements)
            .join(recordings, recordings.c.id == acknowledgements.c.recording)
            .where(recordings.c.meeting == meeting)
            .order_by(acknowledgements.c.at, acknowledgements.c.person)
        )
        return [
            Acknowledgement(RecordingId(row.recording), PersonId(row.person), row.at)
            for row in await self.connection.execute(wanted)
        ]


def _row(recording: Recording) -> dict[str, Any]:
    values = {each.name: getattr(recording, each.name) for each in recordings.columns}
    return {
        **values,
        "phase": recording.phase.value,
        "cause": recording.cause.value if recording.cause else None,
        "fault": recording.fault.value if recording.fault else None,
        "parts": plain(recording.parts),
    }


def _recording(row: Row[Any]) -> Recording:
    return Recording(
        id=RecordingId(row.id),
        meeting=MeetingId(row.meeting),
        number=row.number,
        phase=Phase(row.phase),
        started_at=row.started_at,
        started_by=PersonId(row.started_by),
        stopped_at=row.stopped_at,
        cause=Cause(row.cause) if row.cause else None,
        parts=tuple(restore(Part, each) for each in row.parts),
        fault=Fault(row.fault) if row.fault else None,
    )
