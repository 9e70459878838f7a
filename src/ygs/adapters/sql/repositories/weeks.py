"""Match weeks and their inputs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Table, delete, select, update

from ygs.adapters.sql.repositories.policies import policy_from_json, policy_to_json
from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.keyset import precedes
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.rounds import audit_releases, match_weeks, week_keys, week_plans, week_snapshots
from ygs.domain.errors import NotFound, StaleWrite
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import BrokenPair, IsoWeek, MatchWeek, WeekOutline, WeekState
from ygs.domain.matching.plan import Overrides
from ygs.ports.repositories import MOST_PAGE


def to_row(week: MatchWeek) -> dict[str, Any]:
    """A week as a row of `match_weeks`."""
    return {
        "id": week.id,
        "iso_year": week.week.year,
        "iso_week": week.week.week,
        "deadline": week.deadline,
        "policy": policy_to_json(week.policy),
        "seed": week.seed,
        "state": week.state.value,
        "overrides": _overrides_as_json(week.overrides),
        "input_hash": week.input_hash,
        "fence": week.fence,
        "lease_until": week.lease_until,
        "failure": [asdict(pair) for pair in week.failure],
        "published_at": week.published_at,
        "created_at": week.created_at,
        "updated_at": week.updated_at,
        "version": week.version,
    }


def to_week(row: Found) -> MatchWeek:
    """The week that `to_row` wrote."""
    return MatchWeek(
        id=WeekId(row.id),
        week=IsoWeek(row.iso_year, row.iso_week),
        deadline=row.deadline,
        policy=policy_from_json(row.policy),
        seed=row.seed,
        state=WeekState(row.state),
        overrides=_to_overrides(row.overrides),
        input_hash=row.input_hash,
        fence=row.fence,
        lease_until=row.lease_until,
        failure=tuple(BrokenPair(**pair) for pair in row.failure),
        published_at=row.published_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _overrides_as_json(overrides: Overrides) -> dict[str, Any]:
    return {
        "pins": sorted(overrides.pins),
        "forbids": sorted(overrides.forbids),
        "left_out": sorted(overrides.left_out),
        "swaps": sorted(overrides.swaps),
    }


def _to_overrides(stored: dict[str, Any]) -> Overrides:
    return Overrides(
        pins=frozenset((a, b) for a, b in stored["pins"]),
        forbids=frozenset((a, b) for a, b in stored["forbids"]),
        left_out=frozenset(stored["left_out"]),
        swaps=frozenset((a, b, c, d) for a, b, c, d in stored.get("swaps", ())),
    )


_ORDER = (match_weeks.c.iso_year, match_weeks.c.iso_week, match_weeks.c.created_at, match_weeks.c.id)
_LATEST_FIRST = [column.desc() for column in _ORDER]


class SqlWeekReader:
    """Match weeks."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: WeekId) -> MatchWeek:
        row = await self.tx.row(self.tx.for_update(select(match_weeks).where(match_weeks.c.id == id)))
        if row is None:
            raise NotFound("match week", id)
        return to_week(row)

    async def find(self, week: IsoWeek) -> MatchWeek | None:
        query = select(match_weeks).where(match_weeks.c.iso_year == week.year, match_weeks.c.iso_week == week.week)
        row = await self.tx.row(self.tx.for_update(query.where(match_weeks.c.state != WeekState.CANCELLED.value)))
        return None if row is None else to_week(row)

    async def latest(self, limit: int = MOST_PAGE, *, after: WeekId | None = None) -> Sequence[MatchWeek]:
        query = select(match_weeks).order_by(*_LATEST_FIRST).limit(limit)
        if after is not None:
            query = query.where(precedes(_ORDER, match_weeks.c.id == after))
        return [to_week(row) for row in await self.tx.rows(query)]

    async def outlines(self, limit: int = MOST_PAGE) -> Sequence[WeekOutline]:
        week = match_weeks.c
        columns = week.id, week.iso_year, week.iso_week, week.state, week.deadline, week.published_at
        rows = await self.tx.rows(select(*columns).order_by(*_LATEST_FIRST).limit(limit))
        return [
            WeekOutline(
                id=WeekId(row.id),
                week=IsoWeek(row.iso_year, row.iso_week),
                state=WeekState(row.state),
                deadline=row.deadline,
                published_at=row.published_at,
            )
            for row in rows
        ]

    async def iso_weeks(self, ids: Collection[WeekId]) -> Mapping[WeekId, IsoWeek]:
        week = match_weeks.c
        rows = await self.tx.rows(select(week.id, week.iso_year, week.iso_week).where(among(week.id, sorted(ids))))
        return {WeekId(row.id): IsoWeek(row.iso_year, row.iso_week) for row in rows}

    async def snapshot(self, id: WeekId) -> bytes:
        return await self._input(week_snapshots, id, "snapshot")

    async def plan(self, id: WeekId) -> bytes:
        return await self._input(week_plans, id, "plan")

    async def _input(self, table: Table, id: WeekId, what: str) -> bytes:
        stored = await self.tx.scalar(select(table.c[what]).where(table.c.week_id == id))
        if stored is None:
            raise NotFound(f"{what} of match week", id)
        return bytes(stored)


class SqlWeekRepository(SqlWeekReader):
    """Match weeks, to be changed."""

    async def add(self, week: MatchWeek) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, match_weeks, [to_row(replace(week, version=week.version + 1))])

    async def save(self, week: MatchWeek) -> MatchWeek:
        saved = replace(week, version=week.version + 1)
        query = update(match_weeks).where(match_weeks.c.id == week.id, match_weeks.c.version == week.version)
        async with self.tx.savepoint():
            if not await self.tx.run(query.values(to_row(saved))):
                raise StaleWrite(STALE)
        return saved

    async def keep_snapshot(self, id: WeekId, snapshot: bytes) -> None:
        await self._keep(week_snapshots, {"week_id": id, "snapshot": snapshot})

    async def keep_plan(self, id: WeekId, plan: bytes) -> None:
        await self._keep(week_plans, {"week_id": id, "plan": plan})

    async def _keep(self, table: Table, row: dict[str, Any]) -> None:
        async with self.tx.savepoint():
            await self.tx.run(delete(table).where(table.c.week_id == row["week_id"]))
            await insert_all(self.tx, table, [row])

    async def drop_inputs(self, id: WeekId) -> None:
        for table in (week_snapshots, week_plans, audit_releases):
            await self.tx.run(delete(table).where(table.c.week_id == id))
        await self.tx.run(delete(week_keys).where(week_keys.c.id == id))
