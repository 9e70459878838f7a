"""Match weeks, each with its snapshot and plan."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import IsoWeek, MatchWeek, WeekOutline
from ygs.ports.repositories import MOST_PAGE


class WeekReader(Protocol):
    """Match weeks with snapshots and plans, to be read."""

    async def get(self, id: WeekId) -> MatchWeek:
        """The week, or `NotFound`."""
        ...

    async def find(self, week: IsoWeek) -> MatchWeek | None:
        """The match week of that ISO week that is not cancelled, or None."""
        ...

    async def latest(self, limit: int = MOST_PAGE, *, after: WeekId | None = None) -> Sequence[MatchWeek]:
        """At most `limit` match weeks that follow the week `after`: the latest ISO week first, then the latest created.
        None follow a week that is not stored."""
        ...

    async def outlines(self, limit: int = MOST_PAGE) -> Sequence[WeekOutline]:
        """Like `latest`, but without policies and overrides, for a member's calendar."""
        ...

    async def iso_weeks(self, ids: Collection[WeekId]) -> Mapping[WeekId, IsoWeek]:
        """The ISO week of each of these match weeks, in one statement."""
        ...

    async def snapshot(self, id: WeekId) -> bytes:
        """The market as it was locked, or `NotFound`."""
        ...

    async def plan(self, id: WeekId) -> bytes:
        """The plan as it was last proposed, or `NotFound`."""
        ...


class WeekRepository(WeekReader, Protocol):
    """Match weeks, to be changed."""

    async def add(self, week: MatchWeek) -> None:
        """Store a new week; `WeekTaken` when its ISO week has a match week that is not cancelled."""
        ...

    async def save(self, week: MatchWeek) -> MatchWeek:
        """Store a changed week and return it with its new version, or raise `StaleWrite`."""
        ...

    async def keep_snapshot(self, id: WeekId, snapshot: bytes) -> None:
        """Store the locked market, replacing an earlier one."""
        ...

    async def keep_plan(self, id: WeekId, plan: bytes) -> None:
        """Store the proposed plan, replacing an earlier one."""
        ...

    async def drop_inputs(self, id: WeekId) -> None:
        """Delete the week's snapshot, plan and key, if there are any."""
        ...
