"""Merkle tree arithmetic of RFC 9162 §2.1: bytes in, hashes out. Pure; the standard library only.

A tree of ``size`` leaves has leaves 0 … size-1; intervals are [begin, end). Every function states what it requires as
an inequality and asserts it where the caller is ours; the two ``verify_`` functions take bytes from strangers and
answer False instead.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves (RFC 9162 §2.1.1)."""


def leaf_hash(record: bytes) -> bytes:
    """SHA-256(0x00 || record)."""
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """What must be kept of a tree to append to it: the roots of its perfect subtrees, the largest first.

    There is one for each bit set in ``size``, so at most 64 for any log that could ever be written.
    """

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """The frontier after one more leaf. Amortised one hash."""
        roots = list(self.roots)
        last = leaf
        remaining = self.size
        while remaining & 1:
            last = node_hash(roots.pop(), last)
            remaining >>= 1
        return Frontier(self.size + 1, (*roots, last))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier after all these leaves, in order."""
        grown = self
        for leaf in leaves:
            grown = grown.append(leaf)
        return grown

    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.roots:
            return EMPTY_ROOT
        *above, root = self.roots
        for subtree in reversed(above):
            root = node_hash(subtree, root)
        return root

    def to_bytes(self) -> bytes:
        """The roots one after the other."""
        return b"".join(self.roots)

    @classmethod
    def from_bytes(cls, size: int, joined: bytes) -> "Frontier":
        """The inverse of `to_bytes`. Requires len(joined) = 32 × the bits set in size; raises ValueError otherwise."""
        if size < 0 or len(joined) != HASH_BYTES * size.bit_count():
            raise ValueError("the frontier does not fit the size")
        return cls(size, tuple(joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)))


class Tree:
    """All leaves of a log and every perfect subtree over them, so that many proofs cost one pass: O(size) once, then
    O(log size) hashes a proof."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        self._complete()

    def grown(self, leaves: Sequence[bytes]) -> "Tree":
        """The tree after these leaves too: as many hashes as there are new leaves, and this one stays what it is."""
        grown = Tree(())
        grown._levels = [list(each) for each in self._levels]
        grown._levels[0] += leaves
        grown._complete()
        return grown

    def _complete(self) -> None:
        """Add what is missing above the leaves: every perfect subtree once, the small ones first."""
        for height, below in enumerate(self._levels):
            if len(below) < 2:
                break
            if height + 1 == len(self._levels):
                self._levels.append([])
            above = self._levels[height + 1]
            above += [node_hash(below[at], below[at + 1]) for at in range(2 * len(above), len(below) - 1, 2)]

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    def root(self, size: int | None = None) -> bytes:
        """The root of the first ``size`` leaves (None: all). Requires 0 <= size <= self.size."""
        size = self.size if size is None else size
        assert 0 <= size <= self.size
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """PATH(index, D[size]) of RFC 9162 §2.1.3.1. Requires 0 <= index < size <= self.size."""
        size = self.size if size is None else size
        assert 0 <= index < size <= self.size
        proof: list[bytes] = []
        begin, end = 0, size
        while end - begin > 1:
            middle = begin + _split(end - begin)
            if index < middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(begin, middle))
                begin = middle
        return tuple(reversed(proof))

    def consistency_proof(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """PROOF(old, D[new]) of RFC 9162 §2.1.4.1. Requires 0 < old <= new <= self.size."""
        new = self.size if new is None else new
        assert 0 < old <= new <= self.size
        proof: list[bytes] = []
        begin, end, is_known = 0, new, True
        while end != old:
            middle = begin + _split(end - begin)
            if old <= middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(begin, middle))
                begin, is_known = middle, False
        if not is_known:
            proof.append(self._range(begin, end))
        return tuple(reversed(proof))

    def _range(self, begin: int, end: int) -> bytes:
        """The root over leaves [begin, end). Requires begin < end, and begin a multiple of the smallest power of two
        that is not below the range's length, as in every range RFC 9162 cuts."""
        roots = []
        length = end - begin
        while begin < end:
            level = (end - begin).bit_length() - 1
            roots.append(self._levels[level][begin >> level])
            begin += 1 << level
        return Frontier(length, tuple(roots)).root()


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows ``leaf`` at ``index`` under ``root``, RFC 9162 §2.1.3.2. Only if 0 <= index < size."""
    if not 0 <= index < size:
        return False
    first, last = index, size - 1
    reached = leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            reached = node_hash(sibling, reached)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and reached == root


def verify_consistency(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree (size, root) ``new`` begins with the tree ``old``.

    RFC 9162 §2.1.4.2; False unless 0 < old size <= new size.
    """
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    first, last = old_size - 1, new_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    return _climb(path, first, last) == (old_root, new_root)


def _climb(path: Sequence[bytes], first: int, last: int) -> tuple[bytes, bytes] | None:
    """The two roots a consistency path leads to; None when it is too long or too short."""
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if first & 1 or first == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        first, last = first >> 1, last >> 1
    return (old, new) if last == 0 else None


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``. Requires size > 1."""
    return 1 << (size - 1).bit_length() - 1
