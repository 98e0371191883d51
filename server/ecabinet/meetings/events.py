"""What happens to meetings, as the record keeps it and as participants hear of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from ecabinet.kernel.access import Role
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import BodyId, ItemId, PersonId

from .model import Answer, ItemType, Kind, Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """A participant as the record keeps one."""

    person: PersonId
    name: str
    role: Role
    votes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCreated(Event):
    """A draft, with the body's members on its list."""

    type: ClassVar[str] = "meeting.created"
    body: BodyId
    title: str
    kind: Kind
    mode: Mode
    place: str
    starts_at: datetime
    ends_at: datetime
    floor_controls_microphone: bool
    participants: tuple[Seated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingChanged(Event):
    """Title, kind, mode, time or place is another. A new chair is ParticipantSet."""

    type: ClassVar[str] = "meeting.changed"
    changed: dict[str, Any]
    """Field → its new value, only those that changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingConvened(Event):
    """The invitations went out."""

    type: ClassVar[str] = "meeting.convened"
    invited: tuple[PersonId, ...]
    papers_due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingOpened(Event):
    """The chair opened the meeting; enough members were there."""

    type: ClassVar[str] = "meeting.opened"
    members: int
    present: int
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPaused(Event):
    """A break."""

    type: ClassVar[str] = "meeting.paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingResumed(Event):
    """The break is over."""

    type: ClassVar[str] = "meeting.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingClosed(Event):
    """The end. Nothing leads back."""

    type: ClassVar[str] = "meeting.closed"
    finished: ItemId | None
    """The item that ended with the meeting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCancelled(Event):
    """It will not take place."""

    type: ClassVar[str] = "meeting.cancelled"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAdded(Event):
    """A new point at the end of the agenda."""

    type: ClassVar[str] = "item.added"
    item: ItemId
    position: int
    title: str
    item_type: ItemType
    presenter: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChanged(Event):
    """An item's wording, type, presenter or time is another."""

    type: ClassVar[str] = "item.changed"
    item: ItemId
    changed: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRemoved(Event):
    """An item is no longer on the agenda."""

    type: ClassVar[str] = "item.removed"
    item: ItemId
    title: str
    guests: tuple[PersonId, ...]
    """Guests who were asked for it among others."""

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Whose place in the meeting is another now."""
        return self.guests


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaOrdered(Event):
    """The items have another order."""

    type: ClassVar[str] = "agenda.ordered"
    order: tuple[ItemId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStarted(Event):
    """An item is before the meeting."""

    type: ClassVar[str] = "item.started"
    item: ItemId
    finished: ItemId | None
    """The item that was before the meeting until now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFinished(Event):
    """The meeting is done with an item."""

    type: ClassVar[str] = "item.finished"
    item: ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsAdopted(Event):
    """Several items were decided by one vote, and the meeting is done with them."""

    type: ClassVar[str] = "items.adopted"
    items: tuple[ItemId, ...]
    conclusion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNoted(Event):
    """The running notes changed. Members may read the record and not the notes: it keeps only their digest."""

    type: ClassVar[str] = "item.noted"
    item: ItemId
    digest: str
    """SHA-256 of the text in UTF-8, hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemConcluded(Event):
    """The chair's conclusion, or the wording it now has."""

    type: ClassVar[str] = "item.concluded"
    item: ItemId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantSet(Event):
    """Someone takes part, or takes part in another role."""

    type: ClassVar[str] = "participant.set"
    person: PersonId
    name: str
    role: Role
    votes: bool
    items: frozenset[ItemId] | None
    stands_in_for: PersonId | None
    former_chair: PersonId | None
    """Who presided until now, when this one does from now on."""
    freed: PersonId | None
    """The member in whose place this one would have come until now, and who has to answer again."""

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Whose place in the meeting is another now."""
        return _those(self.person, self.stands_in_for, self.former_chair, self.freed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRemoved(Event):
    """Someone no longer takes part; whoever would have come instead does not either."""

    type: ClassVar[str] = "participant.removed"
    person: PersonId
    stand_in: PersonId | None
    freed: PersonId | None
    """The member in whose place this one would have come, and who has to answer again."""

    @property
    def gone(self) -> tuple[PersonId, ...]:
        """Who is no longer a participant."""
        return _those(self.person, self.stand_in)

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Whose place in the meeting is another now."""
        return _those(self.person, self.stand_in, self.freed)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAnswered(Event):
    """An answer. The reason is not in the record: not everyone who may read the record may know it."""

    type: ClassVar[str] = "invitation.answered"
    person: PersonId
    answer: Answer
    stand_in: PersonId | None
    former_stand_in: PersonId | None
    """Who would have come under the answer before, and does not take part any more."""

    @property
    def gone(self) -> tuple[PersonId, ...]:
        """Who is no longer a participant."""
        return _those(self.former_stand_in)

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Whose place in the meeting is another now."""
        return _those(self.person, self.stand_in, self.former_stand_in)


def _those(*people: PersonId | None) -> tuple[PersonId, ...]:
    return tuple(each for each in people if each is not None)
