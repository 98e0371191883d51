"""Who votes for whom where the body's rules allow it, and the roll that follows. Pure."""

from collections.abc import Mapping, Sequence, Set

from ecabinet.kernel.ids import PersonId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, Meeting, Participant
from ecabinet.register.model import RuleProfile
from ecabinet.register.rules import check_proxy

from .events import ProxyGiven, ProxyWithdrawn
from .model import ProxyNotPossible, Roll, Voter

Proxies = Mapping[PersonId, PersonId]
"""Giver → holder."""


def give(meeting: Meeting, profile: RuleProfile, held: Proxies, pair: tuple[PersonId, PersonId], by: Act) -> ProxyGiven:
    """Let another member vote while one is not there. pair: (giver, holder). In place of an earlier holder.

    Raises MeetingWrongPhase, NotFound, ProxyNotAllowed, ProxyNotPossible.
    """
    meeting.require(meetings.AHEAD)
    giver, holder = pair
    votes = [meeting.participant(each).votes for each in pair]
    check_proxy(profile.proxies, 0)
    if not all(votes):
        raise ProxyNotPossible(reason="not_a_member_with_a_vote")
    if giver == holder:
        raise ProxyNotPossible(reason="oneself")
    others = {each: to for each, to in held.items() if each != giver}
    if holder in others:
        raise ProxyNotPossible(reason="holder_gave_a_proxy")
    if giver in others.values():
        raise ProxyNotPossible(reason="giver_holds_proxies")
    check_proxy(profile.proxies, sum(1 for to in others.values() if to == holder))
    return ProxyGiven(giver=giver, holder=holder, at=by.at, actor=by.actor, meeting=meeting.id)


def withdraw(meeting: Meeting, giver: PersonId, by: Act) -> ProxyWithdrawn:
    """Take it back. A question that is open keeps its roll. Raises MeetingWrongPhase."""
    meeting.require(meetings.AHEAD)
    return ProxyWithdrawn(giver=giver, at=by.at, actor=by.actor, meeting=meeting.id)


def roll_of(meeting: Meeting, present: Sequence[Participant], recused: Set[PersonId], held: Proxies, most: int) -> Roll:
    """Who may answer: members with a vote who are there, and those away whom somebody there represents, in order of
    protocol; nobody who has withdrawn, and nobody by one who has.

    most  how many absent members one may vote for; 0 where the body knows no proxies
    """
    there = {each.person for each in present} - recused
    voters: list[Voter] = []
    represented: dict[PersonId, int] = {}
    for each in meeting.voters:
        holder = held.get(each.person)
        if each.person in there:
            voters.append(Voter(each.person, each.name))
        elif holder in there and each.person not in recused and represented.get(holder, 0) < most:
            represented[holder] = represented.get(holder, 0) + 1
            voters.append(Voter(each.person, each.name, holder))
    return Roll(tuple(voters))
