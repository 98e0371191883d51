"""What of the record whom is shown: ballots after the close, notes to the chair and the secretaries."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import MeetingId, PersonId
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


PUT = entry(1, "question.put", {"question": {"id": "q"}})
BALLOT = entry(2, "ballot.cast", {"ballot": {"question": "q", "choice": "for"}})
NOTED = entry(3, "item.noted", {"text": "riêng"})
CLOSED = entry(4, "question.closed", {"question": "q"})
CANCELLED = entry(4, "question.cancelled", {"question": "q"})
OTHER_CLOSED = entry(4, "question.closed", {"question": "r"})


def test_an_entry_is_shown_with_its_actors_name() -> None:
    assert record([PUT], {PersonId("p"): "Nguyễn Văn A"}, [Role.MEMBER]) == {
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
    shown = record([NOTED], {}, [Role.ACCOUNT, role])["entries"][0]
    assert shown["payload"] == ({"text": "riêng"} if sees else None)
    assert shown["actor_name"] is None


def test_what_was_erased_is_shown_as_nothing() -> None:
    erased = entry(2, "ballot.cast", None)
    assert record([erased], {}, [Role.CHAIR])["entries"][0]["payload"] is None
