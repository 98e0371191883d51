"""What a connection and the roll call change, and how many must be there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.attendance import rules
from ecabinet.attendance.model import Change, Mark, Presence, PresenceConnected, PresenceDisconnected, RollMarked
from ecabinet.kernel.ids import PersonId
from ecabinet.register.model import Base, Electorate, RuleProfile
from ecabinet.register.profiles import shipped
from tests.fakes.kernel import NOON
from tests.fakes.meetings import DEPUTY, HEAD, MEMBERS, OFFICER, SECRETARY
from tests.meetings.stages import MEETING, convened
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
    assert (event.actor, event.person, event.mark, event.reason) == (SECRETARY, AN, Mark.EXCUSED, "Ốm")


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
