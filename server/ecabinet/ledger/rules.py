"""How a fact becomes an entry, and an entry a leaf. Pure."""

import hashlib
from dataclasses import replace
from typing import Any

from ecabinet.kernel.canonical import canonical
from ecabinet.kernel.events import Event, moment

from .merkle import leaf_hash
from .model import SALT_BYTES, Disclosure, Entry

RECORD_VERSION = 1


def enter(event: Event, number: int, previous: int | None, salt: bytes) -> Entry:
    """The entry that keeps the event. Requires 1 <= number, previous < number, and 16 bytes of salt."""
    assert number >= 1
    assert previous is None or 1 <= previous < number
    assert len(salt) == SALT_BYTES
    payload = event.payload()
    entry = Entry(
        number=number,
        previous=previous,
        at=event.at,
        type=event.type,
        actor=event.actor,
        meeting=event.meeting,
        commitment=commitment(salt, payload),
        leaf=b"",
        disclosure=Disclosure(salt, payload),
    )
    return replace(entry, leaf=leaf_of(entry))


def commitment(salt: bytes, payload: dict[str, Any]) -> bytes:
    """SHA-256(salt || canonical payload): binds the payload and, while the salt is unknown, tells nothing of it."""
    return hashlib.sha256(salt + canonical(payload)).digest()


def record(entry: Entry) -> dict[str, Any]:
    """The value that is hashed into the tree. Without the payload, which may be erased one day."""
    return {
        "v": RECORD_VERSION,
        "number": entry.number,
        "previous": entry.previous,
        "at": moment(entry.at),
        "type": entry.type,
        "actor": entry.actor,
        "meeting": entry.meeting,
        "commitment": entry.commitment.hex(),
    }


def leaf_of(entry: Entry) -> bytes:
    """The entry's hash in the tree: SHA-256(0x00 || canonical record)."""
    return leaf_hash(canonical(record(entry)))


def is_whole(entry: Entry) -> bool:
    """Whether the leaf is that of the entry, and the disclosure, where there still is one, what it committed to."""
    kept = entry.disclosure
    is_opened = kept is None or commitment(kept.salt, kept.payload) == entry.commitment
    return is_opened and leaf_of(entry) == entry.leaf
