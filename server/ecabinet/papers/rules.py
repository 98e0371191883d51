"""What a paper may be called, and when it may come and go. Pure."""

import unicodedata
from datetime import datetime

from ecabinet.kernel.errors import Invalid, WrongPhase
from ecabinet.kernel.ids import ItemId, PaperId
from ecabinet.meetings.model import Act, Meeting, Phase

from .model import Names, NotAPdf, Paper, PaperAdded, PaperIsThere, PaperRemoved, Upload

MAGIC = b"%PDF-"
_TITLE_LENGTH = 300
_FILENAME_BYTES = 200
_ADDING = frozenset({Phase.DRAFT, Phase.CONVENED, Phase.OPEN, Phase.PAUSED})
_REMOVING = frozenset({Phase.DRAFT, Phase.CONVENED})
"""Once the meeting has opened, members have decided on what was there: it stays."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that a name shows wrongly or not at all: controls, direction marks, line ends."""


def name(title: str | None, filename: str | None) -> Names:
    """The two names of a paper; either can be made from the other.

    Raises Invalid (``fields``: title, filename → reason), NotAPdf for another ending than .pdf.
    """
    file = _clean("filename", filename or f"{title or ''}.pdf".lstrip("."))
    if {"/", "\\"} & set(file) or len(file.encode()) > _FILENAME_BYTES:
        raise Invalid(fields={"filename": "not_a_name"})
    stem, dot, ending = file.rpartition(".")
    if not stem or not dot or ending.lower() != "pdf":
        raise NotAPdf()
    return Names(_clean("title", title or stem), file)


def _clean(field: str, text: str) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    if not text or len(text) > _TITLE_LENGTH:
        raise Invalid(fields={field: "string_too_long" if text else "missing"})
    if any(unicodedata.category(sign) in _UNSEEN for sign in text):
        raise Invalid(fields={field: "unseen_characters"})
    return text


def require_adding(meeting: Meeting, item: ItemId) -> None:
    """Whether a paper may come now. Raises NotFound without such an item, WrongPhase after the end."""
    meeting.item(item)
    if meeting.phase not in _ADDING:
        raise WrongPhase(phase=meeting.phase.value)


def add(meeting: Meeting, there: list[Paper], added: PaperAdded) -> Paper:
    """Hang a paper on its item.

    there  the meeting's papers as they stand

    Raises NotFound, WrongPhase, PaperIsThere.
    """
    require_adding(meeting, added.item)
    beside = [paper for paper in there if paper.item == added.item]
    for paper in beside:
        if paper.digest == added.digest:
            raise PaperIsThere(paper=paper.id)
    assert added.actor is not None, "papers are added by people"
    return Paper(
        id=added.paper,
        meeting=meeting.id,
        item=added.item,
        title=added.title,
        filename=added.filename,
        size_bytes=added.size_bytes,
        pages=added.pages,
        digest=added.digest,
        added_at=added.at,
        added_by=added.actor,
        is_late=added.is_late,
        position=max((paper.position for paper in beside), default=0) + 1,
    )


def added(meeting: Meeting, item: ItemId, paper: PaperId, upload: Upload, act: Act) -> PaperAdded:
    """The event of a paper that comes at this time."""
    return PaperAdded(
        at=act.at,
        actor=act.actor,
        meeting=meeting.id,
        paper=paper,
        item=item,
        title=upload.names.title,
        filename=upload.names.filename,
        size_bytes=upload.size_bytes,
        pages=upload.pages,
        digest=upload.digest,
        is_late=is_late(meeting, act.at),
    )


def is_late(meeting: Meeting, at: datetime) -> bool:
    """Whether the body's rules wanted papers earlier. Nothing is late while no invitation has gone out."""
    return meeting.papers_due is not None and at > meeting.papers_due.at


def remove(meeting: Meeting, paper: Paper, act: Act) -> PaperRemoved:
    """Take a paper back. Raises WrongPhase once the meeting has opened."""
    if meeting.phase not in _REMOVING:
        raise WrongPhase(phase=meeting.phase.value)
    return PaperRemoved(
        at=act.at,
        actor=act.actor,
        meeting=meeting.id,
        paper=paper.id,
        item=paper.item,
        title=paper.title,
        digest=paper.digest,
    )
