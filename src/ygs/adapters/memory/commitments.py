"""Commitments of match weeks in memory."""

from collections.abc import Sequence
from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.audit_release import AuditRelease
from ygs.domain.commitments import Commitment, WeekKey
from ygs.domain.errors import N_, Conflict, NotFound
from ygs.domain.ids import WeekId
from ygs.domain.merkle_tree import MerkleTree
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryCommitmentReader:
    """Commitments, to be read."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def latest(self, limit: int = MOST_PAGE, *, after: tuple[WeekId, int] | None = None) -> Sequence[Commitment]:
        stored = (await self._tx.step()).commitments
        if after is not None and after not in stored:
            return []
        before = None if after is None else _place(stored[after])
        followers = [each for each in stored.values() if before is None or _place(each) < before]
        return sorted(followers, key=_place, reverse=True)[:limit]

    async def of_week(self, id: WeekId) -> Sequence[Commitment]:
        stored = (await self._tx.step()).commitments.values()
        return sorted((each for each in stored if each.week_id == id), key=lambda each: each.number, reverse=True)

    async def input_tree(self, commitment: Commitment) -> MerkleTree:
        return await self._tree(commitment, "input")

    async def result_tree(self, commitment: Commitment) -> MerkleTree:
        return await self._tree(commitment, "result")

    async def _tree(self, commitment: Commitment, kind: str) -> MerkleTree:
        trees = (await self._tx.step()).week_trees
        if (commitment.week_id, commitment.number, kind) not in trees:
            raise NotFound("tree of match week", commitment.week_id)
        return trees[commitment.week_id, commitment.number, kind]

    async def key(self, id: WeekId) -> WeekKey:
        keys = (await self._tx.step()).week_keys
        if id not in keys:
            raise NotFound("key of match week", id)
        return keys[id]

    async def release(self, id: WeekId) -> AuditRelease | None:
        return (await self._tx.step()).audit_releases.get(id)


def _place(commitment: Commitment) -> tuple[datetime, WeekId, int]:
    return commitment.locked_at, commitment.week_id, commitment.number


class MemoryCommitmentRepository(MemoryCommitmentReader):
    """Commitments, to be added."""

    async def add(self, commitment: Commitment, inputs: MerkleTree, key: WeekKey) -> None:
        tables = await self._tx.step()
        week = commitment.week_id
        if week not in tables.weeks or (week, commitment.number) in tables.commitments:
            raise Conflict(N_("this week has a commitment of that number already, or is not stored: read it again"))
        storable_text("code_version", commitment.code_version)
        tables.commitments.put({(week, commitment.number): commitment})
        tables.week_trees.put({(week, commitment.number, "input"): inputs})
        tables.week_keys.put({week: key})

    async def save_release(self, release: AuditRelease) -> None:
        tables = await self._tx.step()
        if release.week_id not in tables.weeks:
            raise Conflict(N_("this week is not stored: read it again"))
        tables.audit_releases.put({release.week_id: release})

    async def publish(self, commitment: Commitment, results: MerkleTree) -> None:
        tables = await self._tx.step()
        place = (commitment.week_id, commitment.number)
        if place in tables.commitments:
            tables.commitments.put({place: commitment})
            tables.week_trees.put({(*place, "result"): results})
