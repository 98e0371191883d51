"""Who is sent which part of a message: guests, and those who have withdrawn from an item."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes, Message
from ecabinet.edge.live import Collection, Entry, Live, by_agenda, by_item, by_own_id
from ecabinet.kernel.access import (
    RecusedHere,
    RecusedInPart,
    Role,
    Standing,
    require_item,
    require_known,
    require_whole,
)
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId

MEETING, FIRST, SECOND = MeetingId("m"), ItemId("first"), ItemId("second")
AN, BINH = PersonId("an"), PersonId("binh")
KEPT: dict[str, dict[str, Entry]] = {
    "items": {FIRST: {"id": FIRST, "said": "bí mật"}, SECOND: {"id": SECOND, "said": "ở đây"}},
    "notes": {FIRST: {"id": FIRST}},
    "papers": {"p1": {"id": "p1", "item": FIRST}, "p2": {"id": "p2", "item": SECOND}, "p3": {"id": "p3", "item": None}},
    "recusals": {},
}


def silent(entry: Entry, standing: Standing) -> Entry:
    return entry if standing.sees(ItemId(entry["id"])) else {**entry, "said": ""}


def loaded(name: str) -> Any:
    async def load(meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        return KEPT[name]

    return load


LIVE = Live.of(
    [
        Collection("items", loaded("items"), by_agenda, silent),
        Collection("notes", loaded("notes"), by_own_id),
        Collection("papers", loaded("papers"), by_item),
        Collection("recusals", loaded("recusals")),
    ]
)
NOWHERE = cast(AsyncConnection, None)
MEMBER = Standing(AN, frozenset({Role.MEMBER}), meeting=MEETING)
AWAY = replace(MEMBER, recused=frozenset({FIRST}))
GUEST = Standing(BINH, frozenset({Role.GUEST}), meeting=MEETING, items=frozenset({SECOND}))


def told(body: Changes, standing: Standing) -> dict[str, Any]:
    return LIVE.event(Message(MEETING, 1, "something", datetime(2026, 11, 25, tzinfo=UTC), body), standing)


async def test_a_view_shows_who_has_withdrawn_the_item_without_what_was_said() -> None:
    whole = await LIVE.view(MEETING, NOWHERE, MEMBER)
    assert whole == KEPT
    less = await LIVE.view(MEETING, NOWHERE, AWAY)
    assert less["items"] == {FIRST: {"id": FIRST, "said": ""}, SECOND: KEPT["items"][SECOND]}
    assert (less["notes"], set(less["papers"])) == ({}, {"p2", "p3"})
    assert set((await LIVE.view(MEETING, NOWHERE, GUEST))["papers"]) == {"p2", "p3"}


async def test_everything_that_a_withdrawal_hides_is_found_and_nothing_else() -> None:
    assert await LIVE.of_item(MEETING, FIRST, NOWHERE) == {
        "items": {FIRST: KEPT["items"][FIRST]},
        "notes": KEPT["notes"],
        "papers": {"p1": KEPT["papers"]["p1"]},
    }


async def test_only_the_one_it_is_about_is_told_what_is_gone() -> None:
    body: Changes = {**await LIVE.of_item(MEETING, FIRST, NOWHERE), "recusals": {f"{FIRST}:{AN}": {"person": AN}}}
    mine = told(body, AWAY)["body"]
    assert mine["papers"] == {"p1": None}
    assert mine["notes"] == {FIRST: None}
    assert mine["items"][FIRST]["said"] == ""
    another = replace(AWAY, person=BINH)
    assert set(told(body, another)["body"]) == {"items", "recusals"}
    assert told(body, replace(MEMBER, person=BINH))["body"] == body
    # A guest of the other item is not even told an id.
    assert set(told(body, GUEST)["body"]) == {"recusals"}


async def test_a_withdrawal_that_was_lifted_brings_everything_back() -> None:
    body: Changes = {**await LIVE.of_item(MEETING, FIRST, NOWHERE), "recusals": {f"{FIRST}:{AN}": None}}
    assert told(body, MEMBER)["body"] == body


def test_what_happens_to_the_item_is_a_number_without_content() -> None:
    hidden = told({"papers": {"p1": {"id": "p1", "item": FIRST}}}, AWAY)
    assert (hidden["type"], hidden["body"]) == ("hidden", {})


@pytest.mark.parametrize(
    ("entry", "is_seen"),
    [
        ({"item": None}, True),
        ({}, True),
        ({"item": SECOND}, True),
        ({"item": FIRST}, False),
        ({"item": SECOND, "items": [SECOND, FIRST]}, False),
        ({"item": SECOND, "items": [SECOND]}, True),
    ],
)
def test_what_is_about_several_items_is_for_those_who_take_part_in_all(entry: Entry, is_seen: bool) -> None:
    assert by_item("id", entry, AWAY) is is_seen


def test_a_withdrawn_item_is_known_and_refused_with_its_reason_and_another_is_not_found() -> None:
    require_item(AWAY, SECOND)
    require_known(AWAY, FIRST)
    with pytest.raises(RecusedHere) as refused:
        require_item(AWAY, FIRST)
    assert refused.value.detail == {"item": FIRST}
    for require in (require_item, require_known):
        with pytest.raises(NotFound):
            require(GUEST, FIRST)
    require_whole(MEMBER)
    with pytest.raises(RecusedInPart):
        require_whole(AWAY)
