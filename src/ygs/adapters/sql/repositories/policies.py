"""The club's policies."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import select

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.rounds import policies
from ygs.domain.club_policy import ClubPolicy
from ygs.domain.errors import N_, StaleWrite
from ygs.domain.matching.policy import Affinity, Nearness, Objective, Policy, Strategy
from ygs.ports.repositories import MOST_PAGE

_LATEST_FIRST = select(policies).order_by(policies.c.version.desc())


def policy_to_json(policy: Policy) -> dict[str, Any]:
    """A policy as a value of a JSON column."""
    return asdict(policy)


def policy_from_json(stored: Mapping[str, Any]) -> Policy:
    """The policy that `policy_to_json` wrote."""
    affinities = (Affinity(**{**each, "nearness": Nearness(each["nearness"])}) for each in stored["affinities"])
    objective = Objective(stored["objective"])
    strategy = Strategy(stored["strategy"])
    return Policy(**{**stored, "objective": objective, "strategy": strategy, "affinities": tuple(affinities)})


def _to_policy(row: Found) -> ClubPolicy:
    return ClubPolicy(policy=policy_from_json(row.policy), since=row.since, version=row.version)


class SqlPolicyReader:
    """The club's policies."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def current(self) -> ClubPolicy:
        row = await self.tx.row(_LATEST_FIRST.limit(1))
        return ClubPolicy() if row is None else _to_policy(row)

    async def history(self, limit: int = MOST_PAGE, *, after: int | None = None) -> Sequence[ClubPolicy]:
        query = _LATEST_FIRST.limit(limit)
        if after is not None:
            query = query.where(policies.c.version < after)
        return [_to_policy(row) for row in await self.tx.rows(query)]


class SqlPolicyRepository(SqlPolicyReader):
    """The club's policies, to which another can be added."""

    async def add(self, policy: ClubPolicy) -> ClubPolicy:
        if policy.version != (await self.current()).version:
            raise StaleWrite(N_("another policy was set meanwhile: read it again and repeat the edit"))
        stored = replace(policy, version=policy.version + 1)
        row = {"version": stored.version, "policy": policy_to_json(stored.policy), "since": stored.since}
        # The key keeps two policies of concurrent transactions from taking one version.
        async with self.tx.savepoint():
            await insert_all(self.tx, policies, [row])
        return stored
