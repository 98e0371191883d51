"""What of the record whom is shown: ballots after the close, notes to the chair and the secretaries."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId
from ecabinet.ledger.model import Disclosure, Entry
from ecabinet.ledger.views import record, veiled

AT = datetime(2026, 11, 25, 1, 3, 22, tzinfo=UTC)


def entry(number: int, type: str, payload: dict[str, Any] | None) -> Entry:
    return Entry(
        number=number,
        previous=None,
        at=AT,
        type=type,
        actor=PersonId("p"),
        meeting=MeetingId("m"),
        commitment=bytes(32),
        leaf=bytes(32),
        disclosure=None if payload is None else Disclosure(bytes(16), payload),
    )


def standing(*roles: Role, recused: frozenset[ItemId] = frozenset()) -> Standing:
    return Standing(None, frozenset(roles), recused=recused)


PUT = entry(1, "question.put", {"question": {"id": "q"}})
BALLOT = entry(2, "ballot.cast", {"ballot": {"question": "q", "choice": "for"}})
NOTED = entry(3, "item.noted", {"text": "riêng"})
CLOSED = entry(4, "question.closed", {"question": "q"})
CANCELLED = entry(4, "question.cancelled", {"question": "q"})
OTHER_CLOSED = entry(4, "question.closed", {"question": "r"})


def test_an_entry_is_shown_with_its_actors_name() -> None:
    assert record([PUT], {PersonId("p"): "Nguyễn Văn A"}, standing(Role.MEMBER)) == {
        "entries": [
            {
                "number": 1,
                "type": "question.put",
                "at": "2026-11-25T01:03:22.000Z",
                "actor": "p",
                "actor_name": "Nguyễn Văn A",
                "payload": {"question": {"id": "q"}},
            }
        ]
    }


@pytest.mark.parametrize(("last", "hidden"), [(CLOSED, set()), (CANCELLED, {2}), (OTHER_CLOSED, {2}), (PUT, {2})])
@pytest.mark.parametrize("sees_notes", [True, False])
def test_a_ballot_is_told_when_its_own_question_was_closed(last: Entry, hidden: set[int], sees_notes: bool) -> None:
    assert veiled([PUT, BALLOT, last], sees_notes=sees_notes) == hidden


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.CHAIR, True), (Role.SECRETARY, True), (Role.MEMBER, False), (Role.STAND_IN, False)]
)
def test_notes_are_for_the_chair_and_the_secretaries(role: Role, sees: bool) -> None:
    shown = record([NOTED], {}, standing(Role.ACCOUNT, role))["entries"][0]
    assert shown["payload"] == ({"text": "riêng"} if sees else None)
    assert shown["actor_name"] is None


def test_what_was_erased_is_shown_as_nothing() -> None:
    erased = entry(2, "ballot.cast", None)
    assert record([erased], {}, standing(Role.CHAIR))["entries"][0]["payload"] is None


@pytest.mark.parametrize(("has_opened", "sees_notes"), [(False, False), (False, True), (True, False)])
def test_positions_are_for_the_chair_and_the_secretaries_until_the_meeting_opens(
    has_opened: bool, sees_notes: bool
) -> None:
    declared = entry(1, "position.declared", {"item": "i", "stance": "opinion", "text": "riêng"})
    entries = [declared, entry(2, "meeting.opened", {})] if has_opened else [declared]
    assert veiled(entries, sees_notes=sees_notes) == (set() if has_opened or sees_notes else {1})


OF_THE_ITEM: list[tuple[str, dict[str, Any]]] = [
    ("item.added", {"item": "i", "title": "Nội dung"}),
    ("paper.added", {"paper": "p1", "item": "i"}),
    ("paper.added", {"paper": "p2", "item": "other"}),
    ("item.noted", {"item": "i", "digest": "d"}),
    ("item.started", {"item": "i", "finished": "other"}),
    ("floor.given", {"turn": "t1", "person": "a", "item": "i"}),
    ("floor.ended", {"turn": "t1", "person": "a", "spoken_s": 5}),
    ("question.put", {"question": {"id": "q1", "item": "i", "items": ["i"]}}),
    ("ballot.cast", {"ballot": {"question": "q1", "voter": "a"}}),
    ("question.closed", {"question": "q1"}),
    ("question.put", {"question": {"id": "q2", "item": "other", "items": ["other", "i"]}}),
    ("question.put", {"question": {"id": "q3", "item": "other", "items": ["other"]}}),
    ("ballot.cast", {"ballot": {"question": "q3", "voter": "a"}}),
    ("position.declared", {"item": "i", "person": "a"}),
    ("item.concluded", {"item": "i", "text": "Thông qua"}),
    ("paper.removed", {"paper": "p1"}),
    ("agenda.ordered", {"order": ["other", "i"]}),
    ("recusal.recorded", {"item": "i", "person": "b"}),
    ("presence.connected", {"person": "a"}),
    ("straw_poll.opened", {"poll": "s1", "item": "i"}),
    ("straw_poll.closed", {"poll": "s1", "answered": 6, "counts": {"option-1": 6}}),
    ("straw_poll.opened", {"poll": "s2", "item": "other"}),
    ("straw_poll.cancelled", {"poll": "s2", "reason": "r"}),
]
"""What a record may say around one item, and whether that is of the item itself."""


def test_the_record_tells_who_has_withdrawn_nothing_of_the_item_but_its_place() -> None:
    entries = [entry(number, type, payload) for number, (type, payload) in enumerate(OF_THE_ITEM, 1)]
    there = record(entries, {}, standing(Role.CHAIR))["entries"]
    assert [each["type"] for each in there] == [type for type, _ in OF_THE_ITEM]
    away = record(entries, {}, standing(Role.CHAIR, recused=frozenset({ItemId("i")})))["entries"]
    assert [each["number"] for each in away] == [1, 3, 5, 12, 13, 17, 18, 19, 22, 23]


def test_an_entry_that_was_erased_belongs_to_no_item() -> None:
    entries = [entry(1, "paper.added", None)]
    assert record(entries, {}, standing(Role.MEMBER, recused=frozenset({ItemId("i")})))["entries"] != []
