"""Who takes part in a meeting and as what; what they answer."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import Invalid, NotFound, Refusal
from ecabinet.kernel.ids import PersonId
from ecabinet.meetings import seating
from ecabinet.meetings.events import InvitationAnswered, ParticipantRemoved, ParticipantSet
from ecabinet.meetings.model import (
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
)
from tests.fakes.meetings import (
    COMMITTEE,
    DEPUTY,
    GUEST,
    HEAD,
    MEMBERS,
    OFFICER,
    SECRETARY,
    STRANGER,
    in_role,
    membership,
)
from tests.meetings.stages import BY, ITEMS, NOW, STAGES, at_item, closed, convened, draft, paused

AN, BINH = MEMBERS[0], MEMBERS[1]


def who(person: PersonId) -> Person:
    return Person(person, person.rstrip("0").title())


def answers(meeting: Meeting, person: PersonId, reply: Reply, *, stand_ins_attend: bool = True) -> Change:
    return seating.answer(meeting, reply, Act(person, NOW), stand_ins_attend=stand_ins_attend)


def with_deputy(meeting: Meeting) -> Meeting:
    """DEPUTY comes for AN."""
    return answers(meeting, AN, Reply(Answer.STAND_IN, None, who(DEPUTY))).meeting


# --- who takes part from the start ---


def test_the_bodys_members_take_part_with_its_head_presiding_and_the_caller_as_secretary() -> None:
    roles = {each.person: (each.role, each.votes) for each in draft().participants}
    assert roles == {
        HEAD: (Role.CHAIR, True),
        **dict.fromkeys(MEMBERS, (Role.MEMBER, True)),
        OFFICER: (Role.MEMBER, False),
        SECRETARY: (Role.SECRETARY, False),
    }
    assert [each.person for each in draft().participants][-1] == SECRETARY


def test_another_member_may_preside_and_a_stranger_may_not() -> None:
    people = seating.participants_from(COMMITTEE, [who(SECRETARY)], AN, SECRETARY)
    chosen = {each.person: each.role for each in people}
    assert (chosen[AN], chosen[HEAD]) == (Role.CHAIR, Role.MEMBER)
    with pytest.raises(Invalid):
        seating.participants_from(COMMITTEE, [who(SECRETARY)], GUEST, SECRETARY)


def test_a_body_without_a_head_starts_without_a_chair() -> None:
    people = seating.participants_from(COMMITTEE[1:], [who(SECRETARY)], None, SECRETARY)
    assert Role.CHAIR not in {each.role for each in people}


def test_two_posts_are_one_place_with_one_vote() -> None:
    twice = (membership(AN, 3, votes=False), membership(AN, 9, votes=True))
    people = seating.participants_from(twice, [who(SECRETARY)], None, SECRETARY)
    assert [(each.person, each.order, each.votes) for each in people] == [(AN, 3, True), (SECRETARY, 4, False)]


def place(role: Role, *, votes: bool = False, prepares: bool = False) -> Participant:
    return Participant(AN, "An", "", role, 1, votes, prepares=prepares)


@pytest.mark.parametrize(
    ("participant", "is_announced", "roles"),
    [
        (place(Role.MEMBER, votes=True), True, {Role.MEMBER}),
        (place(Role.MEMBER, votes=True), False, set()),
        (place(Role.GUEST), False, set()),
        (place(Role.STAND_IN), True, {Role.STAND_IN}),
        (place(Role.CHAIR, votes=True), False, {Role.CHAIR}),
        (place(Role.CHAIR, votes=True, prepares=True), True, {Role.CHAIR, Role.SECRETARY}),
        (place(Role.SECRETARY), False, {Role.SECRETARY}),
        (place(Role.SECRETARY, votes=True), True, {Role.SECRETARY, Role.MEMBER}),
    ],
)
def test_a_place_gives_its_roles_and_a_draft_is_known_to_those_who_prepare_it(
    participant: Participant, is_announced: bool, roles: set[Role]
) -> None:
    assert seating.roles_of(Seat(participant, is_announced)) == roles


# --- the list ---


def seat(person: PersonId, role: Role, *items: int, stands_in_for: PersonId | None = None) -> Seating:
    held = next((each for each in COMMITTEE if each.person == person), None)
    asked = frozenset(ITEMS[each - 1] for each in items) if items else None
    return Seating(who(person), role, asked, stands_in_for, held)


REFUSED: list[tuple[str, Seating, type[Refusal], dict[str, object]]] = [
    ("the chair stays until another presides", seat(HEAD, Role.MEMBER), NoChair, {}),
    (
        "a stranger does not preside",
        seat(GUEST, Role.CHAIR),
        Invalid,
        {"fields": {"role": "not_a_member"}},
    ),
    (
        "a stranger is no member",
        seat(GUEST, Role.MEMBER),
        Invalid,
        {"fields": {"role": "not_a_member"}},
    ),
    (
        "a member keeps the vote",
        seat(AN, Role.GUEST, 1),
        Invalid,
        {"fields": {"role": "is_a_member"}},
    ),
    (
        "a member stands in for nobody",
        seat(AN, Role.STAND_IN, stands_in_for=BINH),
        Invalid,
        {"fields": {"role": "is_a_member"}},
    ),
    ("a guest needs items", seat(GUEST, Role.GUEST), Invalid, {"fields": {"items": "guests_need_items"}}),
    ("members see all items", seat(AN, Role.MEMBER, 1), Invalid, {"fields": {"items": "guests_only"}}),
    (
        "a stand-in stands in for someone",
        seat(DEPUTY, Role.STAND_IN),
        Invalid,
        {"fields": {"stands_in_for": "not_a_member"}},
    ),
    (
        "a stand-in stands in for a member",
        seat(DEPUTY, Role.STAND_IN, stands_in_for=SECRETARY),
        Invalid,
        {"fields": {"stands_in_for": "not_a_member"}},
    ),
    (
        "others stand in for nobody",
        seat(SECRETARY, Role.SECRETARY, stands_in_for=AN),
        Invalid,
        {"fields": {"stands_in_for": "stand_ins_only"}},
    ),
    (
        "a role of a body is none here",
        seat(DEPUTY, Role.BODY_SECRETARY),
        Invalid,
        {"fields": {"role": "not_a_role_in_meetings"}},
    ),
]


@pytest.mark.parametrize(
    ("seating_of", "kind", "detail"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_list_that_cannot_be_is_refused(seating_of: Seating, kind: type[Refusal], detail: dict[str, object]) -> None:
    with pytest.raises(kind) as refused:
        seating.set_participant(convened(), seating_of, BY)
    assert type(refused.value) is kind
    assert refused.value.detail == detail


def test_a_guest_is_asked_for_items_of_this_meeting() -> None:
    strange = replace(seat(GUEST, Role.GUEST), items=frozenset({ITEMS[0], type(ITEMS[0])("elsewhere")}))
    with pytest.raises(Invalid):
        seating.set_participant(convened(), strange, BY)
    meeting = seating.set_participant(convened(), seat(GUEST, Role.GUEST, 2), BY).meeting
    guest = meeting.participant(GUEST)
    assert (guest.items, guest.votes, guest.answer) == (frozenset({ITEMS[1]}), False, Answer.PENDING)


def test_when_another_presides_the_former_chair_is_a_member_again() -> None:
    change = seating.set_participant(convened(), seat(AN, Role.CHAIR), BY)
    assert change.meeting.chair is not None
    assert change.meeting.chair.person == AN
    assert change.meeting.participant(HEAD).role is Role.MEMBER
    assert isinstance(change.event, ParticipantSet)
    assert change.event.former_chair == HEAD


def test_a_member_who_keeps_the_minutes_keeps_the_vote() -> None:
    meeting = seating.set_participant(convened(), seat(AN, Role.SECRETARY), BY).meeting
    assert meeting.participant(AN).votes


def test_who_called_the_meeting_and_becomes_a_guest_prepares_it_no_longer() -> None:
    guest = Seating(who(SECRETARY), Role.GUEST, frozenset({ITEMS[0]}), None, None)
    with pytest.raises(NoSecretary):
        seating.set_participant(convened(), guest, BY)
    other = Participant(STRANGER, "Thư ký 2", "", Role.SECRETARY, 99, votes=False)
    meeting = seating.set_participant(convened().with_participant(other), guest, BY).meeting
    assert seating.roles_of(seating.seat_of(meeting, SECRETARY)) == {Role.GUEST}


def test_somebody_is_always_left_to_prepare_the_meeting() -> None:
    with pytest.raises(NoSecretary):
        seating.remove_participant(convened(), SECRETARY, BY)
    meeting = convened().with_participant(replace(convened().participant(SECRETARY), prepares=False))
    with pytest.raises(NoSecretary):
        seating.set_participant(meeting, seat(SECRETARY, Role.GUEST, 1), BY)
    two = seating.set_participant(convened(), seat(OFFICER, Role.SECRETARY), BY).meeting
    assert not seating.remove_participant(two, SECRETARY, BY).meeting.takes_part(SECRETARY)


@pytest.mark.parametrize("phase", Phase)
def test_who_is_on_the_list_changes_until_the_end_and_voters_leave_it_only_before_the_start(phase: Phase) -> None:
    meeting = STAGES[phase]()
    ahead = phase not in {Phase.CLOSED, Phase.CANCELLED}
    acts: tuple[tuple[bool, Callable[[], Change]], ...] = (
        (ahead, lambda: seating.set_participant(meeting, seat(GUEST, Role.GUEST, 1), BY)),
        (ahead, lambda: seating.remove_participant(meeting, OFFICER, BY)),
        (phase in {Phase.DRAFT, Phase.CONVENED}, lambda: seating.remove_participant(meeting, AN, BY)),
    )
    for allowed, act in acts:
        if allowed:
            assert act().meeting != meeting
        else:
            with pytest.raises(MeetingWrongPhase):
                act()


def test_the_chair_is_not_removed_and_a_stranger_is_not_found() -> None:
    with pytest.raises(NoChair):
        seating.remove_participant(convened(), HEAD, BY)
    with pytest.raises(NotFound):
        seating.remove_participant(convened(), STRANGER, BY)


def test_with_a_member_goes_the_stand_in() -> None:
    change = seating.remove_participant(with_deputy(convened()), AN, BY)
    assert not change.meeting.takes_part(DEPUTY)
    assert isinstance(change.event, ParticipantRemoved)
    assert change.event.gone == (AN, DEPUTY)


def test_without_the_stand_in_the_member_has_to_answer_again() -> None:
    meeting = seating.remove_participant(with_deputy(convened()), DEPUTY, BY).meeting
    assert meeting.participant(AN).answer is Answer.PENDING
    other = seating.set_participant(with_deputy(convened()), seat(DEPUTY, Role.GUEST, 1), BY).meeting
    assert other.participant(AN).answer is Answer.PENDING


def test_the_secretary_may_name_a_stand_in_and_only_one() -> None:
    meeting = seating.set_participant(convened(), seat(DEPUTY, Role.STAND_IN, stands_in_for=AN), BY).meeting
    assert meeting.participant(AN).answer is Answer.STAND_IN
    assert meeting.stand_in_of(AN) == meeting.participant(DEPUTY)
    with pytest.raises(StandInIsThere):
        seating.set_participant(meeting, seat(GUEST, Role.STAND_IN, stands_in_for=AN), BY)


# --- answers ---


@pytest.mark.parametrize("phase", Phase)
def test_an_invitation_is_answered_from_its_sending_to_the_end(phase: Phase) -> None:
    meeting = STAGES[phase]()
    if phase in {Phase.CONVENED, Phase.OPEN, Phase.PAUSED}:
        answered = answers(meeting, AN, Reply(Answer.REMOTE)).meeting.participant(AN)
        assert (answered.answer, answered.answered_at) == (Answer.REMOTE, NOW)
        return
    with pytest.raises(MeetingWrongPhase):
        answers(meeting, AN, Reply(Answer.REMOTE))


@pytest.mark.parametrize(
    ("reply", "field"),
    [
        (Reply(Answer.PENDING), "answer"),
        (Reply(Answer.ABSENT), "reason"),
        (Reply(Answer.ABSENT, ""), "reason"),
        (Reply(Answer.STAND_IN), "stand_in"),
        (Reply(Answer.IN_PERSON, None, who(DEPUTY)), "stand_in"),
    ],
)
def test_an_answer_says_all_it_must(reply: Reply, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        answers(convened(), AN, reply)
    assert list(refused.value.detail["fields"]) == [field]


def test_a_reason_is_kept_for_an_absence_and_stays_out_of_the_record() -> None:
    change = answers(convened(), AN, Reply(Answer.ABSENT, "Đi công tác"))
    assert change.meeting.participant(AN).reason == "Đi công tác"
    assert "Đi công tác" not in str(change.event.payload())
    back = answers(change.meeting, AN, Reply(Answer.IN_PERSON, "Đi công tác")).meeting
    assert back.participant(AN).reason is None


def test_a_stand_in_comes_right_after_the_member_and_has_no_vote() -> None:
    meeting = with_deputy(convened())
    order = [each.person for each in meeting.participants]
    assert order.index(DEPUTY) == order.index(AN) + 1
    stand_in = meeting.participant(DEPUTY)
    assert (stand_in.role, stand_in.votes, stand_in.stands_in_for) == (Role.STAND_IN, False, AN)
    assert meeting.participant(AN) in meeting.voters


def test_a_member_who_comes_after_all_comes_without_the_stand_in() -> None:
    change = answers(with_deputy(convened()), AN, Reply(Answer.IN_PERSON))
    assert not change.meeting.takes_part(DEPUTY)
    assert isinstance(change.event, InvitationAnswered)
    assert change.event.gone == (DEPUTY,)


def test_another_stand_in_replaces_the_first_and_the_same_one_stays() -> None:
    meeting = with_deputy(convened())
    other = answers(meeting, AN, Reply(Answer.STAND_IN, None, who(GUEST))).meeting
    assert (other.takes_part(DEPUTY), other.takes_part(GUEST)) == (False, True)
    confirmed = answers(meeting, DEPUTY, Reply(Answer.REMOTE)).meeting
    same = answers(confirmed, AN, Reply(Answer.STAND_IN, "Bận", who(DEPUTY))).meeting
    assert same.participant(DEPUTY).answer is Answer.REMOTE


def test_once_the_meeting_is_open_its_stand_in_stays() -> None:
    meeting = replace(with_deputy(convened()), phase=Phase.OPEN)
    change = answers(meeting, AN, Reply(Answer.IN_PERSON))
    assert change.meeting.takes_part(DEPUTY)
    assert isinstance(change.event, InvitationAnswered)
    assert change.event.gone == ()
    with pytest.raises(StandInIsThere):
        answers(meeting, AN, Reply(Answer.STAND_IN, None, who(GUEST)))


def test_who_takes_part_already_comes_in_nobodys_place() -> None:
    for person in (BINH, AN, SECRETARY):
        with pytest.raises(AlreadyParticipant):
            answers(convened(), AN, Reply(Answer.STAND_IN, None, who(person)))


def test_only_members_send_a_stand_in_and_only_where_the_rules_know_them() -> None:
    reply = Reply(Answer.STAND_IN, None, who(DEPUTY))
    with pytest.raises(StandInNotAllowed):
        answers(convened(), SECRETARY, reply)
    with pytest.raises(StandInNotAllowed):
        answers(convened(), AN, reply, stand_ins_attend=False)


def test_who_is_not_asked_does_not_answer() -> None:
    with pytest.raises(NotFound):
        answers(paused(), STRANGER, Reply(Answer.REMOTE))


def test_the_list_of_a_closed_meeting_does_not_change_by_an_answer() -> None:
    with pytest.raises(MeetingWrongPhase):
        answers(closed(), AN, Reply(Answer.ABSENT, "Muộn"))
    assert at_item().participant(AN).answer is Answer.PENDING
    assert in_role(draft(), AN, Role.SECRETARY).participant(AN).role is Role.SECRETARY
