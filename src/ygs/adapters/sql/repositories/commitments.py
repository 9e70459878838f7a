"""Commitments of match weeks."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, delete, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.keyset import precedes
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.rounds import audit_releases, week_commitments, week_keys
from ygs.domain.audit_release import AuditRelease
from ygs.domain.commitments import Commitment, WeekKey
from ygs.domain.errors import NotFound
from ygs.domain.ids import WeekId
from ygs.domain.merkle_tree import MerkleTree
from ygs.ports.repositories import MOST_PAGE

_FIELDS = ("week_id", "number", "locked_at", "code_version", "input_root", "plan_input", "result_root", "published_at")
# Without the trees, which have megabytes.
_COMMITMENTS = select(*(week_commitments.c[name] for name in _FIELDS))
_ORDER = (week_commitments.c.locked_at, week_commitments.c.week_id, week_commitments.c.number)


def _to_row(commitment: Commitment) -> dict[str, Any]:
    return {name: getattr(commitment, name) for name in _FIELDS}


def _to_commitment(row: Found) -> Commitment:
    return Commitment(**{name: getattr(row, name) for name in _FIELDS})


class SqlCommitmentReader:
    """Commitments, to be read."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def latest(self, limit: int = MOST_PAGE, *, after: tuple[WeekId, int] | None = None) -> Sequence[Commitment]:
        query = _COMMITMENTS.order_by(*(column.desc() for column in _ORDER)).limit(limit)
        if after is not None:
            query = query.where(precedes(_ORDER, _of(*after)))
        return await self._found(query)

    async def of_week(self, id: WeekId) -> Sequence[Commitment]:
        at = week_commitments.c
        return await self._found(_COMMITMENTS.where(at.week_id == id).order_by(at.number.desc()))

    async def _found(self, query: Select[Any]) -> Sequence[Commitment]:
        return [_to_commitment(row) for row in await self.tx.rows(query)]

    async def input_tree(self, commitment: Commitment) -> MerkleTree:
        return await self._tree(week_commitments.c.input_leaves, commitment)

    async def result_tree(self, commitment: Commitment) -> MerkleTree:
        return await self._tree(week_commitments.c.result_leaves, commitment)

    async def _tree(self, column: Column[Any], commitment: Commitment) -> MerkleTree:
        stored = await self.tx.scalar(select(column).where(_of(commitment.week_id, commitment.number)))
        if stored is None:
            raise NotFound("tree of match week", commitment.week_id)
        return MerkleTree.from_bytes(stored)

    async def key(self, id: WeekId) -> WeekKey:
        stored = await self.tx.scalar(select(week_keys.c.key).where(week_keys.c.id == id))
        if stored is None:
            raise NotFound("key of match week", id)
        return WeekKey(bytes.fromhex(self.tx.keyring.open(week_keys.c.key, id, stored)))

    async def release(self, id: WeekId) -> AuditRelease | None:
        row = await self.tx.row(self.tx.for_update(select(audit_releases).where(audit_releases.c.week_id == id)))
        if row is None:
            return None
        return AuditRelease(**{each.name: getattr(row, each.name) for each in fields(AuditRelease)})


class SqlCommitmentRepository(SqlCommitmentReader):
    """Commitments, to be added."""

    async def add(self, commitment: Commitment, inputs: MerkleTree, key: WeekKey) -> None:
        week = commitment.week_id
        sealed = self.tx.keyring.seal(week_keys.c.key, week, key.key.hex())
        async with self.tx.savepoint():
            row = {**_to_row(commitment), "input_leaves": inputs.to_bytes(), "result_leaves": None}
            await insert_all(self.tx, week_commitments, [row])
            await self.tx.run(delete(week_keys).where(week_keys.c.id == week))
            await insert_all(self.tx, week_keys, [{"id": week, "key": sealed}])

    async def save_release(self, release: AuditRelease) -> None:
        row = {each.name: getattr(release, each.name) for each in fields(AuditRelease)}
        async with self.tx.savepoint():
            await self.tx.run(delete(audit_releases).where(audit_releases.c.week_id == release.week_id))
            await insert_all(self.tx, audit_releases, [row])

    async def publish(self, commitment: Commitment, results: MerkleTree) -> None:
        query = update(week_commitments).where(_of(commitment.week_id, commitment.number))
        await self.tx.run(query.values({**_to_row(commitment), "result_leaves": results.to_bytes()}))


def _of(week: WeekId, number: int) -> ColumnElement[bool]:
    return and_(week_commitments.c.week_id == week, week_commitments.c.number == number)
