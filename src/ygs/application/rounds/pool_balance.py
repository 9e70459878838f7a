"""The job that counts whom the pool lacks, queued when a week is locked, and its stored result."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.domain.errors import NotFound
from ygs.domain.ids import JobId, WeekId
from ygs.domain.jobs import Job, JobKind, Values
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.matching.market import Genders, Market
from ygs.domain.matching.pool_balance import PoolCell, pool_balance, weeks_waited
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.service_dates import date_at
from ygs.ports.clock_and_ids import Ids
from ygs.ports.storage import Reading, Storage

AGE_BAND = 5
# Who has waited longer counts as this long.
MOST_WEEKS_SHOWN = 12
# The plan goes first, for which staff wait after a lock.
COUNT_AFTER = timedelta(minutes=1)


class PoolCellView(BaseModel):
    """A group of people who take part: how many there are and how many are wanted by the wishes of the others."""

    model_config = ConfigDict(frozen=True)

    gender: str = Field(description="The code of the gender.")
    from_age: int | None = Field(ge=0, description="The youngest, in years; null where the year of birth is unknown.")
    to_age: int | None = Field(ge=0, description="The oldest, in years; null where the year of birth is unknown.")
    region: str | None = Field(description="The code of the region; null where it is unknown.")
    there: int = Field(ge=0, description="How many there are.")
    wanted: int = Field(
        ge=0,
        description="How many are wanted: everybody counts once for each gender they seek, shared out over those whom "
        "their wishes about year of birth and region accept.",
    )

    @property
    def lacking(self) -> int:
        """How many more are wanted than there are."""
        return self.wanted - self.there


class WaitView(BaseModel):
    """How many people have waited so many rounds since their last introduction, or since they joined."""

    model_config = ConfigDict(frozen=True)

    weeks: int = Field(ge=0, description="How many rounds; the greatest stands for as many or more.")
    people: int = Field(ge=0, description="How many people.")


class PoolView(BaseModel):
    """Whom the pool lacks, as it was when a week was last locked."""

    model_config = ConfigDict(frozen=True)

    counted_at: datetime = Field(description="When it was counted, UTC.")
    people: int = Field(ge=0, description="How many took part.")
    cells: list[PoolCellView] = Field(description="Every group that is there or wanted, the most lacking first.")
    waits: list[WaitView] = Field(description="How long they had waited, ascending.")

    @classmethod
    def of(cls, result: Mapping[str, object], at: datetime) -> Self:
        """The view of what the job stored."""
        cells = [_view(*each) for each in json.loads(str(result["cells"]))]
        ordered = sorted(cells, key=lambda each: -each.lacking)
        waits = [WaitView(weeks=weeks, people=people) for weeks, people in enumerate(json.loads(str(result["waits"])))]
        return cls(counted_at=at, people=int(str(result["people"])), cells=ordered, waits=waits)


def _view(gender: int, from_age: int | None, region: int, there: int, wanted: int) -> PoolCellView:
    return PoolCellView(
        gender=str(Genders(gender).name).lower(),
        from_age=from_age,
        to_age=None if from_age is None else from_age + AGE_BAND - 1,
        region=str(VOCABULARY["region"].value_of(region)) if region else None,
        there=there,
        wanted=wanted,
    )


def pool_balance_job(week: MatchWeek, ids: Ids, at: datetime) -> Job:
    """The job, a minute later; one each time a week is locked."""
    kind = JobKind.POOL_BALANCE
    return Job.new(
        JobId(ids.make("job")),
        kind,
        at=at,
        arguments={"week": week.id},
        unique_key=f"{kind}:{week.id}:{week.input_hash}",
        run_at=at + COUNT_AFTER,
    )


async def latest_pool(reading: Reading) -> PoolView | None:
    """Whom the pool lacked when it was last counted; None when it never was, or too long ago."""
    job = await reading.jobs.latest_done(JobKind.POOL_BALANCE)
    if job is None or job.finished_at is None or "cells" not in job.result:
        return None
    return PoolView.of(job.result, job.finished_at)


@dataclass(frozen=True, slots=True)
class PoolBalances:
    """Counts whom the pool lacks, of the inputs that a locked week keeps."""

    storage: Storage
    zone: ZoneInfo

    async def count(self, week: WeekId, at: datetime) -> Values:
        """Count, and return what the job is to store; nothing when the week was opened again."""
        async with self.storage.read(latest=True) as reading:
            try:
                snapshot = await reading.weeks.snapshot(week)
            except NotFound:
                return {}
        # Seconds of computing where a hundred thousand take part.
        return await asyncio.to_thread(_counted, snapshot, date_at(at, self.zone).year)


def _counted(snapshot: bytes, year: int) -> Values:
    market = Market.from_bytes(snapshot)
    cells = [_row(each) for each in pool_balance(market, year, AGE_BAND)]
    waits = weeks_waited(market, MOST_WEEKS_SHOWN)
    return {"people": len(market), "cells": json.dumps(cells, separators=(",", ":")), "waits": json.dumps(waits)}


def _row(cell: PoolCell) -> Sequence[int | None]:
    return [int(cell.gender), cell.from_age, cell.region, cell.there, cell.wanted]
