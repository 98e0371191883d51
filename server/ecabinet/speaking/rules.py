"""Who may ask for the floor, get it and lose it. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ecabinet.kernel.access import RecusedHere
from ecabinet.kernel.errors import NotAllowed, NotFound, WrongPhase
from ecabinet.kernel.ids import ItemId, PersonId, TurnId
from ecabinet.meetings.model import Act, Meeting, Participant, Phase

from .model import (
    AlreadySpeaking,
    AlreadyWaiting,
    FloorAsked,
    FloorEnded,
    FloorGiven,
    FloorWithdrawn,
    NotYourItem,
    Status,
    Step,
    Turn,
    TurnWrongStatus,
)

ALLOTTED_S = (30, 3600)
"""Shortest and longest time to speak, in seconds."""


def ask(meeting: Meeting, turns: Sequence[Turn], turn: TurnId, act: Act) -> Step:
    """Stand in line. Raises WrongPhase, NotFound, NotYourItem, AlreadyWaiting, the first that applies."""
    require_open(meeting)
    require_concerned(meeting, meeting.participant(act.actor))
    waiting = of_person(turns, act.actor, Status.WAITING)
    if waiting:
        raise AlreadyWaiting(turn=waiting.id)
    item = _current(meeting)
    asked = Turn(turn, meeting.id, act.actor, item, Status.WAITING, act.at)
    return Step(
        asked,
        FloorAsked(at=act.at, actor=act.actor, meeting=meeting.id, turn=turn, person=act.actor, item=item),
    )


def withdraw(turn: Turn, act: Act) -> Step:
    """Leave the line. Raises NotAllowed for another's turn, TurnWrongStatus unless waiting."""
    if turn.person != act.actor:
        raise NotAllowed()
    if turn.status is not Status.WAITING:
        raise TurnWrongStatus(phase=turn.status.value)
    return _withdrawn(turn, act.actor, act.at)


def give(meeting: Meeting, turns: Sequence[Turn], turn: Turn, allotted_s: int, act: Act) -> list[Step]:
    """Give the floor to someone in line; whoever had it has spoken.

    Raises WrongPhase, TurnWrongStatus, NotFound, NotYourItem, the first that applies.
    """
    require_open(meeting)
    if turn.status is not Status.WAITING:
        raise TurnWrongStatus(phase=turn.status.value)
    return _given(meeting, turns, turn, allotted_s, act)


def give_to(meeting: Meeting, turns: Sequence[Turn], turn: Turn, allotted_s: int, act: Act) -> list[Step]:
    """Give the floor to a person, asked or not.

    turn  the person's own waiting turn, or the new one that `called` makes

    Raises WrongPhase, NotFound, NotYourItem, AlreadySpeaking, the first that applies.
    """
    require_open(meeting)
    meeting.participant(turn.person)
    speaking = of_person(turns, turn.person, Status.SPEAKING)
    if speaking:
        raise AlreadySpeaking(turn=speaking.id)
    return _given(meeting, turns, turn, allotted_s, act)


def called(meeting: Meeting, person: PersonId, turn: TurnId, at: datetime) -> Turn:
    """A turn for someone who did not ask."""
    return Turn(turn, meeting.id, person, _current(meeting), Status.WAITING, at)


def end(turn: Turn, *, may_give: bool, act: Act) -> Step:
    """End a speech: one's own, or any for who may give the floor. Raises NotAllowed, TurnWrongStatus."""
    if turn.person != act.actor and not may_give:
        raise NotAllowed()
    if turn.status is not Status.SPEAKING:
        raise TurnWrongStatus(phase=turn.status.value)
    return _ended(turn, act.actor, act.at)


def end_all(turns: Sequence[Turn], actor: PersonId | None, at: datetime) -> list[Step]:
    """None of these turns goes on: speeches end, waiting ones are withdrawn."""
    speaking = [_ended(turn, actor, at) for turn in turns if turn.status is Status.SPEAKING]
    waiting = [_withdrawn(turn, actor, at) for turn in turns if turn.status is Status.WAITING]
    return speaking + waiting


def end_speech(turns: Sequence[Turn], actor: PersonId | None, at: datetime) -> list[Step]:
    """Nobody speaks any more; those in line stay there."""
    return [_ended(turn, actor, at) for turn in turns if turn.status is Status.SPEAKING]


def floor(meeting: Meeting, turns: Sequence[Turn]) -> PersonId | None:
    """Who has the floor; nobody unless the meeting is open."""
    if meeting.phase is not Phase.OPEN:
        return None
    return next((turn.person for turn in turns if turn.status is Status.SPEAKING), None)


def require_open(meeting: Meeting) -> None:
    """Raises WrongPhase unless the meeting is in session."""
    if meeting.phase is not Phase.OPEN:
        raise WrongPhase(phase=meeting.phase.value)


def concerns(meeting: Meeting, participant: Participant) -> bool:
    """Whether what is before the meeting is among what this participant was asked for."""
    return participant.items is None or _current(meeting) in participant.items


def require_concerned(meeting: Meeting, participant: Participant) -> None:
    """Raises NotYourItem."""
    if not concerns(meeting, participant):
        raise NotYourItem()


def require_taking_part(meeting: Meeting, withdrawn: Collection[PersonId], people: Iterable[PersonId]) -> None:
    """Raises RecusedHere when one of these people has withdrawn from what is before the meeting."""
    if not set(withdrawn).isdisjoint(people):
        raise RecusedHere(item=_current(meeting))


def of_person(turns: Sequence[Turn], person: PersonId, status: Status) -> Turn | None:
    """The person's turn in this status; there is at most one that waits and one that speaks."""
    return next((turn for turn in turns if turn.person == person and turn.status is status), None)


def named(turns: Sequence[Turn], turn: TurnId) -> Turn:
    """Raises NotFound."""
    for each in turns:
        if each.id == turn:
            return each
    raise NotFound()


def _given(meeting: Meeting, turns: Sequence[Turn], turn: Turn, allotted_s: int, act: Act) -> list[Step]:
    require_concerned(meeting, meeting.participant(turn.person))
    item = _current(meeting)
    given = replace(turn, item=item, status=Status.SPEAKING, started_at=act.at, allotted_s=allotted_s)
    event = FloorGiven(
        at=act.at,
        actor=act.actor,
        meeting=meeting.id,
        turn=turn.id,
        person=turn.person,
        item=item,
        allotted_s=allotted_s,
    )
    return [*end_speech(turns, act.actor, act.at), Step(given, event)]


def _ended(turn: Turn, actor: PersonId | None, at: datetime) -> Step:
    assert turn.started_at is not None, "a speech has begun"
    ended = replace(turn, status=Status.DONE, ended_at=at)
    spoken_s = max(0, int((at - turn.started_at).total_seconds()))
    return Step(
        ended,
        FloorEnded(at=at, actor=actor, meeting=turn.meeting, turn=turn.id, person=turn.person, spoken_s=spoken_s),
    )


def _withdrawn(turn: Turn, actor: PersonId | None, at: datetime) -> Step:
    gone = replace(turn, status=Status.WITHDRAWN, ended_at=at)
    return Step(gone, FloorWithdrawn(at=at, actor=actor, meeting=turn.meeting, turn=turn.id, person=turn.person))


def _current(meeting: Meeting) -> ItemId | None:
    return meeting.current_item.id if meeting.current_item else None
