"""The course of a vote after it was put: what the chair may do when, and how the question then stands. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import IncidentId, PersonId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, Meeting

from .events import (
    IncidentReported,
    QuestionAnnulled,
    QuestionCancelled,
    QuestionClosed,
    QuestionExtended,
    QuestionPaused,
    QuestionResumed,
    QuestionSettled,
)
from .model import (
    RUNNING,
    Incident,
    ItemNotCurrent,
    NotEntitled,
    Phase,
    Question,
    QuestionInvalid,
    QuestionNotOpen,
    Settled,
    TooLateToReport,
)

REASON_LIMIT = 300
"""Characters of a reason."""
EXTENSION_LEAST_S, EXTENSION_MOST_S = 10, 3_600
REPORTED_WITHIN = timedelta(minutes=15)
"""How long after its close a voter may still say that the line was lost."""


class Step(StrEnum):
    """What can be done to a question."""

    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    CLOSE = "close"
    SETTLE = "settle"
    CANCEL = "cancel"
    ANNUL = "annul"


NEXT: Mapping[Step, Mapping[Phase, Phase]] = {
    Step.PAUSE: {Phase.OPEN: Phase.PAUSED},
    Step.RESUME: {Phase.PAUSED: Phase.OPEN},
    Step.EXTEND: {Phase.OPEN: Phase.OPEN, Phase.PAUSED: Phase.PAUSED},
    # A paused vote is resumed before it ends: those who were waiting have to be able to answer.
    Step.CLOSE: {Phase.OPEN: Phase.CLOSED},
    Step.SETTLE: {Phase.CLOSED: Phase.CLOSED},
    Step.CANCEL: {Phase.OPEN: Phase.CANCELLED, Phase.PAUSED: Phase.CANCELLED},
    Step.ANNUL: dict.fromkeys((Phase.OPEN, Phase.PAUSED, Phase.CLOSED), Phase.ANNULLED),
}
"""What leads where. What is not in it is refused."""


def after(question: Question, step: Step) -> Phase:
    """Where the step leads. Raises QuestionNotOpen."""
    try:
        return NEXT[step][question.phase]
    except KeyError:
        raise QuestionNotOpen(phase=question.phase.value) from None


def pause(question: Question, by: Act) -> QuestionPaused:
    """Let no ballot in for the moment. Raises QuestionNotOpen."""
    after(question, Step.PAUSE)
    return QuestionPaused(question=question.id, at=by.at, actor=by.actor, meeting=question.meeting)


def resume(question: Question, by: Act) -> QuestionResumed:
    """Let ballots in again. Raises QuestionNotOpen."""
    after(question, Step.RESUME)
    return QuestionResumed(question=question.id, at=by.at, actor=by.actor, meeting=question.meeting)


def extend(question: Question, seconds: int, by: Act) -> QuestionExtended:
    """Give so many seconds from now. Raises QuestionNotOpen, QuestionInvalid."""
    after(question, Step.EXTEND)
    return QuestionExtended(
        question=question.id,
        until=by.at + time_given(seconds),
        at=by.at,
        actor=by.actor,
        meeting=question.meeting,
    )


def time_given(seconds: int) -> timedelta:
    """Raises QuestionInvalid."""
    if not EXTENSION_LEAST_S <= seconds <= EXTENSION_MOST_S:
        raise QuestionInvalid(reason="seconds", least=EXTENSION_LEAST_S, most=EXTENSION_MOST_S)
    return timedelta(seconds=seconds)


def cancel(question: Question, reason: str, by: Act) -> QuestionCancelled:
    """Call the vote off; its ballots count for nothing and stay in the record.

    Raises QuestionNotOpen; QuestionInvalid without a reason.
    """
    after(question, Step.CANCEL)
    said = _reason(reason, "cancel_reason")
    return QuestionCancelled(question=question.id, reason=said, at=by.at, actor=by.actor, meeting=question.meeting)


def annul(question: Question, meeting: Meeting, reason: str, by: Act) -> QuestionAnnulled:
    """Let the vote count for nothing so that the same can be put again, while its items are before the meeting.

    Raises MeetingWrongPhase, QuestionNotOpen, ItemNotCurrent; QuestionInvalid without a reason.
    """
    meeting.require(frozenset({meetings.Phase.OPEN}))
    after(question, Step.ANNUL)
    current = meeting.current_item
    if question.phase is Phase.CLOSED and not question.items and (current is None or current.id != question.item):
        raise ItemNotCurrent(current=current.id if current else None)
    said = _reason(reason, "repeat_reason")
    return QuestionAnnulled(question=question.id, reason=said, at=by.at, actor=by.actor, meeting=question.meeting)


def _reason(reason: str, name: str) -> str:
    said = reason.strip()
    if not said or len(said) > REASON_LIMIT:
        raise QuestionInvalid(reason=name, limit=REASON_LIMIT)
    return said


def report_incident(question: Question, incident: IncidentId, by: Act) -> tuple[Incident, IncidentReported]:
    """Say that one's line was lost during the vote: whoever may answer, until a quarter of an hour after its end.

    Raises NotEntitled, QuestionNotOpen, TooLateToReport.
    """
    if by.actor not in question.roll and by.actor not in holders(question):
        raise NotEntitled()
    if question.phase not in RUNNING | {Phase.CLOSED}:
        raise QuestionNotOpen(phase=question.phase.value)
    if question.closed_at is not None and by.at > question.closed_at + REPORTED_WITHIN:
        raise TooLateToReport(limit_s=int(REPORTED_WITHIN.total_seconds()))
    reported = Incident(incident, question.meeting, question.id, question.item, by.actor, by.at)
    event = IncidentReported(
        incident=incident,
        question=question.id,
        item=question.item,
        at=by.at,
        actor=by.actor,
        meeting=question.meeting,
    )
    return reported, event


def holders(question: Question) -> frozenset[PersonId]:
    """Who answers for somebody else."""
    return frozenset(voter.proxy for voter in question.roll.voters if voter.proxy is not None)


def applied(question: Question, event: Event) -> Question:
    """The question after something happened to it. The room keeps what this gives; whoever checks a record asks it
    again."""
    match event:
        case QuestionPaused():
            return replace(question, phase=after(question, Step.PAUSE))
        case QuestionResumed():
            return replace(question, phase=after(question, Step.RESUME))
        case QuestionExtended():
            return replace(question, until=event.until)
        case QuestionCancelled():
            phase = after(question, Step.CANCEL)
            return replace(question, phase=phase, closed_at=event.at, cancel_reason=event.reason)
        case QuestionAnnulled():
            ended = question.closed_at or event.at
            return replace(question, phase=after(question, Step.ANNUL), closed_at=ended, annul_reason=event.reason)
        case QuestionClosed():
            return replace(
                question,
                phase=after(question, Step.CLOSE),
                closed_at=event.at,
                verdict=event.verdict,
                election=event.election,
                ratings=event.ratings,
                count=event.count,
                settler=event.settler,
            )
        case QuestionSettled():
            assert event.actor is not None, "somebody settles a tie"
            settled = Settled(event.actor, event.side, event.at)
            return replace(question, phase=after(question, Step.SETTLE), verdict=event.verdict, settled=settled)
    raise AssertionError(f"{event.type} does not change a question")
