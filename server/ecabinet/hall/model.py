"""Votes that no device casts: what two people wrote down of them, each alone, and where their sheets differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from ecabinet.kernel.errors import Conflict, Invalid, NotAllowed, WrongPhase
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Meeting
from ecabinet.register.model import Body, RuleProfile
from ecabinet.voting.model import Board, PaperCount, Question

Answers = Mapping[PersonId, str]
"""Whose answer was which; whoever gave none is left out."""


class Kind(StrEnum):
    """What a sheet tells of."""

    HANDS = "hands"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Seated:
    """The tellers' board (Ban kiểm phiếu) that the meeting elected."""

    question: QuestionId
    """The vote that elected it; the board's own name."""
    number: int
    """That vote's number in the meeting."""
    board: Board
    at: datetime


Content = Mapping[str, str | int]
"""A sheet's lines, flat: {person: option}, or {"issued": 69, "votes.c1": 61, …}. Two sheets are equal when these
are, line by line."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What two people entered of one question, each alone."""

    question: QuestionId
    meeting: MeetingId
    item: ItemId
    kind: Kind
    version: int
    """1, 2, 3 …: how often the first sheet was written."""
    content: Content
    entered_by: PersonId
    entered_at: datetime
    second: Content | None = None
    """The latest sheet somebody else held against this version of the first; None when nobody has yet."""
    second_by: PersonId | None = None
    second_at: datetime | None = None

    @property
    def differs(self) -> tuple[str, ...]:
        """The lines on which the two disagree, sorted; nothing while there is only one."""
        if self.second is None:
            return ()
        lines = sorted({*self.content, *self.second})
        return tuple(line for line in lines if self.content.get(line) != self.second.get(line))

    @property
    def is_agreed(self) -> bool:
        """Whether two people have written the very same."""
        return self.second is not None and not self.differs


@dataclass(frozen=True, slots=True)
class Step:
    """What an act does: the sheet afterwards, and the event that says so; None when it changed nothing."""

    sheet: Sheet
    event: Event | None


@dataclass(frozen=True, slots=True)
class Occasion:
    """At what a vote was taken."""

    meeting: Meeting
    body: Body
    profile: RuleProfile
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Teller:
    """Someone on the board, as its minutes name them."""

    name: str
    post: str
    is_head: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tellers' minutes are made of."""

    unit: str
    """Whose board it is, as the letterhead prints it."""
    meeting: str
    """The meeting's title."""
    place: str
    zone: ZoneInfo
    """In which the minutes tell the time."""
    question: Question
    closed_at: datetime
    counted: PaperCount
    tellers: tuple[Teller, ...]
    """The head first."""
    entered_by: str
    confirmed_by: str
    member: str = "thành viên"
    """What a member of the body is called."""
    results: tuple[str, ...] = ()
    """What follows from the numbers, in sentences."""


# --- events ---
# None of them tells what is on a sheet: the numbers come with the verdict, when two have agreed on them.


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsEntered(Event):
    """A secretary has written down a show of hands; a second one has to confirm it."""

    type: ClassVar[str] = "hands.entered"
    question: QuestionId
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsDiffered(Event):
    """The second sheet is not the first."""

    type: ClassVar[str] = "hands.differed"
    question: QuestionId
    version: int
    people: tuple[PersonId, ...]
    """On whom they disagree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEntered(Event):
    """A teller has entered the count; a second one has to confirm it."""

    type: ClassVar[str] = "count.entered"
    question: QuestionId
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDiffered(Event):
    """The second count is not the first."""

    type: ClassVar[str] = "count.differed"
    question: QuestionId
    version: int
    fields: tuple[str, ...]
    """On which lines they disagree."""


# --- refusals ---


class NotCounted(WrongPhase):
    """There are no minutes of a count that has not been agreed on. Detail: phase, the question's."""

    code = "not_counted"


class NotInTheHall(Conflict):
    """The question is not answered this way. Detail: way, how it is answered."""

    code = "not_this_way"


class NeedsSecondPerson(NotAllowed):
    """Who wrote the first sheet cannot be the one who confirms it."""

    code = "needs_second_person"


class SecretariesConfirm(NotAllowed):
    """There are two secretaries here: the chair confirms only where there is one."""

    code = "secretaries_confirm"


class NotATeller(NotAllowed):
    """Not on the board that counts this question."""

    code = "not_a_teller"


class TellerIsCandidate(NotAllowed):
    """Nobody counts the ballots that decide on himself."""

    code = "teller_is_candidate"


class SheetIsThere(Conflict):
    """Somebody else has written the first sheet; it is replaced only by name. Detail: entered_by."""

    code = "sheet_is_there"


class NothingToConfirm(Conflict):
    """There is no first sheet."""

    code = "nothing_to_confirm"


class SheetsDiffer(Conflict):
    """Two people wrote down different things. Detail: people, or fields."""

    code = "sheets_differ"


class NotOnTheRoll(Invalid):
    """An answer of someone who may not answer. Detail: people."""

    code = "not_on_the_roll"


class SumsDoNotAgree(Invalid):
    """The numbers cannot all be true. Detail: reason, and the lines concerned under fields."""

    code = "sums_do_not_agree"
