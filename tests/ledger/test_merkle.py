"""The tree against RFC 9162's own definitions, against published roots, and against forgers."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.reference import merkle as reference

INPUTS = [bytes.fromhex(each) for each in ("", "00", "10", "2021", "3031", "40414243")]
INPUTS += [bytes.fromhex("5051525354555657"), bytes.fromhex("606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The vectors of the Certificate Transparency reference implementation: roots after 1, 2 … 8 of INPUTS."""


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


sizes = st.integers(min_value=1, max_value=70)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference_implementation(size: int) -> None:
    leaves = [leaf_hash(each) for each in INPUTS[:size]]
    assert Tree(leaves).root().hex() == ROOTS[size - 1]
    assert Frontier().extend(leaves).root().hex() == ROOTS[size - 1]


def test_a_tree_without_leaves_has_the_root_of_nothing() -> None:
    assert Tree([]).root() == Frontier().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100])
def test_roots_follow_the_definition(size: int) -> None:
    leaves = leaves_of(size)
    assert Tree(leaves).root() == reference.mth(leaves) == Frontier().extend(leaves).root()


@given(sizes, st.data())
def test_inclusion_proofs_follow_the_definition_and_verify(size: int, draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, size - 1))
    extra = draw.draw(st.integers(0, 5))
    leaves = leaves_of(size + extra)
    proof = Tree(leaves).inclusion_proof(index, size)
    assert list(proof) == reference.path(index, leaves[:size])
    assert verify_inclusion(leaves[index], index, size, proof, reference.mth(leaves[:size]))


@given(sizes, st.data())
def test_consistency_proofs_follow_the_definition_and_verify(new: int, draw: st.DataObject) -> None:
    old = draw.draw(st.integers(1, new))
    leaves = leaves_of(new)
    proof = Tree(leaves).consistency_proof(old)
    assert list(proof) == reference.proof(old, leaves)
    assert verify_consistency((old, reference.mth(leaves[:old])), (new, reference.mth(leaves)), proof)


@given(sizes, st.data())
def test_a_proof_fits_no_other_leaf_index_size_or_root(size: int, draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    tree = Tree(leaves)
    proof, root = tree.inclusion_proof(index), tree.root()
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not verify_inclusion(leaves[index], index, size, proof, leaf_hash(b"other"))
    assert not verify_inclusion(leaves[index], index, size, (*proof, root), root)
    assert not proof or not verify_inclusion(leaves[index], index, size, proof[:-1], root)
    for other in range(size):
        assert other == index or not verify_inclusion(leaves[index], other, size, proof, root)


@given(sizes, st.data())
def test_a_changed_history_has_no_consistency_proof(new: int, draw: st.DataObject) -> None:
    old = draw.draw(st.integers(1, new))
    changed = draw.draw(st.integers(0, old - 1))
    leaves = leaves_of(new)
    told = Tree(leaves).root(old)
    leaves[changed] = leaf_hash(b"rewritten")
    tree = Tree(leaves)
    assert not verify_consistency((old, told), (new, tree.root()), tree.consistency_proof(old))


@given(sizes, st.data())
def test_a_bent_consistency_proof_is_refused(new: int, draw: st.DataObject) -> None:
    old = draw.draw(st.integers(1, new))
    tree = Tree(leaves_of(new))
    proof, told, root = tree.consistency_proof(old), (old, tree.root(old)), (new, tree.root())
    assert not verify_consistency(told, root, (*proof, root[1]))
    for at in range(len(proof)):
        bent = (*proof[:at], leaf_hash(proof[at]), *proof[at + 1 :])
        assert not verify_consistency(told, root, bent)
        assert not verify_consistency(told, root, proof[:at] + proof[at + 1 :])


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0), (5, 4)])
def test_a_place_outside_the_tree_is_refused(index: int, size: int) -> None:
    assert not verify_inclusion(leaf_hash(b""), index, size, (), leaf_hash(b""))


@pytest.mark.parametrize(("old", "new"), [(0, 1), (3, 2), (-1, 1)])
def test_sizes_that_cannot_follow_each_other_are_refused(old: int, new: int) -> None:
    assert not verify_consistency((old, EMPTY_ROOT), (new, EMPTY_ROOT), ())


def test_an_empty_consistency_proof_proves_nothing_between_different_sizes() -> None:
    assert not verify_consistency((3, leaf_hash(b"a")), (5, leaf_hash(b"b")), ())


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 100])
def test_a_frontier_comes_back_from_its_bytes(size: int) -> None:
    frontier = Frontier().extend(leaves_of(size))
    assert Frontier.from_bytes(size, frontier.to_bytes()) == frontier


@pytest.mark.parametrize(("size", "length"), [(1, 0), (0, 32), (3, 32), (1, 31), (-1, 32)])
def test_a_frontier_of_another_size_is_refused(size: int, length: int) -> None:
    with pytest.raises(ValueError):
        Frontier.from_bytes(size, b"x" * length)


@pytest.mark.parametrize("first", range(10))
def test_a_tree_that_grew_is_the_tree_of_all_its_leaves(first: int) -> None:
    leaves = [leaf_hash(bytes([each])) for each in range(23)]
    for last in range(first, 23):
        small = Tree(leaves[:first])
        grown, whole = small.grown(leaves[first:last]), Tree(leaves[:last])
        assert (small.size, grown.size) == (first, last)
        assert small.root() == reference.mth(leaves[:first])
        assert [grown.root(size) for size in range(last + 1)] == [whole.root(size) for size in range(last + 1)]
        assert [grown.inclusion_proof(at) for at in range(last)] == [whole.inclusion_proof(at) for at in range(last)]
