"""A voter's own ballot as it stands in the record, so that the voter can find it there again. Pure."""

from typing import Any

from typing_extensions import TypedDict

from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.ledger.model import Entry
from ecabinet.ledger.rules import record

from .model import Proof

BALLOT_CAST = "ballot.cast"


class CheckpointEntry(TypedDict):
    """How long the record was, and its root, signed."""

    size: int
    root: str
    note: str


class ProofEntry(TypedDict):
    """Everything a browser needs to compute the root of the record from a ballot. Bytes are lower-case hex."""

    payload: dict[str, Any]
    """What the entry discloses: {ballot}."""
    salt: str
    entry: dict[str, Any]
    """What is hashed into the tree."""
    proof: list[str]
    """The inclusion proof, from the leaf upwards; the leaf's index is the entry's number less one."""
    checkpoint: CheckpointEntry
    key: str


def is_ballot(entry: Entry, question: QuestionId, person: PersonId) -> bool:
    """Whether the entry discloses a ballot of this person: the record says so, not the row that led to it."""
    if entry.type != BALLOT_CAST or entry.disclosure is None:
        return False
    ballot = entry.disclosure.payload["ballot"]
    return (ballot["question"], ballot["voter"]) == (question, person)


def proof_entry(proof: Proof) -> ProofEntry:
    """The proof as the wire has it."""
    entry, disclosure = proof.proven.entry, proof.proven.entry.disclosure
    assert disclosure is not None, "only what is disclosed is proven to its owner"
    return {
        "payload": disclosure.payload,
        "salt": disclosure.salt.hex(),
        "entry": record(entry),
        "proof": [each.hex() for each in proof.proven.proof],
        "checkpoint": {
            "size": proof.checkpoint.size,
            "root": proof.checkpoint.root.hex(),
            "note": proof.checkpoint.note,
        },
        "key": proof.key,
    }
