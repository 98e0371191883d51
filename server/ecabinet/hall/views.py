"""What the hall shows on the wire. Pure; the fields are those of docs/protocol.md.

Nothing of what is on a sheet leaves it this way: only who wrote, and on which lines two sheets differ.
"""

from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict

from ecabinet.kernel.events import moment
from ecabinet.kernel.ids import ItemId

from .model import Content, Kind, Seated, Sheet
from .rules import answers_of, count_of


class SheetEntry(TypedDict):
    """How far two people are with writing down a vote."""

    id: str
    item: str
    items: list[str]
    question: str
    status: str
    entered_by: str
    entered_at: str
    second_by: str | None
    differs: list[str]


class BoardEntry(TypedDict):
    """The tellers."""

    id: str
    head: str
    members: list[str]
    question: str
    seated_at: str


class HandsEntry(TypedDict):
    """My own sheet of a show of hands."""

    answers: dict[str, str]


class LevelsEntry(TypedDict):
    """How many gave one name each level."""

    high: int
    mid: int
    low: int


class CountEntry(TypedDict):
    """My own sheet of a count."""

    issued: int
    returned: int
    valid: int
    invalid: int
    votes: dict[str, int]
    ratings: dict[str, LevelsEntry]


def sheet_entry(sheet: Sheet, items: Sequence[ItemId]) -> SheetEntry:
    """Who wrote, and whether they agree. People's ids for hands; for a count the names of lines, never numbers.

    items  what its question is about
    """
    agreed = "agreed" if sheet.is_agreed else "entered"
    return {
        "id": sheet.question,
        "item": sheet.item,
        "items": list(items),
        "question": sheet.question,
        "status": "differs" if sheet.differs else agreed,
        "entered_by": sheet.entered_by,
        "entered_at": moment(sheet.entered_at),
        "second_by": sheet.second_by,
        "differs": list(sheet.differs),
    }


def board_entry(seated: Seated) -> BoardEntry:
    """A board, under the id of the vote that elected it."""
    return {
        "id": seated.question,
        "head": seated.board.head,
        "members": list(seated.board.members),
        "question": seated.question,
        "seated_at": moment(seated.at),
    }


def own_entry(kind: Kind, content: Content) -> HandsEntry | CountEntry:
    """What I wrote myself, so that a reloaded page goes on where it was."""
    if kind is Kind.HANDS:
        return {"answers": dict(answers_of(content).items())}
    counted = count_of(content)
    ratings: Mapping[str, LevelsEntry] = {
        line: {"high": each.high, "mid": each.mid, "low": each.low} for line, each in counted.ratings.items()
    }
    papers = counted.papers
    return {
        "issued": papers.issued,
        "returned": papers.returned,
        "valid": papers.valid,
        "invalid": papers.invalid,
        "votes": {**counted.votes},
        "ratings": {**ratings},
    }
