"""Meetings, their agenda and their participants: what other slices may name."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import Conflict, Invalid, NotFound, WrongPhase
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId
from ecabinet.register.model import Membership, Words


class Kind(StrEnum):
    """Why the body meets."""

    REGULAR = "regular"
    THEMATIC = "thematic"
    EXTRAORDINARY = "extraordinary"


class Mode(StrEnum):
    """Where the participants are."""

    IN_PERSON = "in_person"
    REMOTE = "remote"
    HYBRID = "hybrid"


class Phase(StrEnum):
    """Where a meeting stands. `rules.NEXT` says what leads where."""

    DRAFT = "draft"
    CONVENED = "convened"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"


PREPARING = frozenset({Phase.DRAFT, Phase.CONVENED})
RUNNING = frozenset({Phase.OPEN, Phase.PAUSED})
AHEAD = PREPARING | RUNNING
"""Neither closed nor cancelled."""


class ItemType(StrEnum):
    """What the body is to do with an item."""

    INFORMATION = "information"
    DISCUSSION = "discussion"
    DECISION = "decision"
    CHOICE = "choice"
    """A decision among alternatives."""


class ItemPhase(StrEnum):
    """PENDING leads to CURRENT, CURRENT to DONE; the meeting may come back to what is done."""

    PENDING = "pending"
    CURRENT = "current"
    DONE = "done"


class Answer(StrEnum):
    """What someone asked to a meeting has said to it."""

    PENDING = "pending"
    IN_PERSON = "in_person"
    REMOTE = "remote"
    ABSENT = "absent"
    STAND_IN = "stand_in"


@dataclass(frozen=True, slots=True)
class Item:
    """One point of the agenda."""

    id: ItemId
    position: int
    """1, 2, 3 … without gaps."""
    title: str
    type: ItemType
    presenter: str
    """Who presents it, as the agenda prints it; may be empty."""
    minutes: int
    """Time allotted, in minutes."""
    phase: ItemPhase = ItemPhase.PENDING
    started_at: datetime | None = None
    """When it first came before the meeting."""
    ended_at: datetime | None = None
    conclusion: str = ""
    notes: str = ""
    """The secretary's running notes, for the chair and the secretaries alone."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Someone who is asked to a meeting."""

    person: PersonId
    name: str
    post: str
    """The post in the body, in Vietnamese; empty for those who have none."""
    role: Role
    """CHAIR, SECRETARY, MEMBER, STAND_IN or GUEST."""
    order: int
    """Order of protocol; members come first."""
    votes: bool
    """Whether the post in the body has a vote."""
    is_head: bool = False
    items: frozenset[ItemId] | None = None
    """The items a guest is asked for; None for all others: everything."""
    stands_in_for: PersonId | None = None
    answer: Answer = Answer.PENDING
    reason: str | None = None
    """Why absent, or why someone else comes; for the chair and the secretaries, and the person alone."""
    answered_at: datetime | None = None
    prepares: bool = False
    """Called the meeting, and therefore prepares it, also as its chair or a member; not as a guest or a stand-in."""


def protocol(participant: Participant) -> tuple[int, bool, str, PersonId]:
    """What participants are sorted by: the order of protocol, a stand-in right after the absent member."""
    stands_in = participant.stands_in_for is not None
    return (participant.order, stands_in, participant.name, participant.person)


