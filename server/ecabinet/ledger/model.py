"""Entries and checkpoints: what other slices may name of the record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import MeetingId, PersonId

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What opens an entry's commitment. It can be erased; the tree over the entries stays whole."""

    salt: bytes
    """16 unguessable bytes, so that a short payload cannot be found by trying."""
    payload: dict[str, Any]
    """JSON-ready, as `Event.payload` gives it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded fact."""

    number: int
    """1, 2, 3 … without gaps in the whole log; the leaf's index is one less."""
    previous: int | None
    """The number of the same meeting's entry before this one; None for its first, and outside meetings. It is what
    lets a bundle show that nothing in between was left out."""
    at: datetime
    type: str
    actor: PersonId | None
    meeting: MeetingId | None
    commitment: bytes
    """SHA-256(salt || canonical payload)."""
    leaf: bytes
    """Its hash in the tree, as it was stored; `rules.leaf_of` computes it again from the other fields."""
    disclosure: Disclosure | None
    """None when it was erased."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement of how long the log was and what its root was."""

    size: int
    root: bytes
    at: datetime
    note: str
    """The signed note (C2SP signed-note, tlog-checkpoint), as it may be handed to anybody."""


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry with its place in the tree of a checkpoint."""

    entry: Entry
    proof: tuple[bytes, ...]
    """Inclusion proof, from the leaf upwards."""


class RecordBroken(Refusal):
    """The stored record contradicts itself or what was signed before; nothing is signed over it. Detail: reason."""

    code = "record_broken"
