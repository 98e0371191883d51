"""Facts become entries, entries leaves; nothing of an entry can change without its leaf."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.ledger.model import Disclosure, Entry
from ecabinet.ledger.rules import commitment, enter, is_whole, leaf_of, record

AT = datetime(2026, 11, 25, 1, 3, 22, 120_999, tzinfo=UTC)
SALT = bytes(range(16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    type: ClassVar[str] = "test.said"
    words: str


FACT = Said(at=AT, actor=PersonId("p"), meeting=MeetingId("m"), words="Đồng ý")
ENTRY = enter(FACT, 5, 3, SALT)


def test_the_leaf_is_the_hash_of_the_canonical_record() -> None:
    hidden = hashlib.sha256(SALT + '{"words":"Đồng ý"}'.encode()).hexdigest()
    canonical = (
        f'{{"actor":"p","at":"2026-11-25T01:03:22.120Z","commitment":"{hidden}","meeting":"m",'
        '"number":5,"previous":3,"type":"test.said","v":1}'
    )
    assert ENTRY.leaf == hashlib.sha256(b"\x00" + canonical.encode()).digest()


def test_the_record_does_not_tell_the_payload() -> None:
    assert "Đồng ý" not in str(record(ENTRY))


def test_equal_payloads_have_different_commitments() -> None:
    assert commitment(SALT, FACT.payload()) != commitment(SALT[::-1], FACT.payload())


CHANGES: list[tuple[str, Callable[[Entry], Entry]]] = [
    ("number", lambda entry: replace(entry, number=6)),
    ("previous", lambda entry: replace(entry, previous=None)),
    ("at", lambda entry: replace(entry, at=AT + timedelta(milliseconds=1))),
    ("type", lambda entry: replace(entry, type="test.shouted")),
    ("actor", lambda entry: replace(entry, actor=None)),
    ("meeting", lambda entry: replace(entry, meeting=MeetingId("n"))),
    ("commitment", lambda entry: replace(entry, commitment=bytes(32))),
    ("leaf", lambda entry: replace(entry, leaf=bytes(32))),
    ("payload", lambda entry: replace(entry, disclosure=Disclosure(SALT, {"words": "Không"}))),
    ("salt", lambda entry: replace(entry, disclosure=Disclosure(SALT[::-1], {"words": "Đồng ý"}))),
]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=[name for name, _ in CHANGES])
def test_an_entry_with_anything_changed_is_not_whole(name: str, change: Callable[[Entry], Entry]) -> None:
    assert is_whole(ENTRY)
    assert not is_whole(change(ENTRY))


def test_an_entry_whose_payload_was_erased_is_whole() -> None:
    erased = replace(ENTRY, disclosure=None)
    assert is_whole(erased)
    assert leaf_of(erased) == ENTRY.leaf


@pytest.mark.parametrize(("number", "previous", "salt"), [(0, None, SALT), (5, 5, SALT), (5, 0, SALT), (5, 3, b"")])
def test_an_entry_out_of_place_is_our_mistake(number: int, previous: int | None, salt: bytes) -> None:
    with pytest.raises(AssertionError):
        enter(FACT, number, previous, salt)
