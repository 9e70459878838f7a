"""Kept forecasts, and the club's record, in memory."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict, NotFound
from ygs.domain.forecasts import ClubRecord, KeptForecast, MutualTally, weeks_between
from ygs.domain.ids import ForecastId, MembershipId, UserId, WeekId
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.match_weeks import WeekState
from ygs.domain.text import storable_text
from ygs.domain.users import Status


class MemoryForecastReader:
    """Kept forecasts and the club's record."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def club_record(self, *, since: datetime, at: datetime) -> ClubRecord:
        tables = await self._tx.step()
        weeks = sorted(_closed(tables, since))
        if not weeks:
            return ClubRecord()
        first, first_week = weeks[0]
        active = {each.id: each for each in tables.users.values() if each.status is Status.ACTIVE}
        people = {person for each in _introductions(tables, [first_week]) for person in (each.a, each.b)}
        return ClubRecord(
            tallies=_tallies(tables, [week for _, week in weeks]),
            weeks=weeks_between(first, at),
            present=len(people & active.keys()),
            gone=len(people - active.keys()),
            joined=sum(1 for each in active.values() if each.activated_at and each.activated_at >= first),
        )

    async def get(self, id: ForecastId) -> KeptForecast:
        tables = await self._tx.step()
        if id not in tables.forecasts:
            raise NotFound("forecast", id)
        return tables.forecasts[id]

    async def of_memberships(self, ids: Collection[MembershipId]) -> Sequence[KeptForecast]:
        forecasts = (await self._tx.step()).forecasts.values()
        return sorted((each for each in forecasts if each.membership_id in ids), key=lambda each: each.id)


class MemoryForecastRepository(MemoryForecastReader):
    """Kept forecasts, to be changed."""

    async def add(self, forecast: KeptForecast) -> None:
        tables = await self._tx.step()
        if forecast.id in tables.forecasts:
            raise Conflict(N_("a forecast of that id is stored already: make a new id"))
        storable_text("statement", forecast.statement)
        _put(tables, forecast)

    async def attach(self, id: ForecastId, membership: MembershipId) -> None:
        forecast = await self.get(id)
        if forecast.membership_id is not None:
            raise NotFound("forecast", id)
        _put(await self._tx.step(), replace(forecast, membership_id=membership))

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = [each.id for each in tables.forecasts.values() if each.membership_id is None and each.made_at < before]
        tables.forecasts.drop(old)
        return len(old)


def _put(tables: SnapshotTables, forecast: KeptForecast) -> None:
    if forecast.membership_id is not None and forecast.membership_id not in tables.memberships:
        raise Conflict(N_("a forecast is kept with a membership: store that first"))
    tables.forecasts.put({forecast.id: forecast})


def _closed(tables: SnapshotTables, since: datetime) -> Iterator[tuple[datetime, WeekId]]:
    for each in tables.weeks.values():
        if each.state is WeekState.CLOSED and each.published_at is not None and each.published_at >= since:
            yield each.published_at, each.id


def _introductions(tables: SnapshotTables, weeks: Collection[WeekId]) -> Iterator[Introduction]:
    for week in weeks:
        yield from (tables.introductions[each] for each in tables.of_week.get(week, ()))


def _tallies(tables: SnapshotTables, weeks: Collection[WeekId]) -> tuple[MutualTally, ...]:
    made = Counter[UserId]()
    mutual = Counter[UserId]()
    for each in _introductions(tables, weeks):
        if each.state is not IntroductionState.CANCELLED:
            made.update((each.a, each.b))
            mutual.update((each.a, each.b) if each.state is IntroductionState.MUTUAL else ())
    outcomes = Counter((count, mutual[person]) for person, count in made.items())
    return tuple(
        MutualTally(introductions=count, mutual=both, people=people)
        for (count, both), people in sorted(outcomes.items())
    )
