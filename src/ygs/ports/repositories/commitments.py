"""The commitments of match weeks with their Merkle trees, the week's key, and releases of inputs to auditors."""

from collections.abc import Sequence
from typing import Protocol

from ygs.domain.audit_release import AuditRelease
from ygs.domain.commitments import Commitment, WeekKey
from ygs.domain.ids import WeekId
from ygs.domain.merkle_tree import MerkleTree
from ygs.ports.repositories import MOST_PAGE


class CommitmentReader(Protocol):
    """Commitments, to be read."""

    async def latest(self, limit: int = MOST_PAGE, *, after: tuple[WeekId, int] | None = None) -> Sequence[Commitment]:
        """At most `limit` commitments of all weeks, the latest first, after the one with that week and number. None
        follow one that is not stored."""
        ...

    async def of_week(self, id: WeekId) -> Sequence[Commitment]:
        """The commitments of a week, the latest first; one for each time that it was locked."""
        ...

    async def input_tree(self, commitment: Commitment) -> MerkleTree:
        """The tree over the participants' inputs."""
        ...

    async def result_tree(self, commitment: Commitment) -> MerkleTree:
        """The tree over the participants' results; `NotFound` before publication."""
        ...

    async def key(self, id: WeekId) -> WeekKey:
        """The week's key; `NotFound` once it was deleted with the week's inputs."""
        ...

    async def release(self, id: WeekId) -> AuditRelease | None:
        """The latest release of the week's inputs to an auditor, or None. It is deleted with the inputs."""
        ...


class CommitmentRepository(CommitmentReader, Protocol):
    """Commitments, to be added. They are never deleted."""

    async def save_release(self, release: AuditRelease) -> None:
        """Store a release in place of an earlier one of the same week; `Conflict` when the week is not stored."""
        ...

    async def add(self, commitment: Commitment, inputs: MerkleTree, key: WeekKey) -> None:
        """Store the commitment of a week at locking, and its key in place of an earlier one.

        `Conflict` when the week has a commitment of that number.
        """
        ...

    async def publish(self, commitment: Commitment, results: MerkleTree) -> None:
        """Store a commitment with its result and the tree over the results."""
        ...
