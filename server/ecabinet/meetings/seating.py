"""Who takes part in a meeting and as what; invitations and answers. Pure, below `rules`."""

from collections.abc import Iterable
from dataclasses import replace

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.ids import PersonId
from ecabinet.register.model import Membership

from .events import (
    InvitationAnswered,
    ParticipantRemoved,
    ParticipantSet,
)
from .model import (
    AHEAD,
    RUNNING,
    Act,
    AlreadyParticipant,
    Answer,
    Change,
    Meeting,
    MeetingWrongPhase,
    NoChair,
    NoSecretary,
    Participant,
    Person,
    Phase,
    Reply,
    Seat,
    Seating,
    StandInIsThere,
    StandInNotAllowed,
    protocol,
)

ANSWERED_IN = frozenset({Phase.CONVENED}) | RUNNING
OF_THE_BODY = frozenset({Role.CHAIR, Role.MEMBER})
"""Roles that only members of the body have."""


# --- who someone is in a meeting ---


def roles_of(seat: Seat) -> frozenset[Role]:
    """The roles that a place in a meeting gives. None while it is a draft that the person does not prepare: an
    invitation that has not gone out is not to be known of."""
    participant = seat.participant
    roles = {participant.role}
    if participant.prepares:
        roles.add(Role.SECRETARY)
    if participant.role is Role.SECRETARY and participant.votes:
        # Who keeps the minutes and has a vote keeps both.
        roles.add(Role.MEMBER)
    if not seat.is_announced and not roles & {Role.CHAIR, Role.SECRETARY}:
        return frozenset()
    return frozenset(roles)


def seat_of(meeting: Meeting, person: PersonId) -> Seat:
    """Raises NotFound when the person does not take part."""
    return Seat(meeting.participant(person), meeting.convened_at is not None)


def is_prepared_by_someone(meeting: Meeting) -> bool:
    """Whether anybody is left who may prepare it."""
    return any(each.role is Role.SECRETARY or each.prepares for each in meeting.participants)


def participants_from(
    members: Iterable[Membership], secretaries: Iterable[Person], chair: PersonId | None, creator: PersonId
) -> tuple[Participant, ...]:
    """Who takes part from the start: the body's members, and its secretaries with the one who calls the meeting.

    chair  who presides; None: the body's head
    Raises Invalid when the chosen chair is no member of the body.
    """
    by_person: dict[PersonId, Participant] = {}
    for each in sorted(members, key=lambda member: (member.order, member.name)):
        held = by_person.get(each.person)
        if held is None:
            by_person[each.person] = _of_member(each)
        elif each.votes or each.is_head:
            # A person with two posts has one place, the better one in the order of protocol, and at most one vote.
            by_person[each.person] = replace(held, votes=held.votes or each.votes, is_head=held.is_head or each.is_head)
    if chair is not None and chair not in by_person:
        raise Invalid(fields={"chair": "not_a_member"})
    last = max((each.order for each in by_person.values()), default=0)
    for place, person in enumerate(secretaries, start=1):
        held = by_person.get(person.person) or Participant(
            person.person, person.name, post="", role=Role.SECRETARY, order=last + place, votes=False
        )
        by_person[person.person] = replace(held, role=Role.SECRETARY, prepares=person.person == creator)
    chosen = chair or next((each.person for each in by_person.values() if each.is_head), None)
    if chosen is not None:
        by_person[chosen] = replace(by_person[chosen], role=Role.CHAIR)
    return tuple(sorted(by_person.values(), key=protocol))


def _of_member(member: Membership) -> Participant:
    return Participant(
        member.person,
        member.name,
        post=member.title.vi,
        role=Role.MEMBER,
        order=member.order,
        votes=member.votes,
        is_head=member.is_head,
    )


def with_chair(meeting: Meeting, chair: Participant) -> Meeting:
    """With this participant presiding; who presided before is a member again."""
    former = meeting.chair
    if former is not None and former.person != chair.person:
        meeting = meeting.with_participant(replace(former, role=Role.MEMBER))
    return meeting.with_participant(chair)


# --- the list ---


