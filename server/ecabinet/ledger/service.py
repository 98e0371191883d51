"""Reading the record, signing it, and proving what is in it."""

import asyncio
from dataclasses import dataclass, field

from ecabinet.kernel.access import Standing
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId

from . import notes
from .merkle import Frontier, Tree, verify_inclusion
from .model import Checkpoint, Entry, Proven, RecordBroken
from .ports import Names, Records, Signer
from .rules import is_whole
from .views import Record, record


@dataclass(slots=True)
class Trees:
    """The last tree that was built over the log, so that thousands of proofs cost one pass. Lives as long as the
    process; it only saves work: no root is taken from it that is not the one a signature covers."""

    _kept: Tree = field(default_factory=lambda: Tree(()))
    _building: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def under(self, root: bytes, size: int, records: Records) -> Tree:
        """A tree whose first ``size`` leaves have this root. Of several who ask together, one builds it.

        Raises RecordBroken when the leaves that are stored lead elsewhere.
        """
        async with self._building:
            if self._kept.size < size:
                self._kept = await _grown(self._kept, size, records)
            if self._kept.root(size) != root:
                # What was kept may be of a log that was put back from a copy: what is stored now decides.
                self._kept = Tree(())
                fresh = await _grown(self._kept, size, records)
                if fresh.root() != root:
                    raise RecordBroken(reason="not an extension of what was signed", number=size)
                self._kept = fresh
            return self._kept


