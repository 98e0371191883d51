"""What voting needs of the outside."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ecabinet.kernel.ids import AttachmentId, BodyId, ItemId, MeetingId, PersonId, ProfileId, QuestionId
from ecabinet.meetings.model import Act, Meeting, Participant
from ecabinet.register.model import Body, Membership, Quorum, RuleProfile, Term

from .model import Attachment, Incident, KeptBallot, Phase, Planned, Question


class Questions(Protocol):
    """Questions, inside one transaction."""

    async def lock_meeting(self, meeting: MeetingId) -> None:
        """Nobody else puts a question or moves the agenda of this meeting until the commit."""
        ...

    async def add(self, question: Question) -> None:
        """Keep a new, open question. Raises QuestionOpen when another one of the meeting is open or paused."""
        ...

    async def get(self, meeting: MeetingId, question: QuestionId) -> Question | None:
        """The question, if it is one of this meeting's."""
        ...

    async def lock(self, meeting: MeetingId, question: QuestionId) -> Question | None:
        """The same, and nobody else casts, closes or cancels until the commit: every cast is wholly before a
        close, or wholly after it."""
        ...

    async def of(self, meeting: MeetingId) -> list[Question]:
        """All questions of a meeting, by number."""
        ...

    async def electing(self, meeting: MeetingId) -> list[Question]:
        """Those of them that are about a tellers' board, whatever became of them, by number."""
        ...

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        """The one that is open or paused."""
        ...

    async def keep(self, question: Question) -> None:
        """Keep how it stands: the phase, its time and its end, the result, the reasons, what repeats it. What was
        asked and who was asked never changes."""
        ...


class Ballots(Protocol):
    """Ballots as they were cast, inside one transaction."""

    async def lock(self, meeting: MeetingId, question: QuestionId) -> Phase | None:
        """Where the question stands, and nobody else casts, closes or cancels until the commit: every ballot is wholly
        before a close, or wholly after it. None when it is not one of this meeting's."""
        ...

    async def newest(self, question: QuestionId, voters: Set[PersonId]) -> dict[PersonId, int]:
        """The highest version of each of these voters; who has none is left out."""
        ...

    async def add(self, kept: Sequence[KeptBallot]) -> None:
        """Keep these versions, all of them or none. Raises Equivocation when a voter has a version already."""
        ...

    async def of(self, question: QuestionId) -> list[KeptBallot]:
        """Every version of everybody, by ledger number."""
        ...

    async def versions(self, question: QuestionId, voters: Set[PersonId]) -> list[KeptBallot]:
        """Every version of these voters, lowest first."""
        ...

    async def all_of(self, meeting: MeetingId, voter: PersonId) -> list[KeptBallot]:
        """Every version of one voter to any question of the meeting, and of those he cast for, in no order."""
        ...

    async def received(self, meeting: MeetingId) -> dict[QuestionId, int]:
        """How many voters have answered each question; questions nobody has answered are left out."""
        ...

    async def turnout(self, question: QuestionId) -> tuple[tuple[ItemId, ...], int]:
        """Every item this question is about, and how many voters have answered it."""
        ...

    async def add_attachment(self, attachment: Attachment, at: datetime) -> None:
        """Keep what was uploaded."""
        ...

    async def uploaded(self, question: QuestionId, person: PersonId) -> int:
        """How many this person has uploaded for the question."""
        ...

    async def attachments(self, question: QuestionId, ids: Set[AttachmentId]) -> dict[AttachmentId, Attachment]:
        """Those of these that were uploaded for this question."""
        ...


class Incidents(Protocol):
    """Lost lines, inside one transaction."""

    async def add(self, incident: Incident) -> None:
        """Keep it: one for each question and person."""
        ...

    async def find(self, question: QuestionId, person: PersonId) -> Incident | None:
        """What this person reported of this question."""
        ...

    async def of(self, meeting: MeetingId) -> list[Incident]:
        """All of a meeting, the earliest first."""
        ...


class Plans(Protocol):
    """What is planned on the items, inside one transaction."""

    async def of(self, meeting: MeetingId) -> list[Planned]:
        """All of a meeting, by item and position."""
        ...

    async def replace(self, meeting: MeetingId, item: ItemId, planned: Sequence[Planned]) -> None:
        """Keep these instead of all that was planned on the item."""
        ...


class ProxyStore(Protocol):
    """Who votes for whom, inside one transaction."""

    async def of(self, meeting: MeetingId) -> dict[PersonId, PersonId]:
        """Giver → holder. Who leaves the list of participants leaves here too."""
        ...

    async def put(self, meeting: MeetingId, pair: tuple[PersonId, PersonId], at: datetime) -> None:
        """Keep (giver, holder) in place of the giver's earlier holder."""
        ...

    async def remove(self, meeting: MeetingId, giver: PersonId) -> None:
        """Harmless when there is none."""
        ...


class MeetingsOf(Protocol):
    """The meeting as it stands: the meetings slice."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """Whole. Raises NotFound."""
        ...


class Adopting(MeetingsOf, Protocol):
    """The same, and items that a block decided."""

    async def adopt_items(self, meeting: MeetingId, items: Sequence[ItemId], conclusion: str, by: Act) -> None:
        """The meeting is done with these items, each with this conclusion or the chair's own. Raises MeetingWrongPhase,
        NotFound."""
        ...


class AttendanceOf(Protocol):
    """Who is there: the attendance slice."""

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        """Participants with a vote who are there, in order of protocol."""
        ...

    async def quorum(self, meeting: Meeting) -> Quorum:
        """The body's quorum as it stands; ``members`` is the number of all members."""
        ...

    async def recused(self, meeting: Meeting, items: Iterable[ItemId]) -> frozenset[PersonId]:
        """Participants with a vote, there or not, who have withdrawn from any of these items."""
        ...


class PositionsOf(Protocol):
    """What members declared before the session: the positions slice."""

    async def objections(self, meeting: Meeting, items: Iterable[ItemId]) -> Mapping[ItemId, Set[PersonId]]:
        """Who has an opinion on an item or wishes to speak to it."""
        ...


class RegisterOf(Protocol):
    """Bodies and their rules: the register."""

    async def body(self, body: BodyId) -> Body:
        """Raises NotFound."""
        ...

    async def profile(self, profile: ProfileId, at: datetime) -> RuleProfile:
        """The version in force on the day. Raises ProfileUnknown."""
        ...

    async def members(self, body: BodyId, at: datetime) -> tuple[Membership, ...]:
        """Who sits in the body on the day."""
        ...

    async def term(self, body: BodyId, at: datetime) -> Term | None:
        """The body's term on the day, with the number of its seats."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything voting keeps, inside one transaction."""

    questions: Questions
    ballots: Ballots
    incidents: Incidents
    plans: Plans
    proxies: ProxyStore


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The slices below."""

    meetings: Adopting
    attendance: AttendanceOf
    positions: PositionsOf
    register: RegisterOf

    async def profile(self, meeting: Meeting) -> RuleProfile:
        """The version of the day the meeting was called for, as its quorum, its minutes and its bundle have it:
        a sitting that goes on past midnight does not change its rules half-way."""
        body = await self.register.body(meeting.body)
        return await self.register.profile(body.profile, meeting.starts_at)