def set_participant(meeting: Meeting, seating: Seating, by: Act) -> Change:
    """Put someone on the list, or change the role of someone who is on it.

    Raises MeetingWrongPhase, NoChair, Invalid, StandInIsThere, NoSecretary.
    """
    meeting.require(AHEAD)
    held = meeting.participant(seating.who.person) if meeting.takes_part(seating.who.person) else None
    if held is not None and held.role is Role.CHAIR and seating.role is not Role.CHAIR:
        raise NoChair()
    _check_role(seating)
    _check_items(meeting, seating)
    _check_stand_in(meeting, seating)
    placed = _placed(meeting, seating, held)
    former = meeting.chair if seating.role is Role.CHAIR else None
    result = _released(meeting, held) if held else meeting
    result = with_chair(result, placed) if seating.role is Role.CHAIR else result.with_participant(placed)
    if placed.stands_in_for is not None:
        absent = result.participant(placed.stands_in_for)
        result = result.with_participant(replace(absent, answer=Answer.STAND_IN, answered_at=by.at))
    if not is_prepared_by_someone(result):
        raise NoSecretary()
    event = ParticipantSet(
        at=by.at,
        actor=by.actor,
        meeting=meeting.id,
        person=placed.person,
        name=placed.name,
        role=placed.role,
        votes=placed.votes,
        items=placed.items,
        stands_in_for=placed.stands_in_for,
        former_chair=former.person if former and former.person != placed.person else None,
        freed=held.stands_in_for if held else None,
    )
    return Change(result, event)


def _check_role(seating: Seating) -> None:
    if seating.role not in OF_THE_BODY | {Role.SECRETARY, Role.STAND_IN, Role.GUEST}:
        raise Invalid(fields={"role": "not_a_role_in_meetings"})
    if seating.role in OF_THE_BODY and seating.membership is None:
        raise Invalid(fields={"role": "not_a_member"})
    if seating.role in {Role.GUEST, Role.STAND_IN} and seating.membership is not None and seating.membership.votes:
        # A member would lose the vote by it.
        raise Invalid(fields={"role": "is_a_member"})


def _check_items(meeting: Meeting, seating: Seating) -> None:
    if seating.role is not Role.GUEST:
        if seating.items is not None:
            raise Invalid(fields={"items": "guests_only"})
        return
    if not seating.items or not seating.items <= {item.id for item in meeting.items}:
        raise Invalid(fields={"items": "guests_need_items"})


def _check_stand_in(meeting: Meeting, seating: Seating) -> None:
    if seating.role is not Role.STAND_IN:
        if seating.stands_in_for is not None:
            raise Invalid(fields={"stands_in_for": "stand_ins_only"})
        return
    absent = next((each for each in meeting.participants if each.person == seating.stands_in_for), None)
    if absent is None or absent.person == seating.who.person or not _may_be_stood_in_for(absent):
        raise Invalid(fields={"stands_in_for": "not_a_member"})
    other = meeting.stand_in_of(absent.person)
    if other is not None and other.person != seating.who.person:
        raise StandInIsThere(stand_in=other.person)


def _may_be_stood_in_for(participant: Participant) -> bool:
    return participant.votes or participant.role in OF_THE_BODY


def _placed(meeting: Meeting, seating: Seating, held: Participant | None) -> Participant:
    member = seating.membership
    belongs = seating.role in OF_THE_BODY | {Role.SECRETARY}
    new = held or Participant(
        seating.who.person, seating.who.name, post="", role=seating.role, order=_last_order(meeting) + 1, votes=False
    )
    if member is not None:
        new = replace(new, name=member.name, post=member.title.vi, order=member.order, is_head=member.is_head)
    elif seating.stands_in_for is not None:
        new = replace(new, order=meeting.participant(seating.stands_in_for).order)
    return replace(
        new,
        role=seating.role,
        votes=member is not None and member.votes and belongs,
        items=seating.items,
        stands_in_for=seating.stands_in_for,
        # Whoever called the meeting and now comes as a guest sees no more of it than other guests.
        prepares=new.prepares and belongs,
    )


