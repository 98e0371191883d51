"""What minutes need of the outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from ecabinet.kernel.ids import MeetingId, MinutesId

from .model import MinutesVersion


class MinutesStore(Protocol):
    """Versions of minutes, inside one transaction."""

    async def next_version(self, meeting: MeetingId) -> int:
        """1 for a meeting without minutes, else one more than the newest."""
        ...

    async def add(self, version: MinutesVersion) -> None:
        """Keep it for good. Raises Conflict when the meeting has a version of this number: two were drafted at once."""
        ...

    async def get(self, meeting: MeetingId, version: MinutesId) -> MinutesVersion | None:
        """The version of this id, if it is of this meeting."""
        ...

    async def of(self, meeting: MeetingId) -> list[MinutesVersion]:
        """All versions, oldest first."""
        ...


class Typesetter(Protocol):
    """Makes a PDF of a template and values."""

    async def pdf(self, template: str, values: Mapping[str, Any], at: datetime) -> bytes:
        """The document, archival and accessible. The same arguments give the same bytes."""
        ...