@dataclass(frozen=True, slots=True)
class Ledger:
    """Built afresh for each act, inside its transaction."""

    records: Records
    names: Names
    signer: Signer
    clock: Clock
    trees: Trees = field(default_factory=Trees)

    async def entries(self, meeting: MeetingId) -> list[Entry]:
        """A meeting's entries, oldest first, whole: for other slices, never for the wire."""
        return await self.records.of(meeting)

    async def entry(self, number: int) -> Entry:
        """Raises NotFound."""
        found = await self.records.entry(number)
        if found is None:
            raise NotFound()
        return found

    async def record(self, meeting: MeetingId, standing: Standing) -> Record:
        """A meeting's entries as a person who stands so in it may read them."""
        entries = await self.records.of(meeting)
        people = frozenset(entry.actor for entry in entries if entry.actor)
        return record(entries, await self.names(people), standing)

    async def has_grown(self) -> bool:
        """Whether there are entries no checkpoint covers yet."""
        signed = await self.records.checkpoint()
        return (await self.records.head()).size > (signed[0].size if signed else 0)

    async def require_ours(self) -> None:
        """Raises RecordBroken unless our key has signed the newest checkpoint, if there is one."""
        await self._signed()

    async def checkpoint(self, number: int | None = None) -> Checkpoint:
        """The newest checkpoint, over everything recorded so far; signed now if the log has grown since the last.

        number  an entry; one that covers it is enough, so that of many who ask together only the first has it signed

        Before signing, the new leaves are computed again from the entries themselves and laid upon the tree that was
        signed last. Raises RecordBroken, and signs nothing, when that does not lead to the log as it stands;
        NotFound when nothing has been recorded yet.
        """
        head = await self.records.lock()
        last, frontier = await self._signed()
        if last is not None and (last.size == head.size or (number is not None and number <= last.size)):
            return last
        if head.size == 0:
            raise NotFound()
        async for entry in self.records.entries(frontier.size, head.size):
            frontier = frontier.append(_checked(entry, frontier.size + 1).leaf)
        if frontier != head:
            raise RecordBroken(reason="the head is not that of the entries")
        return await self._sign(frontier)

    async def audit(self) -> int:
        """Compute the whole tree again from the first entry on, and hold every checkpoint ever signed against it.

        Returns the number of entries. Raises RecordBroken.
        """
        signed = {each.size: each for each in await self.records.checkpoints()}
        head = await self.records.head()
        frontier = Frontier()
        async for entry in self.records.entries(0, head.size):
            frontier = frontier.append(_checked(entry, frontier.size + 1).leaf)
            if frontier.size in signed and self._opened(signed[frontier.size]) != frontier.root():
                raise RecordBroken(reason="not an extension of what was signed", number=frontier.size)
        if frontier != head or max(signed, default=0) > frontier.size:
            raise RecordBroken(reason="the head is not that of the entries")
        return frontier.size

    async def proven(self, meeting: MeetingId, checkpoint: Checkpoint) -> list[Proven]:
        """A meeting's entries that the checkpoint covers, each with its inclusion proof. Raises RecordBroken."""
        tree = await self.trees.under(self._opened(checkpoint), checkpoint.size, self.records)
        entries = [entry for entry in await self.records.of(meeting) if entry.number <= checkpoint.size]
        return [_proven(each, each.number, tree, checkpoint) for each in entries]

    async def proven_one(self, number: int, checkpoint: Checkpoint) -> Proven:
        """One entry that the checkpoint covers, with its inclusion proof. Raises NotFound, RecordBroken."""
        if not 1 <= number <= checkpoint.size:
            raise NotFound()
        tree = await self.trees.under(self._opened(checkpoint), checkpoint.size, self.records)
        return _proven(await self.entry(number), number, tree, checkpoint)

    async def newest(self) -> Checkpoint | None:
        """The newest checkpoint, if any was signed. Raises RecordBroken."""
        return (await self._signed())[0]

    async def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the log of ``new`` entries begins with that of ``old``. Raises NotFound unless
        0 < old <= new <= the entries there are."""
        if not 0 < old <= new <= (await self.records.head()).size:
            raise NotFound()
        return (await _grown(Tree(()), new, self.records)).consistency_proof(old)

    async def erase(self, number: int) -> None:
        """Forget what an entry disclosed, as data protection may demand; that it was made stays provable.

        Raises NotFound.
        """
        await self.entry(number)
        await self.records.erase(number)

    async def _signed(self) -> tuple[Checkpoint | None, Frontier]:
        """The newest checkpoint and its frontier, after checking that our key signed just that."""
        kept = await self.records.checkpoint()
        if kept is None:
            return None, Frontier()
        checkpoint, frontier = kept
        if (frontier.size, frontier.root()) != (checkpoint.size, self._opened(checkpoint)):
            raise RecordBroken(reason="the last checkpoint is not the one that was signed", number=checkpoint.size)
        return checkpoint, frontier

    def _opened(self, checkpoint: Checkpoint) -> bytes:
        """The root that the note's signature covers."""
        try:
            size, root = notes.open_checkpoint(checkpoint.note, self.signer.origin, self.signer.public_key)
        except notes.NoteInvalid as error:
            raise RecordBroken(reason="a checkpoint is not ours", number=checkpoint.size) from error
        if (size, root) != (checkpoint.size, checkpoint.root):
            raise RecordBroken(reason="a checkpoint is not what was signed", number=checkpoint.size)
        return root

    async def _sign(self, frontier: Frontier) -> Checkpoint:
        root = frontier.root()
        text = notes.checkpoint_text(self.signer.origin, frontier.size, root)
        note = notes.sign(text, self.signer.origin, self.signer.public_key, self.signer.sign)
        signed = Checkpoint(frontier.size, root, self.clock.now(), note)
        await self.records.add_checkpoint(signed, frontier)
        return signed


async def _grown(tree: Tree, size: int, records: Records) -> Tree:
    leaves = await records.leaves(tree.size, size)
    if tree.size + len(leaves) != size:
        raise RecordBroken(reason="entries are missing")
    # A million leaves are a second of hashing: off the event loop.
    return await asyncio.to_thread(tree.grown, leaves)


def _proven(entry: Entry, number: int, tree: Tree, checkpoint: Checkpoint) -> Proven:
    proof = tree.inclusion_proof(number - 1, checkpoint.size)
    # The tree may be older than this reading of the entry.
    if not verify_inclusion(_checked(entry, number).leaf, number - 1, checkpoint.size, proof, checkpoint.root):
        raise RecordBroken(reason="an entry was changed", number=number)
    return Proven(entry, proof)


def _checked(entry: Entry, number: int) -> Entry:
    """The entry, if it is the one of this number and all of it fits together. Raises RecordBroken."""
    if entry.number != number or not is_whole(entry):
        raise RecordBroken(reason="an entry was changed", number=number)
    return entry
