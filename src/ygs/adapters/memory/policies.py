"""The club's policies in memory."""

from collections.abc import Sequence
from dataclasses import replace

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.club_policy import ClubPolicy
from ygs.domain.errors import N_, StaleWrite
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryPolicyReader:
    """The club's policies."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def current(self) -> ClubPolicy:
        return _current(await self._tx.step())

    async def history(self, limit: int = MOST_PAGE, *, after: int | None = None) -> Sequence[ClubPolicy]:
        policies = (await self._tx.step()).policies
        earlier = [version for version in policies if after is None or version < after]
        return [policies[version] for version in sorted(earlier, reverse=True)[:limit]]


def _current(tables: SnapshotTables) -> ClubPolicy:
    return tables.policies[max(tables.policies)] if tables.policies else ClubPolicy()


class MemoryPolicyRepository(MemoryPolicyReader):
    """The club's policies, to which another can be added."""

    async def add(self, policy: ClubPolicy) -> ClubPolicy:
        tables = await self._tx.step()
        storable_text("policy", policy.policy.version)
        if policy.version != _current(tables).version:
            raise StaleWrite(N_("another policy was set meanwhile: read it again and repeat the edit"))
        stored = replace(policy, version=policy.version + 1)
        tables.policies.put({stored.version: stored})
        return stored
