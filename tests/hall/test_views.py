"""What leaves the hall: who wrote and where two differ, never a number before they agree."""

import json
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.hall import rules, views
from ecabinet.hall.model import Kind, Sheet
from ecabinet.hall.realtime import HallRealtime
from ecabinet.hall.service import Hall
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import ItemId
from ecabinet.meetings.model import Act
from ecabinet.voting.model import Levels
from tests.hall.halls import HEAD, LAN, MAI, SECOND, by_hands, elected, election, elections, rated, rating
from tests.voting.halls import AT, person

ITEMS = (ItemId("item-2"), ItemId("item-3"))


def entered() -> Sheet:
    return rules.enter(election(), None, rules.count(election(), elections()), None, Act(HEAD, AT)).sheet


def test_a_sheet_is_shown_without_what_is_on_it() -> None:
    entry = views.sheet_entry(entered(), ITEMS)
    assert entry == {
        "id": "asked",
        "item": "item-2",
        "items": ["item-2", "item-3"],
        "question": "asked",
        "status": "entered",
        "entered_by": HEAD,
        "entered_at": "2026-11-25T01:30:00.000Z",
        "second_by": None,
        "differs": [],
    }
    other = rules.count(election(), elections(first=11))
    differing = rules.confirm(entered(), other, Act(SECOND, AT)).sheet
    assert views.sheet_entry(differing, ITEMS)["status"] == "differs"
    assert views.sheet_entry(differing, ITEMS)["differs"] == ["votes.candidate-1"]
    assert not {"11", "12", "13", "14"} & set(json.dumps(views.sheet_entry(differing, ITEMS)).replace(",", " ").split())


def test_hands_name_the_people_to_ask_again() -> None:
    sheet = rules.enter(by_hands(), None, {person(1): "for"}, None, Act(LAN, AT)).sheet
    differing = rules.confirm(sheet, {person(1): "against", person(2): "for"}, Act(MAI, AT)).sheet
    assert views.sheet_entry(differing, ITEMS)["differs"] == [person(1), person(2)]
    agreed = rules.confirm(sheet, {person(1): "for"}, Act(MAI, AT)).sheet
    assert views.sheet_entry(agreed, ITEMS)["status"] == "agreed"


def test_a_board_is_shown_under_the_vote_that_elected_it() -> None:
    [seated] = rules.boards([elected()])
    assert views.board_entry(seated) == {
        "id": "board",
        "head": HEAD,
        "members": [HEAD, SECOND, person(12)],
        "question": "board",
        "seated_at": "2026-11-25T01:32:00.000Z",
    }


def test_a_writer_gets_his_own_sheet_back_as_he_sent_it() -> None:
    assert views.own_entry(Kind.HANDS, {person(1): "for"}) == {"answers": {person(1): "for"}}
    said = rated(Levels(9, 3, 1), Levels(2, 4, 6))
    assert views.own_entry(Kind.COUNT, rules.count(rating(), said)) == {
        "issued": 14,
        "returned": 14,
        "valid": 13,
        "invalid": 1,
        "votes": {},
        "ratings": {"candidate-1": {"high": 9, "mid": 3, "low": 1}, "candidate-2": {"high": 2, "mid": 4, "low": 6}},
    }


def _no_hall(_connection: AsyncConnection) -> Hall:
    raise AssertionError("nothing is loaded")


def test_how_far_the_sheet_of_a_block_is_belongs_to_all_its_items() -> None:

    entry = {**views.sheet_entry(entered(), ITEMS)}
    here = Standing(HEAD, frozenset({Role.SECRETARY, Role.TELLER}))
    for collection in HallRealtime(_no_hall).collections()[:2]:
        assert collection.restrict("asked", entry, here)
        for item in ITEMS:
            assert not collection.restrict("asked", entry, replace(here, recused=frozenset({item})))
