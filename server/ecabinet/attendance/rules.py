"""What a connection and the roll call change, and how many must be there. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ecabinet.kernel.errors import NotAllowed, NotFound
from ecabinet.kernel.ids import ItemId, PersonId, QuestionId
from ecabinet.meetings.model import AHEAD, Act, Meeting, Participant, Phase, QuestionOpen
from ecabinet.register.model import Base, Electorate, Quorum, RecusalEffect, RuleProfile

from .model import (
    Change,
    Mark,
    Presence,
    PresenceConnected,
    PresenceDisconnected,
    Recusal,
    RecusalLifted,
    RecusalRecorded,
    RollMarked,
)

COUNTED_IN = frozenset({Phase.CONVENED, Phase.OPEN, Phase.PAUSED})
"""While presence changes. After the end it stays as it was at the end: who reads the minutes is not attending."""


def connect(presence: Presence, at: datetime) -> Change:
    """A live connection. Once more is no news, only a sign of life."""
    new = _moved(presence, replace(presence, is_connected=True, seen_at=at), at)
    if presence.is_connected:
        return Change(new, None)
    return Change(new, PresenceConnected(at=at, actor=new.person, meeting=new.meeting, person=new.person))


def disconnect(presence: Presence, at: datetime) -> Change:
    """No live connection any more."""
    if not presence.is_connected:
        return Change(presence, None)
    new = _moved(presence, replace(presence, is_connected=False), at)
    return Change(new, PresenceDisconnected(at=at, meeting=new.meeting, person=new.person))


def mark(presence: Presence, said: tuple[Mark | None, str | None], at: datetime, by: PersonId) -> Change:
    """The roll call. said: mark and reason; a mark of None takes back what was said. The same again is no news."""
    mark, reason = said
    kept = reason if mark in {Mark.ABSENT, Mark.EXCUSED} else None
    if (mark, kept) == (presence.mark, presence.reason):
        return Change(presence, None)
    new = _moved(presence, replace(presence, mark=mark, reason=kept), at)
    event = RollMarked(at=at, actor=by, meeting=new.meeting, person=new.person, mark=mark)
    return Change(new, event)


def _moved(before: Presence, after: Presence, at: datetime) -> Presence:
    return replace(after, since=at) if before.is_present != after.is_present else after


def present_voters(meeting: Meeting, presences: Mapping[PersonId, Presence]) -> tuple[Participant, ...]:
    """Participants with a vote who are there, in order of protocol. A stand-in is not, whoever is missing; a member
    who has one and is there himself counts."""
    return tuple(each for each in meeting.voters if each.person in presences and presences[each.person].is_present)


def quorum(profile: RuleProfile, in_office: int, seats: int | None, present: int, recused: int = 0) -> Quorum:
    """Whether enough are there.

    in_office  the body's members with a vote on the day of the meeting: leaving someone off the list makes the
        body no smaller
    seats  by law or election; None when the body has no fixed number
    present  without those who have withdrawn from what is before the meeting
    recused  how many have withdrawn: where the body's rules take them out of the base, fewer are needed

    Its `members` are all members, recused or not.
    """
    members = size(profile, in_office, seats)
    leaving = recused if profile.recusal.effect is RecusalEffect.LEAVES_BASE else 0
    return replace(profile.quorum.of(members - leaving, present), members=members)


def size(profile: RuleProfile, in_office: int, seats: int | None) -> int:
    """How many the body counts: members in office, or seats, as its rules say."""
    counts_seats = profile.electorate.counts is Electorate.STATUTORY_SEATS and profile.quorum.base is not Base.REMAINING
    return seats if counts_seats and seats is not None else in_office


# --- recusals ---


def recuse(
    meeting: Meeting, held: Recusal | None, recusal: Recusal, open_question: QuestionId | None
) -> RecusalRecorded | None:
    """Withdraw someone from an item, until the meeting is over. The same again is no news, whatever its reason; but
    what one declared oneself becomes what was recorded of one when somebody else records it too, and the record says
    so. That changes no roll: it may come during a vote.

    open_question  the vote that is under way, and whose roll stands

    Raises MeetingWrongPhase, NotFound, QuestionOpen.
    """
    _check_recusal(meeting, recusal.item, recusal.person)
    if held is not None and not (held.is_own and recusal.by != recusal.person):
        return None
    if held is None:
        _no_vote_runs(open_question)
    return RecusalRecorded(
        at=recusal.at, actor=recusal.by, meeting=meeting.id, item=recusal.item, person=recusal.person
    )


def lift(
    meeting: Meeting, held: Recusal | None, open_question: QuestionId | None, act: Act, *, calls_roll: bool
) -> RecusalLifted:
    """Let someone take part again: what he declared himself he may take back; what somebody else recorded of him he
    may not, not even as the chair.

    Raises NotFound, NotAllowed, MeetingWrongPhase, QuestionOpen.
    """
    if held is None:
        raise NotFound()
    if not (held.is_own if held.person == act.actor else calls_roll):
        raise NotAllowed()
    _check_recusal(meeting, held.item, held.person)
    _no_vote_runs(open_question)
    return RecusalLifted(at=act.at, actor=act.actor, meeting=meeting.id, item=held.item, person=held.person)


def require_entitled(person: PersonId, by: PersonId, *, calls_roll: bool) -> None:
    """Everybody withdraws for himself; whoever calls the roll, for anybody. Raises NotAllowed."""
    if person != by and not calls_roll:
        raise NotAllowed()


def recused(meeting: Meeting, recusals: Iterable[Recusal], items: Iterable[ItemId]) -> frozenset[PersonId]:
    """Participants with a vote who have withdrawn from any of these items."""
    voters = {each.person for each in meeting.voters}
    return withdrawn(recusals, items) & voters


def withdrawn(recusals: Iterable[Recusal], items: Iterable[ItemId]) -> frozenset[PersonId]:
    """Everybody who has withdrawn from any of these items, with a vote or without."""
    named = frozenset(items)
    return frozenset(each.person for each in recusals if each.item in named)


def _check_recusal(meeting: Meeting, item: ItemId, person: PersonId) -> None:
    meeting.require(AHEAD)
    meeting.item(item)
    meeting.participant(person)


def _no_vote_runs(open_question: QuestionId | None) -> None:
    if open_question is not None:
        raise QuestionOpen(question=open_question)
