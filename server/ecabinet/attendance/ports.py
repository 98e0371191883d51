"""What attendance needs of the outside."""

from datetime import datetime
from typing import Protocol

from ecabinet.kernel.ids import BodyId, MeetingId, PersonId, ProfileId
from ecabinet.meetings.model import Meeting
from ecabinet.register.model import Body, Membership, RuleProfile, Term

from .model import Presence


class Presences(Protocol):
    """Presences, inside one transaction."""

    async def get(self, meeting: MeetingId, person: PersonId) -> Presence:
        """What is kept of a participant; one of whom nothing is kept was never there."""
        ...

    async def put(self, presence: Presence) -> None:
        """Keep this instead of what was. Raises NotFound when the person does not take part in the meeting."""
        ...

    async def of(self, meeting: MeetingId) -> dict[PersonId, Presence]:
        """All that is kept of a meeting. Who leaves the list of participants leaves here too."""
        ...

    async def left_connected(self, before: datetime) -> list[Presence]:
        """Those who are connected and made no connection at or after this moment, by meeting and person."""
        ...


class MeetingsOf(Protocol):
    """The meetings' store, as far as attendance asks it."""

    async def lock(self, meeting: MeetingId) -> None:
        """Make other acts on this meeting wait until this transaction ends. Raises NotFound."""
        ...

    async def get(self, meeting: MeetingId) -> Meeting:
        """The meeting, whole. Raises NotFound."""
        ...


class RegisterOf(Protocol):
    """What attendance asks the register."""

    async def body(self, body: BodyId) -> Body:
        """Raises NotFound."""
        ...

    async def members(self, body: BodyId, at: datetime) -> tuple[Membership, ...]:
        """Who sits in the body on the day."""
        ...

    async def term(self, body: BodyId, at: datetime) -> Term | None:
        """The body's term on the day, with the number of its seats."""
        ...

    async def profile(self, profile: ProfileId, at: datetime) -> RuleProfile:
        """The version in force on the day. Raises ProfileUnknown."""
        ...
