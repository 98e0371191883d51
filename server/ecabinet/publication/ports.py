"""What publication needs of the slices below. Their services fit as they are."""

from collections.abc import Sequence
from typing import Protocol

from ecabinet.kernel.ids import BodyId, MeetingId, PersonId, QuestionId, SlipId
from ecabinet.ledger.model import Checkpoint, Entry, Proven
from ecabinet.meetings.model import Meeting
from ecabinet.opinions.model import KeptSheet
from ecabinet.register.model import Body, RuleProfile


class SettingOf(Protocol):
    """A meeting's body, and its rules on the meeting's day."""

    @property
    def body(self) -> Body: ...

    @property
    def profile(self) -> RuleProfile: ...


class MeetingsOf(Protocol):
    """See meetings.service.Meetings."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """Raises NotFound."""
        ...

    async def setting(self, meeting: Meeting) -> SettingOf:
        """Body and rules."""
        ...


class Version(Protocol):
    """One version of the minutes."""

    @property
    def digest(self) -> str: ...


class MinutesOf(Protocol):
    """See minutes.service.Minutes."""

    async def of(self, meeting: MeetingId) -> Sequence[Version]:
        """All versions, oldest first."""
        ...


class Contents(Protocol):
    """The part of the Blobs port that is read."""

    async def get(self, digest: str) -> bytes:
        """The bytes. Raises NotFound."""
        ...


class SheetsOf(Protocol):
    """What members answered in writing: opinions."""

    async def mine(self, body: BodyId, slip: SlipId, by: PersonId) -> KeptSheet:
        """The sheet of this person that counts. Raises NotFound when there is none."""
        ...


class KeptBallot(Protocol):
    """What a voter is told of a ballot."""

    @property
    def number(self) -> int: ...


class BallotsOf(Protocol):
    """See voting.casting.Casting."""

    async def mine(self, meeting: MeetingId, question: QuestionId, person: PersonId) -> KeptBallot:
        """The ballot of this person that counts, and its entry's number. Raises NotFound when there is none."""
        ...


class RecordOf(Protocol):
    """See ledger.service.Ledger."""

    async def checkpoint(self, number: int | None = None) -> Checkpoint:
        """The newest, over everything recorded so far; or, of an entry, one that covers it."""
        ...

    async def newest(self) -> Checkpoint | None:
        """The newest that was signed, if any was."""
        ...

    async def entry(self, number: int) -> Entry:
        """One entry, whole. Raises NotFound."""
        ...

    async def proven_one(self, number: int, checkpoint: Checkpoint) -> Proven:
        """One entry under it. Raises NotFound."""
        ...

    async def proven(self, meeting: MeetingId, checkpoint: Checkpoint) -> list[Proven]:
        """The meeting's entries under it."""
        ...
