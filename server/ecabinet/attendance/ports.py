"""What attendance needs of the outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId, ProfileId, QuestionId
from ecabinet.meetings.model import Meeting
from ecabinet.register.model import Body, Membership, RuleProfile, Term

from .model import Presence, Recusal


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


class Recusals(Protocol):
    """Recusals, inside one transaction. They end with the item, and when the person leaves the list."""

    async def put(self, recusal: Recusal) -> None:
        """Keep it, instead of what was kept of the same item and person. Raises NotFound when the person does not
        take part in the meeting, or the item is not on its agenda."""
        ...

    async def remove(self, item: ItemId, person: PersonId) -> None:
        """Harmless when there is none."""
        ...

    async def of(self, meeting: MeetingId) -> list[Recusal]:
        """All of a meeting, by item and person."""
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


class QuestionsOf(Protocol):
    """What is being voted on: voting."""

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        """The question whose vote is under way; None when there is none."""
        ...


class FloorOf(Protocol):
    """Who has the floor: speaking."""

    async def end_all(
        self, meeting: Meeting, by: PersonId | None = None, of: frozenset[PersonId] | None = None
    ) -> None:
        """None of these people speaks or waits any more. Records what it ends."""
        ...


@dataclass(frozen=True, slots=True)
class Above:
    """The slices above, as far as attendance must ask them before somebody withdraws."""

    questions: QuestionsOf
    floor: FloorOf
