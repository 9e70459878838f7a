"""Merkle trees: a path leads to the root from its own leaf, and from nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.merkle_tree import HASH_BYTES, MerkleTree, PathStep, leaf_hash, root_of

SALT = bytes(HASH_BYTES)
HASHES = st.sets(st.binary(min_size=HASH_BYTES, max_size=HASH_BYTES), min_size=1, max_size=40)


def padding(number: int) -> bytes:
    return sha256(f"padding {number}".encode()).digest()


def tree_of(hashes: set[bytes]) -> MerkleTree:
    return MerkleTree.of(hashes, padding)


def recursive_root(level: list[bytes]) -> bytes:
    """The root by its definition in RFC 6962, section 2.1."""
    if len(level) == 1:
        return level[0]
    half = len(level) // 2
    return sha256(b"\x01" + recursive_root(level[:half]) + recursive_root(level[half:])).digest()


@given(HASHES)
def test_the_root_is_that_of_the_definition_over_leaves_padded_to_a_power_of_two(hashes: set[bytes]) -> None:
    tree = tree_of(hashes)
    size = len(tree.leaves)
    assert size & (size - 1) == 0
    assert size < 2 * len(hashes)
    assert hashes <= set(tree.leaves)
    assert list(tree.leaves) == sorted(tree.leaves)
    assert tree.root() == recursive_root(list(tree.leaves))


@given(HASHES)
def test_every_leaf_s_path_leads_to_the_root_and_no_other_leaf_s_does(hashes: set[bytes]) -> None:
    tree = tree_of(hashes)
    for leaf in tree.leaves:
        path = tree.path(leaf)
        assert root_of(leaf, path) == tree.root()
        assert root_of(sha256(leaf).digest(), path) != tree.root()
        for at, step in enumerate(path):
            turned = (*path[:at], PathStep(step.hash, not step.left), *path[at + 1 :])
            assert root_of(leaf, turned) != tree.root()


@given(HASHES)
def test_a_tree_comes_back_from_its_bytes(hashes: set[bytes]) -> None:
    tree = tree_of(hashes)
    assert MerkleTree.from_bytes(tree.to_bytes()) == tree


def test_a_leaf_that_is_not_there_has_no_path() -> None:
    with pytest.raises(KeyError):
        tree_of({sha256(b"one").digest()}).path(sha256(b"two").digest())


def test_a_leaf_is_no_node() -> None:
    """Otherwise two hashes could be passed off as a leaf's content (RFC 6962, section 2.1)."""
    left, right = sha256(b"left").digest(), sha256(b"right").digest()
    assert leaf_hash(left, right) != MerkleTree([left, right]).root()
    assert leaf_hash(SALT, b"one") == sha256(b"\x00" + SALT + b"one").digest()
