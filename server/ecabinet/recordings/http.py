"""Recordings on the wire: the chair decides, everybody says that he knows, those who keep them see and hear them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, FileReply, RangedReply, Reply, Route, Shape
from ecabinet.kernel.access import Action, require_whole
from ecabinet.kernel.errors import NotFound, Unavailable
from ecabinet.kernel.ids import MeetingId, RecordingId
from ecabinet.media.model import MediaUnavailable

from .films import Outside
from .model import Kept, NoRoomForRecording, RecordingNotPossible
from .ports import Progress
from .service import Recordings
from .views import RecordingProgress


class NewRecording(Shape):
    """The decision to record."""

    no_secrets: Annotated[bool, Field(description="The chair's declaration that nothing in it is a state secret.")]


class RecordingMade(TypedDict):
    """The new recording's id."""

    id: str


@dataclass(frozen=True, slots=True)
class RecordingsHttp:
    """The slice's routes."""

    uow: UnitOfWork
    recordings: Callable[[Act], Recordings]
    outside: Outside
    far: Progress
    is_ours: bool
    """Whether the media server is our own, whose files come to us."""

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        all_, one = "/api/meetings/{m}/recordings", "/api/meetings/{m}/recordings/{r}"
        decide, keep = Action.DECIDE_RECORDING, Action.KEEP_RECORDING
        return [
            Route(
                *("POST", all_, decide, self.start, "Record the session"),
                takes=NewRecording,
                gives=RecordingMade,
                status=201,
            ),
            Route("POST", f"{one}/stop", decide, self.stop, "Record no more"),
            Route("POST", f"{one}/acknowledge", Action.JOIN_MEDIA, self.acknowledge, "Say that one knows of it"),
            Route("POST", f"{one}/retry", keep, self.retry, "Try again what could not be composed or kept"),
            Route("GET", one, keep, self.progress, "How far it is", gives=RecordingProgress),
            Route("GET", f"{one}/parts/{{n}}/film", keep, self.film, "The film of a part", gives=bytes),
            Route("GET", f"{one}/parts/{{n}}/manifest", keep, self.manifest, "What it is made of", gives=bytes),
        ]

    async def start(self, call: Call) -> Reply:
        """What can be refused is refused before the decision is recorded."""
        body: NewRecording = call.body
        async with self.uow.reading() as act:
            await self.recordings(act).require_startable(call.meeting, no_secrets=body.no_secrets)
        await self._require_able(call.meeting)
        recording = await self.uow.run(
            lambda act: self.recordings(act).start(call.meeting, call.person, no_secrets=body.no_secrets)
        )
        return Reply(RecordingMade(id=recording), 201)

    async def stop(self, call: Call) -> Reply:
        """The media server is told by the news of it."""
        recording = RecordingId(call.named("r"))
        await self.uow.run(lambda act: self.recordings(act).stop(call.meeting, recording, call.person))
        return DONE

    async def acknowledge(self, call: Call) -> Reply:
        """With the news of it camera and microphone are the person's own again."""
        recording = RecordingId(call.named("r"))
        await self.uow.run(lambda act: self.recordings(act).acknowledge(call.meeting, recording, call.person))
        return DONE

    async def retry(self, call: Call) -> Reply:
        """The media server is asked first: what it cannot be asked for is not tried."""
        recording = RecordingId(call.named("r"))
        async with self.uow.reading() as act:
            failed = await self.recordings(act).failed_parts(call.meeting, recording)
        try:
            for part in failed:
                await self.outside.recorder.stop(part.take)
        except Unavailable as error:
            raise MediaUnavailable() from error
        await self.uow.run(lambda act: self.recordings(act).retry(call.meeting, recording, call.person))
        return DONE

    async def progress(self, call: Call) -> Reply:
        """Asked for, never pushed: it changes every second."""
        async with self.uow.reading() as act:
            found = await self.recordings(act).get(call.meeting, RecordingId(call.named("r")))
        is_recorded, percent = self.far.is_recorded(found.id), self.far.percent(found.id)
        return Reply(RecordingProgress(phase=found.phase.value, is_recorded=is_recorded, percent=percent))

    async def film(self, call: Call) -> RangedReply:
        """In ranges, so that a player can go to any moment."""
        kept = await self._kept(call)
        await self.outside.films.require_film(kept)
        blobs, digest = self.outside.films.blobs, kept.film.digest
        name = f"{_named(call)}.webm"
        return RangedReply(
            lambda begin, end: blobs.stream(digest, begin=begin, end=end),
            *(kept.film.size_bytes, "video/webm", name, digest),
        )

    async def manifest(self, call: Call) -> FileReply:
        """Who, which track, from when to when."""
        kept = await self._kept(call)
        await self.outside.films.require_whole(kept.manifest)
        chunks = self.outside.films.blobs.stream(kept.manifest.digest)
        name = f"{_named(call)}.json"
        return FileReply(chunks, kept.manifest.size_bytes, "application/json", name, kept.manifest.digest)

    async def _kept(self, call: Call) -> Kept:
        """Raises RecusedInPart: a recording tells of every item at once. NotFound."""
        require_whole(call.standing)
        n = call.named("n")
        if not n.isdecimal() or len(n) > 6:
            raise NotFound()
        async with self.uow.reading() as act:
            _, kept = await self.recordings(act).kept(call.meeting, RecordingId(call.named("r")), int(n))
        return kept

    async def _require_able(self, meeting: MeetingId) -> None:
        """Raises RecordingNotPossible, NoRoomForRecording, MediaUnavailable."""
        if not self.is_ours:
            raise RecordingNotPossible()
        reserve = self.outside.reserve_bytes
        if await self.outside.takes.free_bytes() < reserve:
            raise NoRoomForRecording(reserve_bytes=reserve)
        try:
            await self.outside.recorder.takes(meeting)
        except Unavailable as error:
            raise MediaUnavailable() from error


def _named(call: Call) -> str:
    """What a downloaded file is called; the session's own name may be long, and is beside it on the page."""
    return f"ghi-hinh-{call.meeting[:6]}-{call.named('n')}"
