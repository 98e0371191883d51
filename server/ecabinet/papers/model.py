"""Papers of a meeting."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ecabinet.kernel.errors import Conflict, Invalid
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, PaperId, PersonId


@dataclass(frozen=True, slots=True)
class Names:
    """What a paper is called."""

    title: str
    """As the agenda prints it, NFC."""
    filename: str
    """To save it under; NFC, ends in .pdf, no folders in it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A PDF that has arrived, was checked, and is kept under its digest."""

    names: Names
    digest: str
    """SHA-256 of its bytes, lower-case hex."""
    size_bytes: int
    pages: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF on an agenda item."""

    id: PaperId
    meeting: MeetingId
    item: ItemId
    title: str
    filename: str
    size_bytes: int
    pages: int
    digest: str
    added_at: datetime
    added_by: PersonId
    is_late: bool
    """Whether it came after the time by which papers had to be sent."""
    position: int
    """1, 2, 3 … within its item, with gaps where papers were removed."""


# --- events ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperAdded(Event):
    """A paper hangs on an item. The digest binds the record to its bytes."""

    type: ClassVar[str] = "paper.added"
    paper: PaperId
    item: ItemId
    title: str
    filename: str
    size_bytes: int
    pages: int
    digest: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRemoved(Event):
    """A paper was taken back before the meeting opened."""

    type: ClassVar[str] = "paper.removed"
    paper: PaperId
    item: ItemId
    title: str
    digest: str


# --- refusals ---


class NotAPdf(Invalid):
    """By its type, its name or its first bytes."""

    code = "not_a_pdf"


class BrokenPdf(Invalid):
    """It says it is a PDF and cannot be read as one: cut off, damaged, encrypted, or without pages."""

    code = "broken_pdf"


class PaperIsThere(Conflict):
    """The same bytes hang on this item already. Detail: paper."""

    code = "paper_is_there"
