"""Minutes in memory. They pass the contract suite of the real ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecabinet.kernel.errors import Conflict
from ecabinet.kernel.ids import MeetingId, MinutesId
from ecabinet.minutes.model import MinutesVersion


@dataclass
class MemoryMinutes:
    """See the MinutesStore port."""

    kept: list[MinutesVersion] = field(default_factory=list)

    async def next_version(self, meeting: MeetingId) -> int:
        return max((each.version for each in self.kept if each.meeting == meeting), default=0) + 1

    async def add(self, version: MinutesVersion) -> None:
        if any((each.meeting, each.version) == (version.meeting, version.version) for each in self.kept):
            raise Conflict(version=version.version)
        self.kept.append(version)

    async def get(self, meeting: MeetingId, version: MinutesId) -> MinutesVersion | None:
        return next((each for each in self.kept if (each.meeting, each.id) == (meeting, version)), None)

    async def of(self, meeting: MeetingId) -> list[MinutesVersion]:
        return sorted((each for each in self.kept if each.meeting == meeting), key=lambda each: each.version)

    async def drafted(self, meetings: frozenset[MeetingId]) -> frozenset[MeetingId]:
        return meetings & {each.meeting for each in self.kept}


@dataclass
class WaxTablet:
    """A typesetter that only remembers what it was asked to set."""

    asked: list[Mapping[str, Any]] = field(default_factory=list)

    async def pdf(self, template: str, values: Mapping[str, Any], at: datetime) -> bytes:
        self.asked.append(values)
        return b"%PDF " + str(values["title"]).encode() + at.isoformat().encode()
