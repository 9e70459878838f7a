"""Staff's use case about when members can come: slots, single and in series, working hours, and closed days."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.consultations.bookings import names_of
from ygs.application.consultations.staff_consultations import require_own
from ygs.application.consultations.views import (
    ClosedDayFields,
    ClosedDaysEdit,
    ClosedDaysView,
    ConsultantView,
    OpenedSlots,
    SeriesOpening,
    SlotOpening,
    SlotView,
    WorkingHoursFields,
    WorkingHoursView,
)
from ygs.domain.consultations import CalendarEntry, Slot
from ygs.domain.consulting_hours import OPENED_AHEAD, SlotSeries, closed_on, local_moment
from ygs.domain.errors import N_, InvalidFact, NotFound, SlotTaken, StaleWrite, WrongStatus
from ygs.domain.ids import SlotId, UserId
from ygs.domain.service_dates import date_at, start_of
from ygs.domain.users import Role, Status
from ygs.ports.calendars import Calendars
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing

DAY = timedelta(days=1)
# Slots that one request opens; more are another request.
MOST_OPENED = 1000


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When consultants receive members: consultants their own times, administrators everybody's, and closed days."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    calendars: Calendars

    async def open_slot(self, actor: Actor, opening: SlotOpening) -> SlotView:
        """Open one slot, also outside the working hours; `WrongStatus` on a closed day, `SlotOverlap` when the
        consultant has one then."""
        consultant = _whose(actor, opening.consultant_id)
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            await _require_working(tx, consultant)
            now = await tx.now(self.clock)
            starts_at = opening.starts_at.astimezone(UTC)
            if not now < starts_at <= now + OPENED_AHEAD:
                raise InvalidFact("starts_at", N_("must be within the next {days} days"), days=OPENED_AHEAD.days)
            slot = self._slot(consultant, starts_at, timedelta(minutes=opening.minutes), now)
            day = date_at(starts_at, self.zone)
            if await tx.consulting_hours.closed_days(day, day):
                raise WrongStatus(N_("the club is closed on that day: open the day first"))
            await tx.consultations.add_slots([slot])
            await self._audit(tx, actor, "slots.opened", consultant, f"{slot.id}")
            names = await names_of(tx, [consultant])
        return SlotView.of(slot, names)

    async def open_series(self, actor: Actor, opening: SeriesOpening) -> OpenedSlots:
        """Open slots that repeat, as far as they are ahead, within the working hours, on days on which the club is open
        and where the consultant has none yet.

        They keep their local time when the clocks change. A local time that the clocks skip on a day opens none; of one
        that they show twice the first is meant.
        """
        consultant = _whose(actor, opening.consultant_id)
        series = opening.series()
        if len(days := self.calendars.days_of(series)) * len(series.times) > MOST_OPENED:
            raise InvalidFact("last", N_("would open more than {most} slots: end earlier"), most=MOST_OPENED)
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            await _require_working(tx, consultant)
            left_out = Counter[str]()
            slots = await self._slots(tx, consultant, series, days, left_out)
            await tx.consultations.add_slots(slots)
            await self._audit(tx, actor, "slots.opened", consultant, f"{len(slots)}")
        return OpenedSlots(
            opened=len(slots),
            closed_days=left_out["closed_days"],
            outside_hours=left_out["outside_hours"],
            taken=left_out["taken"],
            skipped=left_out["skipped"],
        )

    async def _slots(
        self, tx: Writing, consultant: UserId, series: SlotSeries, days: Sequence[date], left_out: Counter[str]
    ) -> list[Slot]:
        now = await tx.now(self.clock)
        hours = await tx.consulting_hours.working_hours(consultant)
        closed = await tx.consulting_hours.closed_days(series.first, series.last)
        since = start_of(series.first - DAY, self.zone)
        taken = list(await tx.consultations.slots_between(consultant, since, start_of(series.last + DAY, self.zone)))
        slots = list[Slot]()
        for day, time in ((day, time) for day in days for time in series.times):
            starts_at = local_moment(day, time, self.zone)
            if closed_on(closed, day):
                left_out["closed_days"] += 1
            elif starts_at is None or not now < starts_at <= now + OPENED_AHEAD:
                left_out["skipped"] += 1
            elif not hours.cover(starts_at, starts_at + series.length, self.zone):
                left_out["outside_hours"] += 1
            elif any(each.overlaps(starts_at, starts_at + series.length) for each in taken):
                left_out["taken"] += 1
            else:
                slots.append(self._slot(consultant, starts_at, series.length, now))
                taken.append(slots[-1])
        return slots

    async def close_slot(self, actor: Actor, id: SlotId) -> None:
        """Take a slot back that nobody has booked; `SlotTaken` when somebody has."""
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            slot = await tx.consultations.slot(id)
            require_own(actor, slot.consultant, "slot")
            entries = await tx.consultations.calendar(slot.starts_at, slot.ends_at, consultant=slot.consultant)
            if any(each.slot.id == id and each.consultation for each in entries):
                raise SlotTaken(N_("this time is booked: move or cancel the consultation first"))
            await tx.consultations.close_slots([id])
            await self._audit(tx, actor, "slot.closed", slot.consultant, id)

    async def list_consultants(self, actor: Actor) -> list[ConsultantView]:
        """List by name whose calendars the actor keeps: an administrator all staff who work, a consultant themselves.

        Staff are few: there are no pages.
        """
        actor.require(Permission.MANAGE_CONSULTATIONS)
        async with self.storage.read() as reading:
            staff = await reading.users.by_ids(await reading.users.staff())
        own = [each for each in staff if actor.role is Role.ADMIN or each.id == actor.id]
        return [ConsultantView.of(each) for each in sorted(own, key=lambda each: (each.name, each.id))]

    async def working_hours(self, actor: Actor, consultant: UserId) -> WorkingHoursView:
        """Return when a consultant works."""
        require_own(actor, consultant, "user")
        async with self.storage.read(latest=True) as reading:
            return WorkingHoursView.of(await reading.consulting_hours.working_hours(consultant))

    async def set_working_hours(
        self, actor: Actor, consultant: UserId, fields: WorkingHoursFields, version: int | None = None
    ) -> WorkingHoursView:
        """Replace when a consultant works; slots that are open stay. `StaleWrite` if they changed since `version`."""
        require_own(actor, consultant, "user")
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            await _require_working(tx, consultant)
            stored = await tx.consulting_hours.working_hours(consultant)
            if version not in (None, stored.version):
                raise StaleWrite(N_("somebody changed this meanwhile: read it again and repeat the edit"))
            kept = await tx.consulting_hours.keep_working_hours(fields.hours(consultant, stored.version))
            await self._audit(tx, actor, "working_hours.set", consultant)
        return WorkingHoursView.of(kept)

    async def closed_days(self, actor: Actor, year: int) -> list[ClosedDayFields]:
        """List the days of a year on which the club is closed."""
        actor.require(Permission.MANAGE_CONSULTATIONS)
        async with self.storage.read() as reading:
            found = await reading.consulting_hours.closed_days(date(year, 1, 1), date(year, 12, 31))
        return [ClosedDayFields.model_validate(each) for each in found]

    async def propose_closed_days(self, actor: Actor, year: int) -> list[ClosedDayFields]:
        """List the public holidays of a year that are not closed yet. Nothing is closed until staff say so."""
        actor.require(Permission.MANAGE_CONSULTATIONS)
        known = {each.day for each in await self.closed_days(actor, year)}
        holidays = self.calendars.holidays(year)
        return [ClosedDayFields.model_validate(each) for each in holidays if each.day not in known]

    async def close_days(self, actor: Actor, edit: ClosedDaysEdit) -> ClosedDaysView:
        """Close days: their free slots are closed. What is booked stays, for staff to move or cancel. Administrators
        only."""
        closed = list[SlotId]()
        booked = []
        async with begin_change(self.storage, actor, Permission.OPERATE) as tx:
            await tx.consulting_hours.close_days([each.closed_day() for each in edit.days])
            for each in sorted({each.day for each in edit.days}):
                since, until = start_of(each, self.zone), start_of(each + DAY, self.zone)
                # Locked before they are read with what takes them: nobody books one of them meanwhile.
                await tx.consultations.slots_between(None, since, until)
                async for entry in _entries(tx, since, until):
                    if entry.consultation:
                        booked.append(entry.consultation.id)
                    else:
                        closed.append(entry.slot.id)
            await tx.consultations.close_slots(closed)
            await self._audit(tx, actor, "days.closed", what=" ".join(str(each.day) for each in edit.days))
        return ClosedDaysView(closed=len(closed), booked=booked)

    async def open_day(self, actor: Actor, day: date) -> None:
        """Open a day again; `NotFound` unless it is closed. Its slots must be opened anew. Administrators only."""
        async with begin_change(self.storage, actor, Permission.OPERATE) as tx:
            if not await tx.consulting_hours.open_day(day):
                raise NotFound("closed day")
            await self._audit(tx, actor, "day.opened", what=str(day))

    def _slot(self, consultant: UserId, starts_at: datetime, length: timedelta, now: datetime) -> Slot:
        return Slot(
            id=SlotId(self.ids.make("csl")),
            consultant=consultant,
            starts_at=starts_at,
            ends_at=starts_at + length,
            created_at=now,
        )

    async def _audit(self, tx: Writing, actor: Actor, action: str, consultant: str = "", what: str = "") -> None:
        await tx.audit.add(audit_entry(actor, action, at=self.clock.now(), subject=consultant, what=what))


def _whose(actor: Actor, consultant: UserId | None) -> UserId:
    """Whose slots these are to be: the actor's own by default."""
    actor.require(Permission.MANAGE_CONSULTATIONS)
    whose = consultant or actor.require_id()
    require_own(actor, whose, "user")
    return whose


async def _require_working(tx: Writing, id: UserId) -> None:
    """Lock the consultant; `WrongStatus` unless they are staff who work."""
    standing = (await tx.users.standings([id], shared=True)).get(id)
    if standing is None:
        raise NotFound("user", id)
    if standing.role is Role.MEMBER or standing.status is Status.SUSPENDED:
        raise WrongStatus(N_("only staff who work can receive members"))


async def _entries(tx: Writing, since: datetime, until: datetime) -> AsyncIterator[CalendarEntry]:
    after: SlotId | None = None
    while page := await tx.consultations.calendar(since, until, after=after, limit=MOST_PAGE):
        for each in page:
            yield each
        after = page[-1].slot.id
