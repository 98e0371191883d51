"""Signing and proving: what grew is signed, what was changed never is."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import ClassVar

import pytest

from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.ledger import notes
from ecabinet.ledger.merkle import Frontier, verify_consistency, verify_inclusion
from ecabinet.ledger.model import Disclosure, RecordBroken
from ecabinet.ledger.rules import leaf_of
from ecabinet.ledger.service import Ledger, Trees
from tests.fakes.kernel import SetClock
from tests.fakes.ledger import KnownNames, MemoryRecords, SeededSigner

AT = datetime(2026, 11, 25, 1, 3, 22, tzinfo=UTC)
MEETING = MeetingId("m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    type: ClassVar[str] = "test.said"
    words: str


@pytest.fixture
def records() -> MemoryRecords:
    return MemoryRecords()


def ledger(records: MemoryRecords, seed: int = 1) -> Ledger:
    return Ledger(records, KnownNames({PersonId("p"): "Bà P"}), SeededSigner(seed=seed), SetClock(AT))


def grow(records: MemoryRecords, count: int, meeting: MeetingId | None = MEETING) -> None:
    for number in range(count):
        records.append(Said(at=AT, actor=PersonId("p"), meeting=meeting, words=str(number)))


def rewrite(records: MemoryRecords, number: int) -> None:
    """What someone with the database can do: change the payload and everything stored that follows from it."""
    entry = records.kept[number - 1]
    forged = replace(entry, type="test.forged")
    records.kept[number - 1] = replace(forged, leaf=leaf_of(forged))


async def test_a_checkpoint_covers_everything_recorded_so_far(records: MemoryRecords) -> None:
    grow(records, 5)
    signed = await ledger(records).checkpoint()
    signer = SeededSigner()
    root = Frontier().extend(entry.leaf for entry in records.kept).root()
    assert (
        notes.open_checkpoint(signed.note, signer.origin, signer.public_key) == (5, root) == (signed.size, signed.root)
    )


async def test_a_quiet_log_is_not_signed_again(records: MemoryRecords) -> None:
    grow(records, 5)
    assert await ledger(records).has_grown()
    first = await ledger(records).checkpoint()
    assert not await ledger(records).has_grown()
    assert await ledger(records).checkpoint() == first
    assert len(records.signed) == 1
    grow(records, 1)
    assert await ledger(records).has_grown()


async def test_an_empty_log_has_nothing_to_sign(records: MemoryRecords) -> None:
    assert not await ledger(records).has_grown()
    with pytest.raises(NotFound):
        await ledger(records).checkpoint()


async def test_each_checkpoint_extends_the_one_before(records: MemoryRecords) -> None:
    for count in (1, 2, 5, 8):
        grow(records, count)
        await ledger(records).checkpoint()
    signed = await records.checkpoints()
    for old, new in pairwise(signed):
        proof = await ledger(records).consistency(old.size, new.size)
        assert verify_consistency((old.size, old.root), (new.size, new.root), proof)
    assert await ledger(records).audit() == 16


@pytest.mark.parametrize("change", ["payload", "leaf", "missing"])
async def test_a_new_entry_that_was_changed_is_not_signed(records: MemoryRecords, change: str) -> None:
    grow(records, 3)
    await ledger(records).checkpoint()
    grow(records, 3)
    if change == "payload":
        records.kept[4] = replace(records.kept[4], disclosure=Disclosure(bytes(16), {"words": "else"}))
    elif change == "leaf":
        records.kept[4] = replace(records.kept[4], leaf=bytes(32))
    else:
        del records.kept[3]
    with pytest.raises(RecordBroken):
        await ledger(records).checkpoint()
    assert len(records.signed) == 1


async def test_a_history_rewritten_before_the_last_checkpoint_is_not_signed(records: MemoryRecords) -> None:
    grow(records, 5)
    await ledger(records).checkpoint()
    rewrite(records, 2)
    grow(records, 1)
    with pytest.raises(RecordBroken):
        await ledger(records).checkpoint()
    with pytest.raises(RecordBroken):
        await ledger(records).audit()
    with pytest.raises(RecordBroken):
        await ledger(records).proven(MEETING, records.signed[0][0])


async def test_a_log_cut_short_is_not_signed(records: MemoryRecords) -> None:
    grow(records, 5)
    await ledger(records).checkpoint()
    del records.kept[3:]
    with pytest.raises(RecordBroken):
        await ledger(records).checkpoint()
    with pytest.raises(RecordBroken):
        await ledger(records).audit()


async def test_a_checkpoint_row_that_was_exchanged_is_noticed(records: MemoryRecords) -> None:
    grow(records, 5)
    await ledger(records).checkpoint()
    rewrite(records, 2)
    checkpoint, _ = records.signed[0]
    frontier = Frontier().extend(entry.leaf for entry in records.kept)
    records.signed[0] = (replace(checkpoint, root=frontier.root()), frontier)
    grow(records, 1)
    with pytest.raises(RecordBroken):
        await ledger(records).checkpoint()


async def test_a_checkpoint_of_another_key_is_not_extended(records: MemoryRecords) -> None:
    grow(records, 2)
    await ledger(records, seed=2).checkpoint()
    grow(records, 1)
    with pytest.raises(RecordBroken):
        await ledger(records).checkpoint()


async def test_a_meetings_entries_are_proven_under_the_checkpoint(records: MemoryRecords) -> None:
    grow(records, 3)
    grow(records, 4, None)
    grow(records, 2)
    signed = await ledger(records).checkpoint()
    grow(records, 2)
    proven = await ledger(records).proven(MEETING, signed)
    assert [each.entry.number for each in proven] == [1, 2, 3, 8, 9]
    for each in proven:
        assert verify_inclusion(leaf_of(each.entry), each.entry.number - 1, signed.size, each.proof, signed.root)


async def test_many_proofs_read_the_log_once_and_then_only_what_is_new(records: MemoryRecords) -> None:
    grow(records, 9)
    made = replace(ledger(records), trees=Trees())
    old = await made.checkpoint()
    async with asyncio.TaskGroup() as together:
        for number in range(1, 10):
            together.create_task(made.proven_one(number, old))
    assert records.leaves_read == 9
    grow(records, 4)
    new = await made.checkpoint()
    for number, signed in ((13, new), (2, new), (9, old)):
        each = await made.proven_one(number, signed)
        assert verify_inclusion(leaf_of(each.entry), number - 1, signed.size, each.proof, signed.root)
    assert records.leaves_read == 13


async def test_what_is_remembered_hides_no_change(records: MemoryRecords) -> None:
    grow(records, 6)
    made = replace(ledger(records), trees=Trees())
    signed = await made.checkpoint()
    await made.proven_one(2, signed)
    rewrite(records, 2)
    with pytest.raises(RecordBroken):
        await made.proven_one(2, signed)
    with pytest.raises(RecordBroken):
        await made.proven(MEETING, signed)


async def test_what_is_remembered_of_another_log_proves_nothing_of_this_one() -> None:
    """A copy was put back while the program ran: the leaves are read again, once."""
    here, there, trees = MemoryRecords(), MemoryRecords(), Trees()
    grow(there, 8, None)
    elsewhere = replace(ledger(there), trees=trees)
    await elsewhere.proven_one(8, await elsewhere.checkpoint())
    grow(here, 5)
    made = replace(ledger(here), trees=trees)
    signed = await made.checkpoint()
    for number in (1, 5):
        each = await made.proven_one(number, signed)
        assert verify_inclusion(leaf_of(each.entry), number - 1, 5, each.proof, signed.root)
    assert here.leaves_read == 5


async def test_a_checkpoint_that_covers_the_entry_is_not_signed_again(records: MemoryRecords) -> None:
    grow(records, 3)
    first = await ledger(records).checkpoint(2)
    assert first.size == 3
    grow(records, 2)
    assert await ledger(records).checkpoint(3) == first
    assert (await ledger(records).checkpoint(4)).size == 5


@pytest.mark.parametrize(("old", "new"), [(0, 1), (2, 1), (1, 9)])
async def test_sizes_that_never_were_have_no_proof(records: MemoryRecords, old: int, new: int) -> None:
    grow(records, 3)
    with pytest.raises(NotFound):
        await ledger(records).consistency(old, new)


async def test_an_erased_payload_leaves_the_record_provable(records: MemoryRecords) -> None:
    grow(records, 3)
    await ledger(records).erase(2)
    signed = await ledger(records).checkpoint()
    assert await ledger(records).audit() == 3
    assert [each.entry.disclosure is None for each in await ledger(records).proven(MEETING, signed)] == [
        False,
        True,
        False,
    ]
    with pytest.raises(NotFound):
        await ledger(records).erase(4)


async def test_the_record_names_who_acted(records: MemoryRecords) -> None:
    grow(records, 1)
    shown = await ledger(records).record(MEETING, Standing(None, frozenset({Role.MEMBER})))
    assert [(entry["number"], entry["actor_name"]) for entry in shown["entries"]] == [(1, "Bà P")]
    assert await ledger(records).entry(1) == (await ledger(records).entries(MEETING))[0]