@dataclass(frozen=True, slots=True)
class PapersDue:
    """By when the papers must have been sent, and by which rule."""

    at: datetime
    article: Words


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of a body, whole: with its agenda and its participants."""

    id: MeetingId
    body: BodyId
    title: str
    kind: Kind
    mode: Mode
    place: str
    starts_at: datetime
    ends_at: datetime
    floor_controls_microphone: bool
    """Whether a microphone is open only while its owner has the floor (the chair's always may be)."""
    phase: Phase = Phase.DRAFT
    convened_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    papers_due: PapersDue | None = None
    """As it was when the invitations went out; None before, and where the body's rules set no time."""
    cancel_reason: str | None = None
    items: tuple[Item, ...] = ()
    """In agenda order."""
    participants: tuple[Participant, ...] = ()
    """In order of protocol."""

    def require(self, phases: frozenset[Phase]) -> None:
        """Raises MeetingWrongPhase when the meeting is in none of them."""
        if self.phase not in phases:
            raise MeetingWrongPhase(phase=self.phase.value)

    def participant(self, person: PersonId) -> Participant:
        """Raises NotFound when the person does not take part."""
        for each in self.participants:
            if each.person == person:
                return each
        raise NotFound()

    def takes_part(self, person: PersonId) -> bool:
        """Whether the person is among the participants."""
        return any(each.person == person for each in self.participants)

    def item(self, item: ItemId) -> Item:
        """Raises NotFound when it is not on the agenda."""
        for each in self.items:
            if each.id == item:
                return each
        raise NotFound()

    @property
    def chair(self) -> Participant | None:
        """Who presides; None while nobody has been chosen."""
        return next((each for each in self.participants if each.role is Role.CHAIR), None)

    @property
    def voters(self) -> tuple[Participant, ...]:
        """Participants with a vote, in order of protocol."""
        return tuple(each for each in self.participants if each.votes)

    @property
    def current_item(self) -> Item | None:
        """What is before the meeting."""
        return next((each for each in self.items if each.phase is ItemPhase.CURRENT), None)

    def stand_in_of(self, person: PersonId) -> Participant | None:
        """Who comes in this person's place."""
        return next((each for each in self.participants if each.stands_in_for == person), None)

    def with_item(self, item: Item) -> "Meeting":
        """With this item instead of the one of its id, or at the end."""
        if any(each.id == item.id for each in self.items):
            return replace(self, items=tuple(item if each.id == item.id else each for each in self.items))
        return replace(self, items=(*self.items, item))

    def with_participant(self, participant: Participant) -> "Meeting":
        """With this participant instead of the one of the same person, or added in the order of protocol."""
        others = self.without(participant.person).participants
        placed = sorted((*others, participant), key=protocol)
        return replace(self, participants=tuple(placed))

    def without(self, person: PersonId) -> "Meeting":
        """Without this participant."""
        return replace(self, participants=tuple(each for each in self.participants if each.person != person))


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in a meeting, as far as it decides what the person may do."""

    participant: Participant
    is_announced: bool
    """Whether the invitations have gone out. Before, only those who prepare and the chair know of the meeting."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and when."""

    actor: PersonId
    at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a meeting is to be: the part of it that is written before anything happens."""

    title: str
    kind: Kind
    mode: Mode
    place: str
    starts_at: datetime
    ends_at: datetime
    floor_controls_microphone: bool


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """What an item is to be."""

    title: str
    type: ItemType
    presenter: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account."""

    person: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class Seating:
    """In which role someone is to take part."""

    who: Person
    role: Role
    items: frozenset[ItemId] | None = None
    stands_in_for: PersonId | None = None
    membership: Membership | None = None
    """The person's membership of the body on the meeting's day."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to an invitation."""

    answer: Answer
    reason: str | None = None
    stand_in: Person | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an act does: the meeting afterwards, and the event that says so."""

    meeting: Meeting
    event: Event


# --- refusals ---


class MeetingWrongPhase(WrongPhase):
    """The act does not exist in this phase of the meeting. Detail: phase."""


class NothingToDiscuss(Conflict):
    """An invitation needs an agenda."""

    code = "nothing_to_discuss"


class NoChair(Conflict):
    """Somebody has to preside."""

    code = "no_chair"


class NoSecretary(Conflict):
    """Somebody has to be able to prepare the meeting."""

    code = "no_secretary"


class QuorumNotMet(Conflict):
    """Too few members are there. Detail: members, present, needed."""

    code = "quorum_not_met"


class QuestionOpen(Conflict):
    """A vote is running. Detail: question."""

    code = "question_open"


class TieWaits(Conflict):
    """Somebody has to settle a tie while the meeting lasts, or the vote is put again. Detail: question."""

    code = "tie_waits"


class ItemHasPapers(Conflict):
    """Papers hang on the item."""

    code = "item_has_papers"


class ItemHasGuests(Conflict):
    """Someone is asked to the meeting for this item alone. Detail: people."""

    code = "item_has_guests"


class NotAnOrder(Invalid):
    """Each item of the agenda exactly once."""

    code = "not_an_order"


class AlreadyParticipant(Conflict):
    """Whoever takes part already cannot come in another's place."""

    code = "already_participant"


class StandInNotAllowed(Conflict):
    """The body's rules know no stand-ins, or not for this person."""

    code = "stand_in_not_allowed"


class StandInIsThere(Conflict):
    """The meeting has begun with another stand-in. Detail: stand_in."""

    code = "stand_in_is_there"
