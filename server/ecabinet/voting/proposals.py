"""What the chair wants to put to the vote, and how the meeting then stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecabinet.kernel.ids import ItemId, PersonId, PlanId, QuestionId
from ecabinet.meetings.model import Meeting
from ecabinet.register.model import Matter

from .model import Board, Candidate, Kind, Method, Planned, Question, Roll, Strength, Way


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the chair wants to put to the vote."""

    id: QuestionId
    item: ItemId
    number: int
    """1, 2, 3 … in the meeting."""
    text: str
    matter: Matter = Matter.RESOLUTION
    alternatives: tuple[str, ...] = ()
    """The proposals to choose from; empty unless the method is CHOICE."""
    method: Method = Method.APPROVAL
    way: Way = Way.ELECTRONIC
    kind: Kind = Kind.WHOLE
    items: tuple[ItemId, ...] = ()
    """All items of a block; empty for a question on one item."""
    motion: str | None = None
    """Which of the profile's motions it is; None for none."""
    candidates: tuple[Candidate, ...] = ()
    seats: int | None = None
    """How many are to be elected; None unless the method is ELECTION."""
    board: Board | None = None
    """The tellers' board that sits once this question has passed."""
    plan: PlanId | None = None
    """Which planned question of the item it is."""
    until: datetime | None = None
    """The time the chair gives: nothing closes by itself."""
    repeats: QuestionId | None = None

    @property
    def subjects(self) -> tuple[ItemId, ...]:
        """Every item it is about."""
        return self.items or (self.item,)


@dataclass(frozen=True, slots=True)
class Situation:
    """How the meeting stands when a question is put."""

    meeting: Meeting
    open_question: QuestionId | None
    """The one that is open or paused."""
    roll: Roll
    """Those who would answer: members with a vote, present, not recused, in order of protocol; and those who gave
    their vote to somebody who is there."""
    strength: Strength
    seats: int
    """All seats of the body, vacant ones included: what says whether it is a reduced one."""
    earlier: tuple[Question, ...] = ()
    """All questions of the meeting until now, by number."""
    planned: tuple[Planned, ...] = ()
    """What the chair means to put on the same item, by position."""
    objections: Mapping[ItemId, frozenset[PersonId]] = field(default_factory=dict)
    """Who has an opinion on an item or wishes to speak to it, as declared before the session."""

    @property
    def board(self) -> Board | None:
        """The tellers' board that sits: the one elected last."""
        seated = [each.board for each in self.earlier if each.board is not None and each.is_passed]
        return seated[-1] if seated else None
