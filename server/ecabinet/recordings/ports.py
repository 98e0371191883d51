"""What recordings need of the outside."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from ecabinet.kernel.ids import MeetingId, RecordingId
from ecabinet.kernel.ports import Blobs
from ecabinet.meetings.model import Meeting

from .model import Acknowledgement, Recording


class RecordingStore(Protocol):
    """Recordings of meetings and who knows of them, inside one transaction."""

    async def lock(self, meeting: MeetingId) -> None:
        """Make other acts on this meeting wait until this transaction ends. Raises NotFound."""
        ...

    async def add(self, recording: Recording) -> None:
        """Keep a new one. Raises AlreadyRecording when another one of the meeting runs."""
        ...

    async def get(self, meeting: MeetingId, recording: RecordingId) -> Recording:
        """Raises NotFound, also for a recording of another meeting."""
        ...

    async def of(self, meeting: MeetingId) -> list[Recording]:
        """All of a meeting, oldest first."""
        ...

    async def save(self, recording: Recording) -> None:
        """Keep it as it now is."""
        ...

    async def unfinished(self) -> list[MeetingId]:
        """The meetings with a recording that runs or is being composed."""
        ...

    async def acknowledge(self, acknowledgement: Acknowledgement) -> bool:
        """Keep that somebody knows. False when it was kept before, with its own time."""
        ...

    async def acknowledgements(self, meeting: MeetingId) -> list[Acknowledgement]:
        """Of all recordings of the meeting, oldest first."""
        ...


class MeetingsOf(Protocol):
    """meetings.service.Meetings."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """The whole meeting. Raises NotFound."""
        ...


class Take(Protocol):
    """What the media server says of something it recorded in one go."""

    @property
    def id(self) -> str:
        """Its own word for it."""
        ...

    @property
    def name(self) -> str:
        """What its files are called."""
        ...

    @property
    def phase(self) -> str:
        """One of `model.TakePhase`."""
        ...

    @property
    def percent(self) -> int:
        """How far the film is composed."""
        ...


class MediaRecorder(Protocol):
    """The media server, as far as it records. Its files come to a folder we share; see Takes.

    Every call ends within three seconds; all raise Unavailable when the server does not answer.
    """

    async def start(self, room: MeetingId, name: str) -> Take:
        """Begin to record everything that is received in the room, and call the files so. Raises NotFound when
        there is no such room."""
        ...

    async def stop(self, take: str) -> None:
        """Record no more, and compose; compose again what failed. Nothing to stop, no harm."""
        ...

    async def takes(self, room: MeetingId) -> Sequence[Take]:
        """Everything the server still knows to have recorded in this room, also when the room is gone. Empty when it
        knows of nothing."""
        ...


class Takes(Protocol):
    """The folder in which the media server leaves what it recorded."""

    async def has(self, name: str) -> bool:
        """Whether film and manifest of this name are there."""
        ...

    async def size_bytes(self, name: str) -> int:
        """Of the film. Raises NotFound."""
        ...

    def film(self, name: str) -> AsyncIterator[bytes]:
        """In pieces. Raises NotFound at the first step."""
        ...

    def manifest(self, name: str) -> AsyncIterator[bytes]:
        """In pieces. Raises NotFound at the first step."""
        ...

    async def drop_film(self, name: str) -> None:
        """It is kept elsewhere now. The received streams stay, for the manifest's digests are theirs."""
        ...

    async def free_bytes(self) -> int:
        """What the disk has left."""
        ...


class FilmBlobs(Blobs, Protocol):
    """The store of papers, which can tell whether it still has what it was given."""

    async def is_whole(self, digest: str) -> bool:
        """Whether the bytes kept under this digest are still its own. A film takes a while at the first time, and
        after any change of its file. Raises NotFound."""
        ...


class Hush(Protocol):
    """media.jobs.MediaJobs.reconcile."""

    async def __call__(self, meeting: MeetingId, *, anew: bool = False) -> bool:
        """Close camera and microphone of everybody in the call who does not know of the recording. Returns whether
        that could be done.

        anew  tell the media server of each of them, whatever it says it was told: of who comes later it believes
              nothing until it is told
        """
        ...


class Progress(Protocol):
    """How far films are: not in the record, for it would be news every second."""

    def is_recorded(self, recording: RecordingId) -> bool:
        """Whether the media server said a moment ago that it records."""
        ...

    def percent(self, recording: RecordingId) -> int | None:
        """How far its film is composed; None while nothing is."""
        ...
