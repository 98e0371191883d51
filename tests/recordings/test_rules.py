"""The chair decides, everybody knows, and a break or the end stops it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import RecordingId
from ecabinet.meetings.model import Act, MeetingWrongPhase
from ecabinet.meetings.model import Phase as MeetingPhase
from ecabinet.recordings import rules
from ecabinet.recordings.model import (
    Acknowledgement,
    AlreadyRecording,
    Cause,
    Fault,
    Phase,
    Recording,
    RecordingFailed,
    RecordingFinished,
    RecordingNotFailed,
    RecordingNotRunning,
    SecretsNotExcluded,
)
from tests.fakes.gathering import AN, BINH, CHAIR, GUEST, SECRETARY, a_meeting
from tests.fakes.kernel import NOON
from tests.fakes.recordings import AnyTake

from .films import ANOTHER, FAILED, FINISHED, KEPT, LATER, PART, RECORDED, RECORDING, RUNNING, STOPPED

BY_CHAIR = Act(CHAIR, LATER)

NOT_STARTED: list[tuple[MeetingPhase, list[Recording], bool, type[Refusal], dict[str, Any]]] = [
    (MeetingPhase.OPEN, [], False, SecretsNotExcluded, {}),
    (MeetingPhase.CLOSED, [RUNNING], False, SecretsNotExcluded, {}),
    *((phase, [], True, MeetingWrongPhase, {"phase": phase}) for phase in MeetingPhase if phase != MeetingPhase.OPEN),
    (MeetingPhase.OPEN, [FINISHED, replace(RUNNING, id=ANOTHER)], True, AlreadyRecording, {"recording": ANOTHER}),
]


@pytest.mark.parametrize(("phase", "there", "no_secrets", "refusal", "detail"), NOT_STARTED)
def test_what_is_not_recorded(
    phase: MeetingPhase, there: list[Recording], no_secrets: bool, refusal: type[Refusal], detail: dict[str, Any]
) -> None:
    with pytest.raises(refusal) as raised:
        rules.require_startable(a_meeting(phase), there, no_secrets=no_secrets)
    assert raised.value.detail == detail


def test_recordings_of_a_meeting_are_numbered_and_the_record_keeps_who_decided() -> None:
    there = [FINISHED, replace(FAILED, id=ANOTHER, number=2)]
    rules.require_startable(a_meeting(), there, no_secrets=True)
    made = rules.start(RecordingId("new"), a_meeting(), there, BY_CHAIR)
    assert (made.number, made.phase, made.started_by, made.started_at) == (3, Phase.RUNNING, CHAIR, LATER)
    event = rules.started(made)
    assert (event.actor, event.at, event.payload()) == (
        CHAIR,
        LATER,
        {"recording": "new", "number": 3, "no_secrets": True},
    )
    assert rules.start(RecordingId("new"), a_meeting(), [], BY_CHAIR).number == 1


@pytest.mark.parametrize("cause", Cause)
def test_what_is_stopped_is_composed(cause: Cause) -> None:
    stopped, event = rules.stop(RECORDED, cause, BY_CHAIR)
    assert stopped == replace(STOPPED, cause=cause)
    assert (event.actor, event.payload()) == (CHAIR, {"recording": RECORDING, "cause": cause.value})


AFTERWARDS: list[Callable[[Recording], object]] = [
    lambda recording: rules.stop(recording, Cause.CHAIR, BY_CHAIR),
    lambda recording: rules.acknowledge(recording, BY_CHAIR),
    lambda recording: rules.begin_part(recording, "EG_2", "film2", LATER),
]


@pytest.mark.parametrize(
    ("act", "recording"),
    # What began before it was stopped is a part of it, even if that is said only then.
    [(act, each) for each in (STOPPED, FINISHED, FAILED) for act in AFTERWARDS[: 2 if each is STOPPED else 3]],
)
def test_what_is_over_is_neither_stopped_nor_acknowledged_nor_continued(
    act: Callable[[Recording], object], recording: Recording
) -> None:
    with pytest.raises(RecordingNotRunning) as raised:
        act(recording)
    assert raised.value.detail == {"phase": recording.phase.value}


def test_who_has_not_said_that_he_knows_is_silent() -> None:
    meeting = a_meeting()
    known = [Acknowledgement(RECORDING, CHAIR, NOON), Acknowledgement(RECORDING, AN, NOON)]
    before = [Acknowledgement(ANOTHER, BINH, NOON)]
    assert rules.silent(meeting, RUNNING, [*known, *before]) == {SECRETARY, BINH, GUEST}
    assert rules.silent(meeting, None, known) == frozenset()


def test_a_recording_may_have_several_parts_and_begins_with_none() -> None:
    once, first = rules.begin_part(RUNNING, "EG_1", "film1", NOON)
    twice, second = rules.begin_part(once, "EG_2", "film2", LATER)
    assert once == RECORDED
    assert [(part.n, part.take, part.begun_at) for part in twice.parts] == [(1, "EG_1", NOON), (2, "EG_2", LATER)]
    assert first.payload() == {"recording": RECORDING, "part": 1, "take": "EG_1", "name": "film1"}
    assert (second.part, second.actor) == (2, None)


def test_a_part_that_is_settled_stays_so() -> None:
    kept = rules.settle_part(STOPPED, 1, KEPT)
    assert rules.settle_part(kept, 1, Fault.LOST) == kept
    assert rules.settle_part(STOPPED, 2, KEPT) == STOPPED
    lost = rules.settle_part(STOPPED, 1, Fault.LOST)
    assert lost.parts[0].fault is Fault.LOST


def test_a_recording_ends_when_nothing_has_to_be_waited_for() -> None:
    waits = replace(STOPPED, parts=(replace(PART, kept=KEPT), replace(PART, n=2)))
    assert rules.end(waits, LATER) is None
    runs = replace(RUNNING, parts=(replace(PART, kept=KEPT),))
    assert rules.end(runs, LATER) is None
    ended = rules.end(rules.settle_part(waits, 2, Fault.LOST), LATER)
    assert ended is not None
    recording, event = ended
    assert (recording.phase, recording.fault) == (Phase.FINISHED, None)
    assert isinstance(event, RecordingFinished)
    assert event.payload()["parts"][0]["kept"]["film"] == {"digest": "a" * 64, "size_bytes": 1_000_000}


@pytest.mark.parametrize(
    ("recording", "fault"),
    [(rules.settle_part(STOPPED, 1, Fault.LOST), Fault.LOST), (replace(STOPPED, parts=()), Fault.NOTHING_RECORDED)],
)
def test_of_which_nothing_came_it_is_said_why(recording: Recording, fault: Fault) -> None:
    ended = rules.end(recording, LATER)
    assert ended is not None
    assert (ended[0].phase, ended[0].fault) == (Phase.FAILED, fault)
    assert isinstance(ended[1], RecordingFailed)
    assert ended[1].payload() == {"recording": RECORDING, "fault": fault.value}


def test_what_failed_is_tried_again_and_what_is_kept_is_not() -> None:
    again, event = rules.retry(FAILED, Act(SECRETARY, LATER))
    assert again == STOPPED
    assert event.actor == SECRETARY
    half = replace(FINISHED, parts=(*FINISHED.parts, replace(PART, n=2, fault=Fault.NO_ROOM)))
    assert rules.retry(half, BY_CHAIR)[0].parts == (*FINISHED.parts, replace(PART, n=2))


@pytest.mark.parametrize(
    "recording", [RECORDED, STOPPED, FINISHED, replace(FAILED, parts=(), fault=Fault.NOTHING_RECORDED)]
)
def test_there_is_nothing_to_try_again(recording: Recording) -> None:
    with pytest.raises(RecordingNotFailed):
        rules.retry(recording, BY_CHAIR)


def test_what_was_begun_by_a_decision_is_known_by_its_name() -> None:
    name = rules.name_of_take(RECORDING, "unique")
    assert rules.is_of(RUNNING, "EG_7", name)
    assert not rules.is_of(replace(RUNNING, id=ANOTHER), "EG_7", name)
    assert rules.is_of(RECORDED, PART.take, "a name of before")
    late = replace(PART, take="EG_7", name=name)
    takes = [AnyTake(PART.take, PART.name), AnyTake(late.take, late.name), AnyTake("EG_8", "of another")]
    assert rules.unsaid(RECORDED, takes) == [takes[1]]
    once, _ = rules.begin_part(STOPPED, late.take, late.name, LATER)
    assert [part.take for part in once.parts] == [PART.take, late.take]


def test_what_should_long_be_there_is_given_up_and_a_film_that_is_there_is_not() -> None:
    assert STOPPED.stopped_at is not None
    due = STOPPED.stopped_at + rules.GIVEN_UP_AFTER
    assert not rules.is_overdue(STOPPED, due - timedelta(seconds=1))
    assert rules.is_overdue(STOPPED, due)
    for other in (RUNNING, RECORDED, FINISHED, FAILED):
        assert not rules.is_overdue(other, due)
    kept = replace(STOPPED, parts=(replace(PART, kept=KEPT), replace(PART, n=2, take="EG_2")))
    assert [part.fault for part in rules.give_up(kept).parts] == [None, Fault.GIVEN_UP]
    ended = rules.end(rules.give_up(STOPPED), due)
    assert ended is not None
    assert ended[0].fault is Fault.GIVEN_UP
