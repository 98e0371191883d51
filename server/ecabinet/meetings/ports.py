"""What meetings need of the outside, and of the slices above, which app.py hands in."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId, ProfileId, QuestionId
from ecabinet.register.model import Body, Membership, Quorum, RuleProfile

from .model import Act, Meeting, Seat
from .views import Waiting


class MeetingStore(Protocol):
    """Meetings with their items and participants, inside one transaction."""

    async def add(self, meeting: Meeting) -> None:
        """Keep a new meeting, whole."""
        ...

    async def get(self, meeting: MeetingId) -> Meeting:
        """The meeting, whole. Raises NotFound."""
        ...

    async def lock(self, meeting: MeetingId) -> None:
        """Make other acts on this meeting wait until this transaction ends. Raises NotFound."""
        ...

    async def save(self, before: Meeting, after: Meeting) -> None:
        """Keep what differs. ``before`` is what `get` gave after `lock`; the id and the body never change."""
        ...

    async def seats(self, meeting: MeetingId, people: Set[PersonId]) -> dict[PersonId, Seat]:
        """The places of these people in the meeting; who has none is left out, and all are when there is no such
        meeting."""
        ...

    async def of_person(self, person: PersonId, since: datetime | None, until: datetime | None) -> list[Meeting]:
        """Every meeting the person is on the list of that starts within [since, until), whole, by start."""
        ...


class RegisterOf(Protocol):
    """What meetings ask the register."""

    async def body(self, body: BodyId) -> Body:
        """Raises NotFound."""
        ...

    async def members(self, body: BodyId, at: datetime) -> tuple[Membership, ...]:
        """Who sits in the body on the day, by protocol order."""
        ...

    async def profile(self, profile: ProfileId, at: datetime) -> RuleProfile:
        """The version in force on the day. Raises ProfileUnknown."""
        ...

    async def secretaries(self, body: BodyId) -> tuple[PersonId, ...]:
        """Who may call meetings of the body and prepare them."""
        ...


class Names(Protocol):
    """What people with an account are called."""

    async def names(self, people: frozenset[PersonId] | None = None) -> dict[PersonId, str]:
        """Person → name, of those of these people who have an account, or of everybody."""
        ...


class QuorumOf(Protocol):
    """Whether enough members are there: attendance."""

    async def of(self, meeting: Meeting) -> Quorum:
        """At this moment."""
        ...


class PapersOf(Protocol):
    """What hangs on the items: papers."""

    async def has_papers(self, meeting: MeetingId, item: ItemId) -> bool:
        """Whether any paper hangs on the item."""
        ...

    async def late_papers(self, meetings: frozenset[MeetingId]) -> Mapping[MeetingId, int]:
        """How many papers came after they were due; a meeting without any may be missing."""
        ...


class QuestionsOf(Protocol):
    """What is being voted on: voting."""

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        """The question that is open or paused; None when no vote runs."""
        ...

    async def voted_on(self, meeting: MeetingId) -> Mapping[ItemId, QuestionId]:
        """The items that a vote is under way on, with its question; empty when none runs."""
        ...

    async def waiting_tie(self, meeting: MeetingId) -> QuestionId | None:
        """The first question whose tie waits for whoever settles it; None when nobody is waited for."""
        ...

    async def drop_plans(self, meeting: Meeting, item: ItemId, by: Act) -> None:
        """The item leaves the agenda, and what was planned on it with it."""
        ...


class FloorOf(Protocol):
    """Who has the floor: speaking."""

    async def end_all(
        self, meeting: Meeting, by: PersonId | None = None, of: frozenset[PersonId] | None = None
    ) -> None:
        """Nobody, or none of these people, speaks or waits any more. Records what it ends."""
        ...


class MinutesOf(Protocol):
    """Which meetings have their minutes: minutes."""

    async def drafted(self, meetings: frozenset[MeetingId]) -> frozenset[MeetingId]:
        """Those of these that have at least one version."""
        ...


class StrawOf(Protocol):
    """What the room is asked without names: straw."""

    async def end_all(self, meeting: MeetingId, by: PersonId) -> None:
        """Nothing stays open, and nothing in a box. Records what it ends."""
        ...


class RecordingsOf(Protocol):
    """What is recorded of the meeting: recordings."""

    async def end_all(self, meeting: MeetingId, by: PersonId, *, is_over: bool) -> None:
        """Nothing is recorded any more: a break, or the end (``is_over``). Records what it stops."""
        ...


class WaitingOf(Protocol):
    """What else wants something of a person, outside meetings: opinions."""

    async def waiting(self, person: PersonId) -> list[Waiting]:
        """At this moment, in no order."""
        ...


class PositionsOf(Protocol):
    """What members declared beforehand: positions."""

    async def begun(self, meeting: Meeting, item: ItemId) -> None:
        """An item came before the meeting for the first time: who asked for the floor on it is in line now."""
        ...


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The slices above, as far as meetings must ask them before something ends, tell them what begins, or for the
    desk."""

    papers: PapersOf
    questions: QuestionsOf
    floor: FloorOf
    minutes: MinutesOf
    slips: WaitingOf
    positions: PositionsOf
    straw: StrawOf
    recordings: RecordingsOf
