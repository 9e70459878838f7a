"""Forecasts that were kept, and the record of the club that a forecast is made from."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.forecasts import ClubRecord, KeptForecast
from ygs.domain.ids import ForecastId, MembershipId


class ForecastReader(Protocol):
    """Kept forecasts and the club's record, to be read."""

    async def club_record(self, *, since: datetime, at: datetime) -> ClubRecord:
        """The record of the closed weeks that were published from `since` on, as of `at`; an empty one without any.

        Counts only, in a constant number of statements.
        """
        ...

    async def get(self, id: ForecastId) -> KeptForecast:
        """The kept forecast, or `NotFound`."""
        ...

    async def of_memberships(self, ids: Collection[MembershipId]) -> Sequence[KeptForecast]:
        """The forecasts kept with these memberships, ascending by id, in one statement."""
        ...


class ForecastRepository(ForecastReader, Protocol):
    """Kept forecasts, to be changed."""

    async def add(self, forecast: KeptForecast) -> None:
        """Store a forecast; `Conflict` when its id is stored already, or its membership is not."""
        ...

    async def attach(self, id: ForecastId, membership: MembershipId) -> None:
        """Keep a forecast with a membership: it is deleted with it. `NotFound`, also for one that is kept with another;
        `Conflict` when there is no such membership."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete forecasts that no contract followed and that were made before that moment; return how many."""
        ...
