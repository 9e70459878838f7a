"""The club's schedule for match weeks: when the next round is created and locked by itself, and doing so."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.rounds.weeks import CreateWeek, MatchWeeks
from ygs.application.versions import require_version
from ygs.domain.errors import WeekTaken
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import IsoWeek, MatchWeek, WeekState
from ygs.domain.week_schedule import Weekday, WeekSchedule
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

_OFF = WeekSchedule()


class WeekScheduleSettings(BaseModel):
    """When the round of the next week is created and locked by itself. Hours are in the service's time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    enabled: StrictBool = Field(description="Whether that happens.")
    weekday: Weekday = Field(
        default=_OFF.weekday, description="The day on which the round of the week after is created and locked."
    )
    hour: StrictInt = Field(default=_OFF.hour, ge=0, le=23, description="The full hour of that day.")
    deadline_weekday: Weekday = Field(
        default=_OFF.deadline_weekday, description="The day of the round's week on which answers end."
    )
    deadline_hour: StrictInt = Field(default=_OFF.deadline_hour, ge=0, le=23, description="The full hour of that day.")


class WeekScheduleView(BaseModel):
    """The schedule in force; off until one is set. `since`: when it was set, UTC."""

    model_config = ConfigDict(frozen=True)

    version: int
    since: datetime | None
    schedule: WeekScheduleSettings

    @classmethod
    def of(cls, stored: WeekSchedule) -> Self:
        """The view of a stored schedule."""
        schedule = WeekScheduleSettings.model_validate(stored)
        return cls(version=stored.version, since=stored.since, schedule=schedule)


@dataclass(frozen=True, slots=True)
class WeekSchedules:
    """Reads and sets the schedule, and locks the weeks that are due by it."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    weeks: MatchWeeks

    async def current(self, actor: Actor) -> WeekScheduleView:
        """The schedule in force."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            return WeekScheduleView.of(await reading.week_schedules.current())

    async def set(self, actor: Actor, settings: WeekScheduleSettings, version: int | None = None) -> WeekScheduleView:
        """Put a schedule in force. What would have been due before is not made up for.

        `version`: of the schedule that the edit was made from (None: any); `StaleWrite` when another is in force.
        """
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.SET_POLICY) as tx:
            current = await tx.week_schedules.current()
            require_version(current, version)
            stored = await tx.week_schedules.add(replace(current, since=now, **settings.model_dump()))
            what = f"{stored.version} {'on' if stored.enabled else 'off'}"
            await tx.audit.add(audit_entry(actor, "week_schedule.set", at=now, what=what))
        return WeekScheduleView.of(stored)

    async def due(self) -> IsoWeek | None:
        """The week whose round has to be locked by now, locked or not."""
        async with self.storage.read(latest=True) as reading:
            schedule = await reading.week_schedules.current()
        return schedule.due(self.clock.now(), self.zone)

    async def lock(self, iso_week: IsoWeek) -> WeekId | None:
        """Create the round of a week, unless staff have, and lock it, unless staff have; None when they cancelled it.
        Staff are notified of a week that this locks.

        `RoundRefused` when fewer than two people are active.
        """
        operator = Actor.operator()
        week = await self._find(iso_week)
        if week is None:
            async with self.storage.read(latest=True) as reading:
                deadline = (await reading.week_schedules.current()).deadline(iso_week, self.zone)
            with suppress(WeekTaken):  # by staff, in this moment
                await self.weeks.create(operator, CreateWeek(week=str(iso_week), deadline=deadline))
            week = await self._find(iso_week)
        if week is None or week.state is WeekState.CANCELLED:
            return None
        if week.state is WeekState.OPEN:
            await self.weeks.lock(operator, week.id, by_schedule=True)
        return week.id

    async def _find(self, iso_week: IsoWeek) -> MatchWeek | None:
        """The week as it stands, or the latest that was cancelled."""
        async with self.storage.read(latest=True) as reading:
            if standing := await reading.weeks.find(iso_week):
                return standing
            return next((each for each in await reading.weeks.latest() if each.week == iso_week), None)
