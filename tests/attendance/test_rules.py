"""What a connection and the roll call change, and how many must be there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.attendance import rules
from ecabinet.attendance.model import (
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
from ecabinet.kernel.errors import NotAllowed, NotFound, Refusal
from ecabinet.kernel.ids import ItemId, PersonId, QuestionId
from ecabinet.meetings.model import Act, Meeting, MeetingWrongPhase, Phase, QuestionOpen
from ecabinet.register.model import Base, Electorate, RecusalEffect, RuleProfile
from ecabinet.register.profiles import shipped
from tests.fakes.kernel import NOON
from tests.fakes.meetings import DEPUTY, HEAD, MEMBERS, OFFICER, SECRETARY, STRANGER
from tests.meetings.stages import ITEMS, MEETING, STAGES, convened
from tests.meetings.test_seating import with_deputy

AN = MEMBERS[0]
LATER = NOON + timedelta(minutes=5)
PROFILES: dict[str, RuleProfile] = {profile.id: profile for profile in shipped()}
NEVER = Presence(MEETING, AN)


def connected() -> Presence:
    return rules.connect(NEVER, NOON).presence


def marked(mark: Mark | None, presence: Presence = NEVER, reason: str | None = None) -> Change:
    return rules.mark(presence, (mark, reason), LATER, SECRETARY)


@pytest.mark.parametrize("is_connected", [False, True])
@pytest.mark.parametrize("mark", [None, *Mark])
def test_the_roll_call_outweighs_the_connection(*, is_connected: bool, mark: Mark | None) -> None:
    presence = replace(NEVER, is_connected=is_connected, mark=mark)
    assert presence.is_present is (is_connected if mark is None else mark is Mark.PRESENT)


def test_a_connection_makes_present_since_then() -> None:
    change = rules.connect(NEVER, NOON)
    assert (change.presence.is_present, change.presence.since, change.presence.seen_at) == (True, NOON, NOON)
    assert change.event == PresenceConnected(at=NOON, actor=AN, meeting=MEETING, person=AN)


def test_a_connection_once_more_is_a_sign_of_life_and_no_news() -> None:
    again = rules.connect(connected(), LATER)
    assert again.event is None
    assert (again.presence.since, again.presence.seen_at) == (NOON, LATER)


def test_the_last_connections_end_is_news_once() -> None:
    change = rules.disconnect(connected(), LATER)
    assert change.event == PresenceDisconnected(at=LATER, meeting=MEETING, person=AN)
    assert (change.presence.is_present, change.presence.since) == (False, LATER)
    assert rules.disconnect(change.presence, LATER).event is None
    assert rules.disconnect(NEVER, LATER) == Change(NEVER, None)


def test_since_moves_only_with_presence_itself() -> None:
    assert marked(Mark.PRESENT, connected()).presence.since == NOON
    absent = marked(Mark.ABSENT, connected(), "Ra ngoài")
    assert (absent.presence.since, absent.presence.reason) == (LATER, "Ra ngoài")
    assert rules.disconnect(absent.presence, LATER + timedelta(hours=1)).presence.since == LATER


def test_the_roll_call_says_who_called_it() -> None:
    event = marked(Mark.EXCUSED, reason="Ốm").event
    assert isinstance(event, RollMarked)
    assert (event.actor, event.person, event.mark) == (SECRETARY, AN, Mark.EXCUSED)
    assert "Ốm" not in str(event.payload())


def test_a_mark_taken_back_leaves_the_connection_to_speak() -> None:
    absent = marked(Mark.ABSENT, connected()).presence
    back = marked(None, absent)
    assert back.presence.is_present
    assert back.event is not None
    assert marked(None, connected()).event is None


def test_the_present_need_no_reason_and_the_same_mark_is_no_news() -> None:
    present = marked(Mark.PRESENT, reason="Có mặt").presence
    assert present.reason is None
    assert marked(Mark.PRESENT, present).event is None
    absent = marked(Mark.ABSENT).presence
    assert marked(Mark.ABSENT, absent, "Ốm").event is not None


# --- who counts ---


def there(*people: PersonId) -> dict[PersonId, Presence]:
    return {person: Presence(MEETING, person, is_connected=True) for person in people}


def counted(presences: dict[PersonId, Presence]) -> list[PersonId]:
    return [each.person for each in rules.present_voters(with_deputy(convened()), presences)]


def test_stand_ins_secretaries_and_those_without_a_vote_never_count() -> None:
    assert counted(there(DEPUTY, SECRETARY, OFFICER)) == []
    assert counted(there(MEMBERS[1], HEAD, DEPUTY)) == [HEAD, MEMBERS[1]]


def test_a_member_who_comes_beside_the_stand_in_counts_himself() -> None:
    assert counted(there(AN, DEPUTY)) == [AN]


def test_who_is_marked_absent_does_not_count_though_connected() -> None:
    assert counted({AN: replace(connected(), mark=Mark.EXCUSED)}) == []


@pytest.mark.parametrize(
    ("body", "in_office", "needed"),
    [("chinh-phu", 27, 18), ("ubnd-tinh", 21, 14), ("ubnd-tinh", 7, 5), ("hdnd-tinh", 75, 50), ("lanh-dao-bo", 7, 5)],
)
def test_two_thirds_must_be_there(body: str, in_office: int, needed: int) -> None:
    enough = rules.quorum(PROFILES[body], in_office, None, needed)
    assert (enough.members, enough.needed, enough.is_quorate) == (in_office, needed, True)
    assert not rules.quorum(PROFILES[body], in_office, None, needed - 1).is_quorate
    assert enough.article == PROFILES[body].quorum.citation.label()


def test_vacant_seats_count_where_the_rules_say_so() -> None:
    plain = PROFILES["ubnd-tinh"]
    seats = replace(plain, electorate=replace(plain.electorate, counts=Electorate.STATUTORY_SEATS))
    assert rules.quorum(plain, 7, 9, 6).members == 7
    assert rules.quorum(seats, 7, 9, 6).members == 9
    assert rules.quorum(seats, 7, None, 6).members == 7
    remaining = replace(seats, quorum=replace(seats.quorum, base=Base.REMAINING))
    assert rules.quorum(remaining, 7, 9, 6).members == 7


def test_who_has_withdrawn_is_not_needed_where_the_rules_take_him_out_of_the_base() -> None:
    stays = PROFILES["ubnd-tinh"]
    leaves = replace(stays, recusal=replace(stays.recusal, effect=RecusalEffect.LEAVES_BASE))
    found = [rules.quorum(profile, 21, None, 13, recused=3) for profile in (stays, leaves)]
    assert [(each.members, each.needed, each.is_quorate) for each in found] == [(21, 14, False), (21, 12, True)]


# --- recusals ---

ITEM = ITEMS[0]
WITHDRAWN = Recusal(MEETING, ITEM, AN, "Con gái là giám đốc đơn vị", NOON, SECRETARY)
VOTE = QuestionId("question")


def test_a_recusal_is_told_without_its_reason_and_only_once() -> None:
    event = rules.recuse(convened(), None, WITHDRAWN, None)
    assert event == RecusalRecorded(at=NOON, actor=SECRETARY, meeting=MEETING, item=ITEM, person=AN)
    assert event is not None
    assert event.payload() == {"item": ITEM, "person": AN}
    assert rules.recuse(convened(), WITHDRAWN, replace(WITHDRAWN, reason="Lý do khác"), VOTE) is None


@pytest.mark.parametrize("phase", Phase)
def test_one_withdraws_and_comes_back_until_the_meeting_is_over(phase: Phase) -> None:
    meeting = STAGES[phase]()
    if phase in {Phase.CLOSED, Phase.CANCELLED}:
        with pytest.raises(MeetingWrongPhase):
            rules.recuse(meeting, None, WITHDRAWN, None)
        with pytest.raises(MeetingWrongPhase):
            rules.lift(meeting, WITHDRAWN, None, Act(SECRETARY, LATER), calls_roll=True)
        return
    assert rules.recuse(meeting, None, WITHDRAWN, None) is not None
    lifted = rules.lift(meeting, WITHDRAWN, None, Act(SECRETARY, LATER), calls_roll=True)
    assert lifted == RecusalLifted(at=LATER, actor=SECRETARY, meeting=MEETING, item=ITEM, person=AN)


@pytest.mark.parametrize(
    ("recusal", "vote", "refusal"),
    [
        (replace(WITHDRAWN, item=ItemId("nowhere")), None, NotFound),
        (replace(WITHDRAWN, person=STRANGER), None, NotFound),
        (WITHDRAWN, VOTE, QuestionOpen),
    ],
)
def test_nobody_withdraws_so(recusal: Recusal, vote: QuestionId | None, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        rules.recuse(convened(), None, recusal, vote)


OWN = replace(WITHDRAWN, by=AN)


@pytest.mark.parametrize(
    ("held", "by", "calls_roll", "refusal"),
    [
        (None, SECRETARY, True, NotFound),
        (WITHDRAWN, AN, False, NotAllowed),
        (OWN, MEMBERS[1], False, NotAllowed),
        (OWN, AN, False, None),
        (OWN, SECRETARY, True, None),
        (WITHDRAWN, SECRETARY, True, None),
        (replace(WITHDRAWN, person=HEAD), HEAD, True, NotAllowed),
        (replace(WITHDRAWN, person=HEAD, by=HEAD), HEAD, True, None),
    ],
)
def test_one_takes_back_what_one_declared_oneself_and_nothing_else(
    *, held: Recusal | None, by: PersonId, calls_roll: bool, refusal: type[Refusal] | None
) -> None:
    def lift() -> RecusalLifted:
        return rules.lift(convened(), held, None, Act(by, LATER), calls_roll=calls_roll)

    if refusal is None:
        assert lift().actor == by
        return
    with pytest.raises(refusal):
        lift()


def test_what_one_declared_becomes_what_was_recorded_of_one() -> None:
    told = rules.recuse(convened(), OWN, WITHDRAWN, VOTE)
    assert told == RecusalRecorded(at=NOON, actor=SECRETARY, meeting=MEETING, item=ITEM, person=AN)
    assert rules.recuse(convened(), WITHDRAWN, WITHDRAWN, None) is None
    assert rules.recuse(convened(), WITHDRAWN, OWN, None) is None
    assert rules.recuse(convened(), OWN, OWN, None) is None


def test_nobody_comes_back_into_a_vote_under_way() -> None:
    with pytest.raises(QuestionOpen):
        rules.lift(convened(), WITHDRAWN, VOTE, Act(SECRETARY, LATER), calls_roll=True)


def test_everybody_withdraws_for_himself_and_who_calls_the_roll_for_others() -> None:
    rules.require_entitled(AN, AN, calls_roll=False)
    rules.require_entitled(AN, SECRETARY, calls_roll=True)
    with pytest.raises(NotAllowed):
        rules.require_entitled(AN, MEMBERS[1], calls_roll=False)


def test_only_those_with_a_vote_leave_the_electorate() -> None:
    meeting: Meeting = with_deputy(convened())
    recusals = [WITHDRAWN, replace(WITHDRAWN, person=DEPUTY), replace(WITHDRAWN, item=ITEMS[1], person=HEAD)]
    assert rules.recused(meeting, recusals, [ITEM]) == {AN}
    assert rules.recused(meeting, recusals, ITEMS) == {AN, HEAD}
    assert rules.recused(meeting, recusals, []) == frozenset()
    assert rules.withdrawn(recusals, [ITEM]) == {AN, DEPUTY}
