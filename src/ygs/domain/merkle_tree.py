"""Merkle trees: one hash that commits to many leaves, and a short path by which any one of them is checked.

The hashes are those of RFC 6962, section 2.1: SHA-256 over a byte 0x00 and the leaf's content, or over a byte 0x01 and
the two hashes below. Leaves are in the order of their hashes. Each leaf holds a secret salt, so to anybody without the
salts that order is random, and a path does not reveal whose leaf is the sibling of whose.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from typing import Self

HASH_BYTES = 32
_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(salt: bytes, content: bytes) -> bytes:
    """Hash a leaf: its salt of 32 bytes, then its content."""
    return sha256(_LEAF + salt + content).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step from a leaf to the root: the sibling's hash, and whether the sibling is the left one."""

    hash: bytes
    left: bool


def root_of(leaf: bytes, path: Iterable[PathStep]) -> bytes:
    """Compute the root from a leaf's hash and its path."""
    return reduce(lambda at, step: _node_hash(step.hash, at) if step.left else _node_hash(at, step.hash), path, leaf)


@dataclass(frozen=True, slots=True)
class MerkleTree:
    """A tree over hashes of leaves, ascending, and padded to a power of two, which hides the number of leaves."""

    leaves: Sequence[bytes]

    @classmethod
    def of(cls, hashes: Iterable[bytes], padding: Callable[[int], bytes]) -> Self:
        """Build the tree of these hashes. `padding(n)` returns the n-th random hash to fill it up."""
        leaves = list(hashes)
        size = 1 << max(len(leaves) - 1, 0).bit_length()
        return cls(sorted(leaves + [padding(n) for n in range(size - len(leaves))]))

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read the tree that `to_bytes` wrote."""
        return cls([stored[at : at + HASH_BYTES] for at in range(0, len(stored), HASH_BYTES)])

    def to_bytes(self) -> bytes:
        """The hashes of the leaves, one after another."""
        return b"".join(self.leaves)

    def root(self) -> bytes:
        """The hash that commits to every leaf."""
        level = self.leaves
        while len(level) > 1:
            level = _parents(level)
        return level[0]

    def path(self, leaf: bytes) -> tuple[PathStep, ...]:
        """The path from a leaf's hash to the root; `KeyError` when the tree has no such leaf."""
        at = bisect_left(self.leaves, leaf)
        if self.leaves[at : at + 1] != [leaf]:
            raise KeyError(leaf.hex())
        steps = []
        level = self.leaves
        while len(level) > 1:
            sibling = at ^ 1
            steps.append(PathStep(level[sibling], left=sibling < at))
            level = _parents(level)
            at >>= 1
        return tuple(steps)


def _parents(level: Sequence[bytes]) -> Sequence[bytes]:
    return [_node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
