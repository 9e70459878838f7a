"""Kept forecasts, and the club's record as counts of the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, select, update

from ygs.adapters.sql.repositories.market import ENROLLED
from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.tables.memberships import forecasts
from ygs.adapters.sql.tables.rounds import introductions, match_weeks, participants
from ygs.adapters.sql.tables.users import users
from ygs.domain.errors import NotFound
from ygs.domain.forecasts import ClubRecord, KeptForecast, MutualTally, weeks_between
from ygs.domain.ids import ForecastId, MembershipId, UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.match_weeks import WeekState


def to_row(forecast: KeptForecast) -> dict[str, Any]:
    """A kept forecast as a row of `forecasts`."""
    names = ("id", "statement", "signature", "made_at", "made_by", "membership_id")
    return {name: getattr(forecast, name) for name in names}


def to_forecast(row: Found) -> KeptForecast:
    """The forecast that `to_row` wrote."""
    return KeptForecast(
        id=ForecastId(row.id),
        statement=row.statement,
        signature=row.signature,
        made_at=row.made_at,
        made_by=UserId(row.made_by) if row.made_by else None,
        membership_id=MembershipId(row.membership_id) if row.membership_id else None,
    )


class SqlForecastReader:
    """Kept forecasts and the club's record."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def club_record(self, *, since: datetime, at: datetime) -> ClubRecord:
        """Runs four statements."""
        await self.tx.long_timeout()
        weeks = await self.tx.rows(_closed_weeks(since))
        if not weeks:
            return ClubRecord()
        ids = sorted(week.id for week in weeks)
        first = weeks[0]
        tallies = await self.tx.rows(_tallies(ids))
        (people,) = await self.tx.rows(_still_there(first.id))
        joined = await self.tx.scalar(_joined(first.published_at))
        return ClubRecord(
            tallies=tuple(MutualTally(introductions=made, mutual=both, people=count) for made, both, count in tallies),
            weeks=weeks_between(first.published_at, at),
            present=people.present,
            gone=people.everybody - people.present,
            joined=joined or 0,
        )

    async def get(self, id: ForecastId) -> KeptForecast:
        row = await self.tx.row(self.tx.for_update(select(forecasts).where(forecasts.c.id == id)))
        if row is None:
            raise NotFound("forecast", id)
        return to_forecast(row)

    async def of_memberships(self, ids: Collection[MembershipId]) -> Sequence[KeptForecast]:
        query = select(forecasts).where(among(forecasts.c.membership_id, sorted(ids))).order_by(forecasts.c.id)
        return [to_forecast(row) for row in await self.tx.rows(query)]


class SqlForecastRepository(SqlForecastReader):
    """Kept forecasts, to be changed."""

    async def add(self, forecast: KeptForecast) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, forecasts, [to_row(forecast)])

    async def attach(self, id: ForecastId, membership: MembershipId) -> None:
        free = update(forecasts).where(forecasts.c.id == id, forecasts.c.membership_id.is_(None))
        async with self.tx.savepoint():
            if not await self.tx.run(free.values(membership_id=membership)):
                raise NotFound("forecast", id)

    async def purge(self, before: datetime) -> int:
        old = and_(forecasts.c.membership_id.is_(None), forecasts.c.made_at < before)
        return await self.tx.run(delete(forecasts).where(old))


def _closed_weeks(since: datetime) -> Query:
    weeks = match_weeks.c
    closed = and_(weeks.state == WeekState.CLOSED.value, weeks.published_at >= since)
    return select(weeks.id, weeks.published_at).where(closed).order_by(weeks.published_at, weeks.id)


def _tallies(weeks: Sequence[str]) -> Query:
    """How many people had so many introductions, so many of them mutual."""
    state = introductions.c.state
    own = (
        select(
            func.count().label("made"),
            func.sum(case((state == IntroductionState.MUTUAL.value, 1), else_=0)).label("both"),
        )
        .select_from(participants.join(introductions, introductions.c.id == participants.c.introduction_id))
        .where(among(participants.c.week_id, weeks), state != IntroductionState.CANCELLED.value)
        .group_by(participants.c.user_id)
        .subquery()
    )
    outcome = (own.c.made, own.c.both)
    return select(*outcome, func.count()).group_by(*outcome).order_by(*outcome)


def _still_there(week: str) -> Query:
    people = select(participants.c.user_id).where(participants.c.week_id == week).distinct().subquery()
    present = func.count(case((ENROLLED, 1)))
    joined = people.outerjoin(users, users.c.id == people.c.user_id)
    return select(func.count().label("everybody"), present.label("present")).select_from(joined)


def _joined(since: datetime) -> Query:
    return select(func.count()).select_from(users).where(ENROLLED, users.c.activated_at >= since)
