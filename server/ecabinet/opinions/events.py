"""What happens to slips, as the record keeps it. None of it belongs to a meeting."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, OpinionId, PaperId, PersonId, ProfileId, SlipId
from ecabinet.voting.model import Strength

from .model import Asked, CanonicalSheet, EndCause, ReportKind, Result, Secrecy, SlipQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipDrafted(Event):
    """The staff began to write a slip."""

    type: ClassVar[str] = "slip.drafted"
    slip: SlipId
    body: BodyId
    number: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipChanged(Event):
    """Its wording, its questions or its times are others."""

    type: ClassVar[str] = "slip.changed"
    slip: SlipId
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPaperAdded(Event):
    """A paper goes with the slip. The digest binds the record to its bytes."""

    type: ClassVar[str] = "slip.paper_added"
    slip: SlipId
    paper: PaperId
    title: str
    filename: str
    size_bytes: int
    pages: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPaperRemoved(Event):
    """A paper does not go with the slip after all."""

    type: ClassVar[str] = "slip.paper_removed"
    slip: SlipId
    paper: PaperId
    title: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipSubmitted(Event):
    """It lies before the head of the body."""

    type: ClassVar[str] = "slip.submitted"
    slip: SlipId


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipReturned(Event):
    """The head wants it otherwise."""

    type: ClassVar[str] = "slip.returned"
    slip: SlipId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipSent(Event):
    """The head approved it, and it went to everybody on the roll."""

    type: ClassVar[str] = "slip.sent"
    slip: SlipId
    title: str
    text: str
    secrecy: Secrecy
    deadline: datetime
    reminders_h: tuple[int, ...]
    questions: tuple[SlipQuestion, ...]
    roll: tuple[Asked, ...]
    strength: Strength
    profile: ProfileId
    profile_version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipAnswered(Event):
    """A version of a member's sheet came in."""

    type: ClassVar[str] = "slip.answered"
    sheet: CanonicalSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipCommented(Event):
    """The staff said something to a member's sheet. The record keeps only its digest: it is for that member."""

    type: ClassVar[str] = "slip.commented"
    slip: SlipId
    person: PersonId
    digest: str
    """SHA-256 of the text in UTF-8, hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipReminded(Event):
    """Those who have not answered were reminded. In a closed slip only their number is kept."""

    type: ClassVar[str] = "slip.reminded"
    slip: SlipId
    hours: int
    deadline: datetime
    waiting: int
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipExtended(Event):
    """The deadline is later."""

    type: ClassVar[str] = "slip.extended"
    slip: SlipId
    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipRecalled(Event):
    """It was taken back; nothing that was answered counts."""

    type: ClassVar[str] = "slip.recalled"
    slip: SlipId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipCounted(Event):
    """No answer is taken any more, and this is what came of it."""

    type: ClassVar[str] = "slip.ended"
    slip: SlipId
    cause: EndCause
    asked: int
    answered: int
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipReplied(Event):
    """The drafter says what became of an opinion."""

    type: ClassVar[str] = "slip.replied"
    slip: SlipId
    opinion: OpinionId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipReported(Event):
    """It came before a meeting: its result, or the matter itself."""

    type: ClassVar[str] = "slip.reported"
    slip: SlipId
    kind: ReportKind
    of: MeetingId
    """Not the event's own meeting: that one is told of its new item."""
    item: ItemId
