"""Who votes for whom, and the roll that follows."""

from dataclasses import replace

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.kernel.ids import PersonId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Participant
from ecabinet.voting import proxies
from tests.voting.halls import BY, MEETING, PROFILES, person

HOI = PROFILES["hoi"]
GUEST = PersonId("guest")
SEATS = tuple(Participant(person(at), f"Hội viên {at}", "", Role.MEMBER, at, True, at == 0) for at in range(6))
HELD = replace(MEETING, participants=(*SEATS, Participant(GUEST, "Khách", "", Role.GUEST, 50, False)))


def names(*places: int) -> dict[PersonId, PersonId]:
    """Giver, holder, giver, holder …"""
    return {person(giver): person(holder) for giver, holder in zip(places[::2], places[1::2], strict=True)}


REFUSED = [
    ("to oneself", {}, (person(1), person(1)), "proxy_not_possible", "oneself"),
    ("to a guest", {}, (person(1), GUEST), "proxy_not_possible", "not_a_member_with_a_vote"),
    ("by a guest", {}, (GUEST, person(1)), "proxy_not_possible", "not_a_member_with_a_vote"),
    ("to one who gave his away", names(2, 3), (person(1), person(2)), "proxy_not_possible", "holder_gave_a_proxy"),
    ("by one who holds others", names(2, 1), (person(1), person(3)), "proxy_not_possible", "giver_holds_proxies"),
]


@pytest.mark.parametrize(
    ("held", "pair", "code", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_proxy_is_refused(
    held: dict[PersonId, PersonId], pair: tuple[PersonId, PersonId], code: str, reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        proxies.give(HELD, HOI, held, pair, BY)
    assert (refused.value.code, refused.value.detail) == (code, {"reason": reason})


def test_nobody_votes_for_too_many() -> None:
    rule = HOI.proxies
    assert rule is not None
    held = {person(at): person(0) for at in range(1, rule.most + 1)}
    with pytest.raises(Refusal) as refused:
        proxies.give(HELD, HOI, held, (person(5), person(0)), BY)
    assert (refused.value.code, refused.value.detail) == ("proxy_not_allowed", {"most": rule.most})
    # To give the same again, or to somebody else, takes no further place.
    assert proxies.give(HELD, HOI, held, (person(1), person(0)), BY).holder == person(0)


def test_a_public_body_knows_no_proxies() -> None:
    with pytest.raises(Refusal) as refused:
        proxies.give(HELD, PROFILES["chinh-phu"], {}, (person(1), person(2)), BY)
    assert (refused.value.code, refused.value.detail) == ("proxy_not_allowed", {"most": 0})


def test_a_stranger_is_not_found_and_the_end_is_the_end() -> None:
    with pytest.raises(NotFound):
        proxies.give(HELD, HOI, {}, (person(1), PersonId("stranger")), BY)
    over = replace(HELD, phase=meetings.Phase.CLOSED)
    with pytest.raises(Refusal) as refused:
        proxies.give(over, HOI, {}, (person(1), person(2)), BY)
    assert refused.value.code == "wrong_phase"
    with pytest.raises(Refusal) as refused:
        proxies.withdraw(over, person(1), BY)
    assert refused.value.code == "wrong_phase"


def roll(
    present: set[int], held: dict[PersonId, PersonId], recused: set[int] | None = None
) -> list[tuple[str, object]]:
    there = [seat for at, seat in enumerate(SEATS) if at in present]
    away = frozenset(person(at) for at in recused or ())
    return [(each.person, each.proxy) for each in proxies.roll_of(HELD, there, away, held, 2).voters]


def test_the_roll_is_those_there_and_those_they_vote_for_in_order_of_protocol() -> None:
    assert roll({0, 2, 4}, names(1, 4, 5, 4)) == [
        ("p0", None),
        ("p1", "p4"),
        ("p2", None),
        ("p4", None),
        ("p5", "p4"),
    ]


def test_who_comes_votes_himself() -> None:
    assert roll({0, 1}, names(1, 0)) == [("p0", None), ("p1", None)]


def test_a_proxy_who_is_away_votes_for_nobody() -> None:
    assert roll({0}, names(1, 2)) == [("p0", None)]


def test_who_has_withdrawn_neither_votes_nor_is_voted_for() -> None:
    assert roll({0, 1, 2}, names(3, 1, 4, 2), {1, 4}) == [("p0", None), ("p2", None)]


def test_no_more_are_represented_than_the_rules_allow() -> None:
    assert roll({0}, names(1, 0, 2, 0, 3, 0)) == [("p0", None), ("p1", "p0"), ("p2", "p0")]