def _last_order(meeting: Meeting) -> int:
    return max((each.order for each in meeting.participants), default=0)


def remove_participant(meeting: Meeting, person: PersonId, by: Act) -> Change:
    """Take someone off the list, with whoever would have come instead. Once the meeting is open, only those
    without a vote.

    Raises MeetingWrongPhase, NotFound, NoChair, NoSecretary.
    """
    meeting.require(AHEAD)
    gone = meeting.participant(person)
    if gone.role is Role.CHAIR:
        raise NoChair()
    if gone.votes and meeting.phase in RUNNING:
        raise MeetingWrongPhase(phase=meeting.phase.value)
    stand_in = meeting.stand_in_of(person)
    result = _released(meeting, gone).without(person)
    if stand_in is not None:
        result = result.without(stand_in.person)
    if not is_prepared_by_someone(result):
        raise NoSecretary()
    event = ParticipantRemoved(
        at=by.at,
        actor=by.actor,
        meeting=meeting.id,
        person=person,
        stand_in=stand_in.person if stand_in else None,
        freed=gone.stands_in_for,
    )
    return Change(result, event)


def _released(meeting: Meeting, participant: Participant) -> Meeting:
    """The member whose stand-in this was has to answer again."""
    if participant.stands_in_for is None:
        return meeting
    absent = meeting.participant(participant.stands_in_for)
    return meeting.with_participant(replace(absent, answer=Answer.PENDING, reason=None, answered_at=None))


# --- answers ---


def answer(meeting: Meeting, reply: Reply, by: Act, *, stand_ins_attend: bool) -> Change:
    """Keep what someone answers to the invitation, until the meeting closes.

    stand_ins_attend  whether the body's rules know stand-ins
    Raises MeetingWrongPhase, NotFound, Invalid, StandInNotAllowed, StandInIsThere, AlreadyParticipant.
    """
    meeting.require(ANSWERED_IN)
    held = meeting.participant(by.actor)
    _check_reply(reply)
    former = meeting.stand_in_of(held.person)
    if reply.stand_in is not None:
        if not stand_ins_attend or not _may_be_stood_in_for(held):
            raise StandInNotAllowed()
        _check_newcomer(meeting, reply.stand_in, former)
    stays = former is not None and (
        meeting.phase in RUNNING or (reply.stand_in is not None and reply.stand_in.person == former.person)
    )
    result = meeting if former is None or stays else meeting.without(former.person)
    if reply.stand_in is not None and not stays:
        result = result.with_participant(_stand_in(reply.stand_in, held))
    reason = reply.reason if reply.answer in {Answer.ABSENT, Answer.STAND_IN} else None
    result = result.with_participant(replace(held, answer=reply.answer, reason=reason, answered_at=by.at))
    event = InvitationAnswered(
        at=by.at,
        actor=by.actor,
        meeting=meeting.id,
        person=held.person,
        answer=reply.answer,
        stand_in=reply.stand_in.person if reply.stand_in else None,
        former_stand_in=former.person if former and not stays else None,
    )
    return Change(result, event)


def _check_reply(reply: Reply) -> None:
    if reply.answer is Answer.PENDING:
        raise Invalid(fields={"answer": "not_an_answer"})
    if reply.answer is Answer.ABSENT and not reply.reason:
        raise Invalid(fields={"reason": "missing"})
    if (reply.answer is Answer.STAND_IN) != (reply.stand_in is not None):
        raise Invalid(fields={"stand_in": "missing" if reply.stand_in is None else "stand_ins_only"})


def _check_newcomer(meeting: Meeting, newcomer: Person, former: Participant | None) -> None:
    if former is not None and former.person == newcomer.person:
        return
    if former is not None and meeting.phase in RUNNING:
        raise StandInIsThere(stand_in=former.person)
    if meeting.takes_part(newcomer.person):
        raise AlreadyParticipant()


def _stand_in(newcomer: Person, absent: Participant) -> Participant:
    return Participant(
        newcomer.person,
        newcomer.name,
        post="",
        role=Role.STAND_IN,
        order=absent.order,
        votes=False,
        stands_in_for=absent.person,
    )
