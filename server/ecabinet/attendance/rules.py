"""What a connection and the roll call change, and how many must be there. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ecabinet.kernel.ids import PersonId
from ecabinet.meetings.model import Meeting, Participant, Phase
from ecabinet.register.model import Base, Electorate, Quorum, RuleProfile

from .model import Change, Mark, Presence, PresenceConnected, PresenceDisconnected, RollMarked

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
    event = RollMarked(at=at, actor=by, meeting=new.meeting, person=new.person, mark=mark, reason=kept)
    return Change(new, event)


def _moved(before: Presence, after: Presence, at: datetime) -> Presence:
    return replace(after, since=at) if before.is_present != after.is_present else after


def present_voters(meeting: Meeting, presences: Mapping[PersonId, Presence]) -> tuple[Participant, ...]:
    """Participants with a vote who are there, in order of protocol. A stand-in is not, whoever is missing; a member
    who has one and is there himself counts."""
    return tuple(each for each in meeting.voters if each.person in presences and presences[each.person].is_present)


def quorum(profile: RuleProfile, in_office: int, seats: int | None, present: int) -> Quorum:
    """Whether enough are there.

    in_office  the body's members with a vote on the day of the meeting: leaving someone off the list makes the
        body no smaller
    seats  by law or election; None when the body has no fixed number
    """
    counts_seats = profile.electorate.counts is Electorate.STATUTORY_SEATS and profile.quorum.base is not Base.REMAINING
    return profile.quorum.of(seats if counts_seats and seats is not None else in_office, present)
