"""Match weeks in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import datetime
from typing import TypeVar

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict, NotFound, StaleWrite, WeekTaken
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import IsoWeek, MatchWeek, WeekOutline, WeekState
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE

Row = TypeVar("Row")


class MemoryWeekReader:
    """Match weeks and their inputs."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: WeekId) -> MatchWeek:
        return _found((await self._tx.step()).weeks, id, "match week")

    async def find(self, week: IsoWeek) -> MatchWeek | None:
        return _standing((await self._tx.step()).weeks.values(), week)

    async def latest(self, limit: int = MOST_PAGE, *, after: WeekId | None = None) -> Sequence[MatchWeek]:
        weeks = (await self._tx.step()).weeks
        if after is not None and after not in weeks:
            return []
        before = None if after is None else _place(weeks[after])
        followers = [week for week in weeks.values() if before is None or _place(week) < before]
        return sorted(followers, key=_place, reverse=True)[:limit]

    async def outlines(self, limit: int = MOST_PAGE) -> Sequence[WeekOutline]:
        return [
            WeekOutline(
                id=each.id,
                week=each.week,
                state=each.state,
                deadline=each.deadline,
                published_at=each.published_at,
            )
            for each in await self.latest(limit)
        ]

    async def iso_weeks(self, ids: Collection[WeekId]) -> Mapping[WeekId, IsoWeek]:
        weeks = (await self._tx.step()).weeks
        return {each: weeks[each].week for each in ids if each in weeks}

    async def snapshot(self, id: WeekId) -> bytes:
        return _found((await self._tx.step()).snapshots, id, "snapshot of match week")

    async def plan(self, id: WeekId) -> bytes:
        return _found((await self._tx.step()).plans, id, "plan of match week")


def _found(rows: Mapping[WeekId, Row], id: WeekId, what: str) -> Row:
    if id not in rows:
        raise NotFound(what, id)
    return rows[id]


def _place(week: MatchWeek) -> tuple[IsoWeek, datetime, WeekId]:
    return week.week, week.created_at, week.id


def _standing(weeks: Iterable[MatchWeek], iso: IsoWeek) -> MatchWeek | None:
    return next((week for week in weeks if week.week == iso and week.state is not WeekState.CANCELLED), None)


class MemoryWeekRepository(MemoryWeekReader):
    """Match weeks, to be changed."""

    async def add(self, week: MatchWeek) -> None:
        tables = await self._tx.step()
        if week.id in tables.weeks:
            raise Conflict(N_("a match week of that id is stored already: make a new id"))
        _store(tables, week)

    async def save(self, week: MatchWeek) -> MatchWeek:
        tables = await self._tx.step()
        if week.id not in tables.weeks or tables.weeks[week.id].version != week.version:
            raise StaleWrite(N_("this week changed since it was read: read it again and repeat the edit"))
        return _store(tables, week)

    async def keep_snapshot(self, id: WeekId, snapshot: bytes) -> None:
        tables = await self._tx.step()
        _require_week(tables, id)
        tables.snapshots.put({id: bytes(snapshot)})

    async def keep_plan(self, id: WeekId, plan: bytes) -> None:
        tables = await self._tx.step()
        _require_week(tables, id)
        tables.plans.put({id: bytes(plan)})

    async def drop_inputs(self, id: WeekId) -> None:
        tables = await self._tx.step()
        tables.snapshots.drop([id])
        tables.plans.drop([id])
        tables.week_keys.drop([id])
        tables.audit_releases.drop([id])


def _store(tables: SnapshotTables, week: MatchWeek) -> MatchWeek:
    overrides = week.overrides
    people = (*overrides.left_out, *(person for pair in overrides.pins | overrides.forbids for person in pair))
    failed = (text for pair in week.failure for text in astuple(pair))
    for text in (week.id, week.input_hash, week.policy.version, *people, *failed):
        storable_text("week", text)
    standing = _standing(tables.weeks.values(), week.week)
    if week.state is not WeekState.CANCELLED and standing is not None and standing.id != week.id:
        raise WeekTaken(N_("that ISO week has a match week: cancel it first, or use it"))
    stored = replace(week, version=week.version + 1)
    tables.weeks.put({week.id: stored})
    return stored


def _require_week(tables: SnapshotTables, id: WeekId) -> None:
    if id not in tables.weeks:
        raise Conflict(N_("inputs belong to a match week: store the week first"))
