"""Who may ask for the floor, get it and lose it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.kernel.errors import NotAllowed, NotFound, Refusal, WrongPhase
from ecabinet.kernel.ids import PersonId, TurnId
from ecabinet.meetings.model import Act, Phase
from ecabinet.speaking import rules
from ecabinet.speaking.model import (
    AlreadySpeaking,
    AlreadyWaiting,
    FloorEnded,
    FloorGiven,
    FloorWithdrawn,
    NotYourItem,
    Status,
    Turn,
    TurnWrongStatus,
)
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, GUEST, MEETING, SECOND, a_meeting
from tests.fakes.kernel import NOON

OPEN = a_meeting()
WAITING = Turn(TurnId("w"), MEETING, AN, FIRST, Status.WAITING, NOON)
SPEAKING = Turn(TurnId("s"), MEETING, BINH, FIRST, Status.SPEAKING, NOON, NOON, allotted_s=60)
NEW = TurnId("new")


def act(person: PersonId, after_s: int = 0) -> Act:
    return Act(person, NOON + timedelta(seconds=after_s))


def test_whoever_asks_stands_in_line_for_the_item_before_the_meeting() -> None:
    step = rules.ask(OPEN, [], NEW, act(AN))
    assert step.turn == Turn(NEW, MEETING, AN, FIRST, Status.WAITING, NOON)
    assert (step.event.person, step.event.meeting, step.event.actor) == (AN, MEETING, AN)


def test_between_items_one_may_ask_too() -> None:
    assert rules.ask(a_meeting(current=None), [], NEW, act(AN)).turn.item is None


def test_who_speaks_or_has_spoken_may_ask_again() -> None:
    done = replace(SPEAKING, id=TurnId("d"), status=Status.DONE)
    assert rules.ask(OPEN, [SPEAKING, done], NEW, act(BINH)).turn.status is Status.WAITING


REFUSED: list[tuple[str, Callable[[], object], type[Refusal]]] = [
    *(
        (
            f"asking in a meeting that is {phase.value}",
            lambda p=phase: rules.ask(a_meeting(p), [], NEW, act(AN)),
            WrongPhase,
        )
        for phase in Phase
        if phase is not Phase.OPEN
    ),
    ("asking twice", lambda: rules.ask(OPEN, [WAITING], NEW, act(AN)), AlreadyWaiting),
    ("a stranger asking", lambda: rules.ask(OPEN, [], NEW, act(PersonId("x"))), NotFound),
    ("a guest asking in another's item", lambda: rules.ask(OPEN, [], NEW, act(GUEST)), NotYourItem),
    ("a guest asking between items", lambda: rules.ask(a_meeting(current=None), [], NEW, act(GUEST)), NotYourItem),
    ("withdrawing another's turn", lambda: rules.withdraw(WAITING, act(BINH)), NotAllowed),
    ("the chair withdrawing another's turn", lambda: rules.withdraw(WAITING, act(CHAIR)), NotAllowed),
    ("withdrawing while speaking", lambda: rules.withdraw(SPEAKING, act(BINH)), TurnWrongStatus),
    ("giving twice", lambda: rules.give(OPEN, [SPEAKING], SPEAKING, 60, act(CHAIR)), TurnWrongStatus),
    ("giving in a break", lambda: rules.give(a_meeting(Phase.PAUSED), [WAITING], WAITING, 60, act(CHAIR)), WrongPhase),
    (
        "giving to who has left the list",
        lambda: rules.give(OPEN, [], replace(WAITING, person=PersonId("x")), 60, act(CHAIR)),
        NotFound,
    ),
    (
        "giving to who speaks",
        lambda: rules.give_to(OPEN, [SPEAKING], rules.called(OPEN, BINH, NEW, NOON), 60, act(CHAIR)),
        AlreadySpeaking,
    ),
    (
        "giving to a guest in another's item",
        lambda: rules.give_to(OPEN, [], rules.called(OPEN, GUEST, NEW, NOON), 60, act(CHAIR)),
        NotYourItem,
    ),
    ("ending another's speech", lambda: rules.end(SPEAKING, may_give=False, act=act(AN)), NotAllowed),
    ("ending what has not begun", lambda: rules.end(WAITING, may_give=True, act=act(CHAIR)), TurnWrongStatus),
]


@pytest.mark.parametrize(("name", "attempt", "refusal"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_refused(name: str, attempt: Callable[[], object], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as raised:
        attempt()
    assert type(raised.value) is refusal


def test_a_guest_asks_in_the_own_item() -> None:
    assert rules.ask(a_meeting(current=SECOND), [], NEW, act(GUEST)).turn.item == SECOND


def test_giving_the_floor_ends_the_speech_before() -> None:
    ended, given = rules.give(OPEN, [SPEAKING, WAITING], WAITING, 180, act(CHAIR, after_s=75))
    assert (ended.turn.id, ended.turn.status, ended.turn.ended_at) == (SPEAKING.id, Status.DONE, act(AN, 75).at)
    assert isinstance(ended.event, FloorEnded)
    assert ended.event.spoken_s == 75
    assert (given.turn.status, given.turn.started_at, given.turn.allotted_s) == (Status.SPEAKING, act(AN, 75).at, 180)
    assert isinstance(given.event, FloorGiven)
    assert given.event.person == AN


def test_a_turn_asked_for_in_one_item_and_given_in_the_next_belongs_to_the_next() -> None:
    (given,) = rules.give(a_meeting(current=SECOND), [WAITING], WAITING, 60, act(CHAIR))
    assert given.turn.item == SECOND


def test_the_chair_calls_on_someone_who_did_not_ask() -> None:
    (given,) = rules.give_to(OPEN, [], rules.called(OPEN, AN, NEW, NOON), 60, act(CHAIR))
    assert (given.turn.id, given.turn.person, given.turn.status) == (NEW, AN, Status.SPEAKING)


@pytest.mark.parametrize(("person", "may_give"), [(BINH, False), (CHAIR, True)])
def test_the_speaker_or_the_chair_ends_a_speech(person: PersonId, may_give: bool) -> None:
    step = rules.end(SPEAKING, may_give=may_give, act=act(person, after_s=30))
    assert step.turn == replace(SPEAKING, status=Status.DONE, ended_at=NOON + timedelta(seconds=30))


def test_a_clock_that_went_back_makes_no_speech_of_negative_length() -> None:
    event = rules.end(SPEAKING, may_give=True, act=act(CHAIR, after_s=-5)).event
    assert isinstance(event, FloorEnded)
    assert event.spoken_s == 0


def test_at_the_end_of_the_meeting_nobody_speaks_or_waits() -> None:
    done = replace(SPEAKING, id=TurnId("d"), status=Status.DONE)
    steps = rules.end_all([done, WAITING, SPEAKING], None, NOON)
    assert {(step.turn.id, step.turn.status) for step in steps} == {
        (SPEAKING.id, Status.DONE),
        (WAITING.id, Status.WITHDRAWN),
    }
    assert {type(step.event) for step in steps} == {FloorEnded, FloorWithdrawn}


@pytest.mark.parametrize("phase", Phase)
def test_only_an_open_meeting_has_a_floor(phase: Phase) -> None:
    assert rules.floor(a_meeting(phase), [WAITING, SPEAKING]) == (BINH if phase is Phase.OPEN else None)
    assert rules.floor(a_meeting(phase), [WAITING]) is None
