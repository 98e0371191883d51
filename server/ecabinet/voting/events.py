"""What happens to questions, as the record keeps it and as participants hear of it."""

from dataclasses import dataclass
from typing import ClassVar

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import QuestionId
from ecabinet.register.model import Quorum

from .model import CanonicalBallot, Question, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPut(Event):
    """A question was put, and who may answer it was frozen."""

    type: ClassVar[str] = "question.put"
    question: Question
    quorum: Quorum


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotCast(Event):
    """A version of a ballot came in."""

    type: ClassVar[str] = "ballot.cast"
    ballot: CanonicalBallot


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionClosed(Event):
    """The vote ended with a verdict."""

    type: ClassVar[str] = "question.closed"
    question: QuestionId
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCancelled(Event):
    """The vote was called off."""

    type: ClassVar[str] = "question.cancelled"
    question: QuestionId
    reason: str
