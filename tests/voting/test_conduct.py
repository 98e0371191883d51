"""What may be done to a question in which phase, and how it then stands."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import IncidentId, ItemId, QuestionId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act
from ecabinet.voting import conduct
from ecabinet.voting.conduct import Step
from ecabinet.voting.model import Kind, Phase, Question, Roll, Voter
from tests.voting.halls import AT, BY, CHAIR, MEETING, person, put

LATER = Act(CHAIR, AT + timedelta(minutes=2))
ALLOWED = {
    (Step.PAUSE, Phase.OPEN): Phase.PAUSED,
    (Step.RESUME, Phase.PAUSED): Phase.OPEN,
    (Step.EXTEND, Phase.OPEN): Phase.OPEN,
    (Step.EXTEND, Phase.PAUSED): Phase.PAUSED,
    (Step.CLOSE, Phase.OPEN): Phase.CLOSED,
    (Step.SETTLE, Phase.CLOSED): Phase.CLOSED,
    (Step.CANCEL, Phase.OPEN): Phase.CANCELLED,
    (Step.CANCEL, Phase.PAUSED): Phase.CANCELLED,
    (Step.ANNUL, Phase.OPEN): Phase.ANNULLED,
    (Step.ANNUL, Phase.PAUSED): Phase.ANNULLED,
    (Step.ANNUL, Phase.CLOSED): Phase.ANNULLED,
}
"""Everything that exists. What is not here is refused, and nothing changes."""


def asked(phase: Phase = Phase.OPEN) -> Question:
    return replace(put("lanh-dao-bo", 7, range(6)), phase=phase)


def stepped(question: Question, step: Step) -> Event:
    """The acts without a count."""
    match step:
        case Step.PAUSE:
            return conduct.pause(question, LATER)
        case Step.RESUME:
            return conduct.resume(question, LATER)
        case Step.EXTEND:
            return conduct.extend(question, 60, LATER)
        case Step.CANCEL:
            return conduct.cancel(question, "mất điện", LATER)
        case Step.ANNUL:
            return conduct.annul(question, MEETING, "đứt mạng", LATER)
    raise AssertionError(step)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("step", Step)
def test_only_what_the_table_knows_is_possible(step: Step, phase: Phase) -> None:
    question = asked(phase)
    if (step, phase) in ALLOWED:
        assert conduct.after(question, step) is ALLOWED[step, phase]
        if step not in {Step.CLOSE, Step.SETTLE}:
            assert conduct.applied(question, stepped(question, step)).phase is ALLOWED[step, phase]
        return
    with pytest.raises(Refusal) as refused:
        conduct.after(question, step)
    assert (refused.value.code, refused.value.detail) == ("question_not_open", {"phase": phase.value})
    if step not in {Step.CLOSE, Step.SETTLE}:
        with pytest.raises(Refusal) as refused:
            stepped(question, step)
        assert refused.value.code == "question_not_open"


def test_time_is_given_from_now_and_is_only_a_picture() -> None:
    longer = conduct.applied(asked(), conduct.extend(asked(), 90, LATER))
    assert longer.until == LATER.at + timedelta(seconds=90)
    assert longer.phase is Phase.OPEN


@pytest.mark.parametrize("seconds", [9, 3601, -60])
def test_nobody_is_given_no_time_or_a_day(seconds: int) -> None:
    with pytest.raises(Refusal) as refused:
        conduct.extend(asked(), seconds, LATER)
    assert (refused.value.code, refused.value.detail["reason"]) == ("question_invalid", "seconds")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_vote_is_annulled_with_a_reason(reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        conduct.annul(asked(), MEETING, reason, LATER)
    assert (refused.value.code, refused.value.detail["reason"]) == ("question_invalid", "repeat_reason")


def test_what_was_closed_is_annulled_only_while_its_item_is_before_the_meeting() -> None:
    gone = replace(asked(Phase.CLOSED), item=ItemId("item-1"))
    with pytest.raises(Refusal) as refused:
        conduct.annul(gone, MEETING, "nhầm", LATER)
    assert (refused.value.code, refused.value.detail) == ("item_not_current", {"current": "item-2"})
    with pytest.raises(Refusal) as refused:
        conduct.annul(asked(Phase.CLOSED), replace(MEETING, phase=meetings.Phase.CLOSED), "nhầm", LATER)
    assert refused.value.code == "wrong_phase"
    block = replace(gone, kind=Kind.BLOCK, items=(ItemId("item-1"), ItemId("item-3")))
    assert conduct.annul(block, MEETING, "nhầm", LATER).reason == "nhầm"


def test_an_annulled_vote_keeps_when_it_ended() -> None:
    closed = replace(asked(Phase.CLOSED), closed_at=AT)
    annulled = conduct.applied(closed, conduct.annul(closed, MEETING, " nhầm ", LATER))
    assert (annulled.closed_at, annulled.annul_reason) == (AT, "nhầm")
    running = asked()
    assert conduct.applied(running, conduct.annul(running, MEETING, "nhầm", LATER)).closed_at == LATER.at


REPORTS = [
    # phase, minutes since the close, who, code
    (Phase.OPEN, None, 2, None),
    (Phase.PAUSED, None, 2, None),
    (Phase.CLOSED, 0, 2, None),
    (Phase.CLOSED, 15, 2, None),
    (Phase.CLOSED, 16, 2, "too_late_to_report"),
    (Phase.CANCELLED, 1, 2, "question_not_open"),
    (Phase.ANNULLED, 1, 2, "question_not_open"),
    (Phase.OPEN, None, 6, "not_entitled"),
]


@pytest.mark.parametrize(("phase", "minutes", "who", "code"), REPORTS)
def test_a_lost_line_is_reported_by_a_voter_in_time(
    phase: Phase, minutes: int | None, who: int, code: str | None
) -> None:
    question = replace(asked(phase), closed_at=None if minutes is None else AT - timedelta(minutes=minutes))
    act = Act(person(who), AT)
    if code is None:
        incident, event = conduct.report_incident(question, IncidentId("i"), act)
        assert (incident.person, incident.at, event.actor, event.item) == (person(who), AT, person(who), question.item)
        return
    with pytest.raises(Refusal) as refused:
        conduct.report_incident(question, IncidentId("i"), act)
    assert refused.value.code == code


def test_who_votes_for_another_may_report_too() -> None:
    roll = Roll((Voter(person(1), "Một", proxy=person(9)),))
    incident, _ = conduct.report_incident(replace(asked(), roll=roll), IncidentId("i"), Act(person(9), AT))
    assert incident.person == person(9)


def test_another_events_change_no_question() -> None:
    with pytest.raises(AssertionError):
        conduct.applied(asked(), Event(at=AT))
    assert conduct.holders(asked()) == frozenset()
    assert BY.actor == CHAIR
    assert QuestionId("question") == asked().id
