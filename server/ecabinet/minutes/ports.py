"""What minutes need of the outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ecabinet.kernel.ids import MeetingId, MinutesId, PersonId, QuestionId
from ecabinet.ledger.model import Checkpoint, Entry
from ecabinet.meetings.model import Meeting
from ecabinet.register.model import Body, RuleProfile
from ecabinet.speaking.model import Turn
from ecabinet.voting.model import KeptBallot, Question

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

    async def drafted(self, meetings: frozenset[MeetingId]) -> frozenset[MeetingId]:
        """Those of these meetings that have at least one version."""
        ...


class Typesetter(Protocol):
    """Makes a PDF of a template and values."""

    async def pdf(self, template: str, values: Mapping[str, Any], at: datetime) -> bytes:
        """The document, archival and accessible. The same arguments give the same bytes."""
        ...


class Setting(Protocol):
    """What a meeting is held under."""

    @property
    def body(self) -> Body:
        """Who meets."""
        ...

    @property
    def profile(self) -> RuleProfile:
        """Its rules, as they were on the meeting's day."""
        ...


class MeetingsOf(Protocol):
    """Meetings, as far as minutes tell of them."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """The meeting, whole. Raises NotFound."""
        ...

    async def setting(self, meeting: Meeting) -> Setting:
        """Who meets, and under which rules."""
        ...


class Noted(Protocol):
    """What the roll call noted of someone."""

    @property
    def reason(self) -> str | None:
        """Why they are away."""
        ...


class AttendanceOf(Protocol):
    """Who was there."""

    async def presences(self, meeting: Meeting) -> Mapping[PersonId, Noted]:
        """How each participant stands; whoever was never seen nor marked may be missing."""
        ...


class SpeakingOf(Protocol):
    """Who spoke."""

    async def turns(self, meeting: MeetingId) -> Sequence[Turn]:
        """All turns, in the order they were asked for."""
        ...


class VotingOf(Protocol):
    """What was decided."""

    async def of(self, meeting: MeetingId) -> Sequence[Question]:
        """All questions, by number."""
        ...

    async def ballots(self, question: QuestionId) -> Sequence[KeptBallot]:
        """Every version of everybody."""
        ...


class RecordOf(Protocol):
    """The tamper-evident record."""

    async def entries(self, meeting: MeetingId) -> Sequence[Entry]:
        """The meeting's entries, oldest first, whole."""
        ...

    async def checkpoint(self) -> Checkpoint:
        """A signed checkpoint over everything recorded so far."""
        ...
