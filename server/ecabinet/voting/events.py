"""What happens to questions, as the record keeps it and as participants hear of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import IncidentId, ItemId, PersonId, PlanId, QuestionId
from ecabinet.register.model import Quorum

from .model import (
    CanonicalBallot,
    ElectionVerdict,
    PaperCount,
    Planned,
    Question,
    RatingVerdict,
    Side,
    Verdict,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPut(Event):
    """A question was put, and who may answer it was frozen."""

    type: ClassVar[str] = "question.put"
    question: Question
    quorum: Quorum


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotCast(Event):
    """A version of a ballot came in, or an answer was read off a show of hands."""

    type: ClassVar[str] = "ballot.cast"
    ballot: CanonicalBallot


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPaused(Event):
    """No ballot comes in until the chair resumes."""

    type: ClassVar[str] = "question.paused"
    question: QuestionId


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResumed(Event):
    """Ballots come in again."""

    type: ClassVar[str] = "question.resumed"
    question: QuestionId


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionExtended(Event):
    """The chair gives more time."""

    type: ClassVar[str] = "question.extended"
    question: QuestionId
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionClosed(Event):
    """The vote ended: with a verdict, with an election or with ratings."""

    type: ClassVar[str] = "question.closed"
    question: QuestionId
    verdict: Verdict | None = None
    election: ElectionVerdict | None = None
    ratings: tuple[RatingVerdict, ...] = ()
    count: PaperCount | None = None
    """What the tellers found, where it was a secret ballot."""
    entered_by: tuple[PersonId, ...] = ()
    """Who entered and who confirmed a show of hands or a count of papers; empty for a vote by device."""
    settler: PersonId | None = None
    """Whom an undecided verdict waits for."""

    @property
    def decided(self) -> Verdict:
        """The verdict of a vote that has one."""
        assert self.verdict is not None, "an election and a rating end otherwise"
        return self.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCancelled(Event):
    """The vote was called off."""

    type: ClassVar[str] = "question.cancelled"
    question: QuestionId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnnulled(Event):
    """The vote counts for nothing, and the same is put again."""

    type: ClassVar[str] = "question.annulled"
    question: QuestionId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSettled(Event):
    """Whoever settles ties declared himself after a vote that waited for it."""

    type: ClassVar[str] = "question.settled"
    question: QuestionId
    side: Side
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReported(Event):
    """Somebody on the roll lost the line during the vote."""

    type: ClassVar[str] = "incident.reported"
    incident: IncidentId
    question: QuestionId
    item: ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged(Event):
    """What the chair means to put on an item, or in which order, is another."""

    type: ClassVar[str] = "plan.changed"
    item: ItemId
    plans: tuple[Planned, ...]
    """All that is planned now, by position."""
    dropped: tuple[PlanId, ...] = ()
    """Lines that were left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyGiven(Event):
    """A member asked another one to vote in his place while he is not there."""

    type: ClassVar[str] = "proxy.given"
    giver: PersonId
    holder: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyWithdrawn(Event):
    """The member took it back."""

    type: ClassVar[str] = "proxy.withdrawn"
    giver: PersonId
