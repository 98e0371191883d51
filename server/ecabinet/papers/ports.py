"""What papers need of the outside."""

from typing import Protocol

from ecabinet.kernel.ids import MeetingId, PaperId
from ecabinet.meetings.model import Meeting

from .model import Paper


class PaperStore(Protocol):
    """Papers of meetings, inside one transaction. Their bytes are Blobs."""

    async def lock(self, meeting: MeetingId) -> None:
        """Make other acts on this meeting wait until this transaction ends. Raises NotFound."""
        ...

    async def add(self, paper: Paper) -> None:
        """Raises PaperIsThere when the item has the same bytes."""
        ...

    async def get(self, meeting: MeetingId, paper: PaperId) -> Paper:
        """Raises NotFound, also for a paper of another meeting."""
        ...

    async def of(self, meeting: MeetingId) -> list[Paper]:
        """All papers of the meeting, each item's in their order."""
        ...

    async def late(self, meetings: frozenset[MeetingId]) -> dict[MeetingId, int]:
        """How many papers of each meeting came after they were due; meetings without any are left out."""
        ...

    async def remove(self, paper: PaperId) -> None:
        """The paper no longer hangs on its item."""
        ...


class Meetings(Protocol):
    """Where papers hang: meetings.service.Meetings."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """The whole meeting. Raises NotFound."""
        ...


class Pdfs(Protocol):
    """Somebody who reads PDFs."""

    async def pages(self, path: str) -> int | None:
        """How many pages; None when the file cannot be read as a whole PDF in reasonable time."""
        ...
