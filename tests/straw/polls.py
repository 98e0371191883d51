"""A room of seven to be asked, and one straw poll."""

from dataclasses import replace

from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import PersonId, StrawPollId
from ecabinet.meetings.model import Act, Meeting
from ecabinet.straw import rules
from ecabinet.straw.model import StrawPoll
from tests.fakes.gathering import CHAIR, a_meeting, participant
from tests.fakes.kernel import NOON

MEMBERS = tuple(PersonId(f"member{number}") for number in range(1, 7))
ROOM = (CHAIR, *MEMBERS)
"""Everybody with a vote; all of them are there."""
POLL = StrawPollId("straw".ljust(26, "0"))
LABELS = ("Họp buổi sáng", "Họp buổi chiều")
CHOICES = ("option-1", "option-2")
NOW = Act(CHAIR, NOON)


def a_room() -> Meeting:
    """The chair and six members with two-word names, at the first item."""
    meeting = a_meeting()
    members = tuple(
        replace(participant(person, Role.MEMBER), name=f"Trần Văn {place}") for place, person in enumerate(MEMBERS, 1)
    )
    kept = tuple(each for each in meeting.participants if each.role is not Role.MEMBER)
    return replace(meeting, participants=kept + members)


def a_poll(roll: tuple[PersonId, ...] = ROOM) -> StrawPoll:
    """Morning or afternoon?"""
    return rules.ask(a_room(), (POLL, "Phiên sau họp buổi nào?", LABELS), roll, NOW)
