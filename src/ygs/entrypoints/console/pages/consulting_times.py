"""When consultants receive members: opening times, working hours, and the days on which the club is closed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Form, Path, Query, Request, Response
from starlette.datastructures import FormData

from ygs.application.actors import Actor
from ygs.application.consultations.views import (
    ClosedDayFields,
    ClosedDaysEdit,
    ClosedDaysView,
    OpenedSlots,
    SeriesOpening,
    SlotOpening,
    WorkingHoursFields,
)
from ygs.bootstrap import Application
from ygs.domain.consulting_hours import MOST_HOURS_A_DAY, local_moment
from ygs.domain.errors import N_, InvalidFact, NotSetUp
from ygs.domain.ids import ULID, UserId, user_id
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH
from ygs.domain.week_schedule import Weekday
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.pages.consultations import OfConsultant
from ygs.entrypoints.console.rendering import is_partial, render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import Ygs
from ygs.entrypoints.http.observability.request_log import PREFIX

router = staff_router()

LENGTHS = (30, 45, 60, 90, 120)
# Fields of the form for each day of the week; more only where more are stored.
HOURS_SHOWN = 2

_Consultant = Annotated[UserId, Form(pattern=f"^usr_{ULID}$")]
_Minutes = Annotated[int, Form(ge=15, le=240)]
_Year = Annotated[int | None, Query(ge=2020, le=2100)]


@router.get("/consultations/times")
async def show_times(request: Request, ygs: Ygs, consultant: OfConsultant = "", year: _Year = None) -> Response:
    """The forms to open times, the working hours of one consultant, and the closed days of a year."""
    return await _times(request, ygs, consultant, year)


async def _times(
    request: Request,
    ygs: Application,
    consultant: str = "",
    year: int | None = None,
    *,
    block: str = "",
    opened: OpenedSlots | None = None,
    closed: ClosedDaysView | None = None,
    feed: str = "",
) -> Response:
    actor = request.state.visit.actor
    consultants = await ygs.office_hours.list_consultants(actor)
    whose = user_id(consultant) if consultant else _own(actor, [each.id for each in consultants])
    today = date_at(ygs.clock.now(), ygs.settings.time_zone)
    year = year or today.year
    return render(
        request,
        "consulting_times.html",
        block=block,
        consultants=consultants,
        consultant=whose,
        hours=await ygs.office_hours.working_hours(actor, whose) if whose else None,
        hours_shown=HOURS_SHOWN,
        weekdays=list(Weekday),
        lengths=LENGTHS,
        tomorrow=today + timedelta(days=1),
        year=year,
        closed_days=await ygs.office_hours.closed_days(actor, year),
        proposed=[each for each in await _proposed(ygs, actor, year) if each.day >= today],
        opened=opened,
        closed=closed,
        feed=feed,
    )


async def _proposed(ygs: Application, actor: Actor, year: int) -> list[ClosedDayFields]:
    """The public holidays that are not closed; none where the calendar of holidays is not installed."""
    try:
        return await ygs.office_hours.propose_closed_days(actor, year)
    except NotSetUp:
        return []


def _own(actor: Actor, consultants: Sequence[UserId]) -> UserId | None:
    """The actor's own times, or else the first consultant's."""
    return actor.id if actor.id in consultants else next(iter(consultants), None)


@router.post("/consultations/calendar-feed")
async def make_calendar_feed(request: Request, ygs: Ygs) -> Response:
    """Make the address of one's own calendar for a calendar program, and show it this once."""
    feed = await ygs.consultation_calendars.create_feed(request.state.visit.actor)
    address = f"{str(request.base_url).rstrip('/')}{PREFIX}{feed.path}"
    return await _times(request, ygs, block="feed" if is_partial(request) else "", feed=address)


@router.post("/consultations/calendar-feed/revoke")
async def revoke_calendar_feed(request: Request, ygs: Ygs) -> Response:
    """End the address of one's own calendar."""
    await ygs.consultation_calendars.revoke_feed(request.state.visit.actor)
    return go(request, f"{root(request)}/consultations/times", "feed_revoked")


@router.post("/consultations/slots")
async def open_slot(
    request: Request,
    ygs: Ygs,
    consultant: _Consultant,
    day: Annotated[date, Form()],
    at: Annotated[time, Form()],
    minutes: _Minutes,
) -> Response:
    """Open one time."""
    opening = filled_in(SlotOpening, consultant_id=consultant, starts_at=_moment(ygs, day, at), minutes=minutes)
    await ygs.office_hours.open_slot(request.state.visit.actor, opening)
    return go(request, f"{root(request)}/consultations?first={day}&consultant={consultant}", "slot_opened")


def _moment(ygs: Application, day: date, at: time) -> datetime:
    moment = local_moment(day, at.replace(tzinfo=None), ygs.settings.time_zone)
    if moment is None:
        raise InvalidFact("starts_at", N_("does not exist on that day, on which the clocks are changed"))
    return moment


@router.post("/consultations/slots/series")
async def open_series(
    request: Request,
    ygs: Ygs,
    consultant: _Consultant,
    begins: Annotated[time, Form()],
    ends: Annotated[time, Form()],
    minutes: _Minutes,
    first: Annotated[date, Form()],
    last: Annotated[date, Form()],
    weeks_apart: Annotated[int, Form(ge=1, le=8)] = 1,
    weekdays: Annotated[list[Weekday] | None, Form()] = None,
) -> Response:
    """Open times one after another on some days of the week, and say what came of it."""
    series = filled_in(
        SeriesOpening,
        consultant_id=consultant,
        weekdays=frozenset(weekdays or ()),
        times=_one_after_another(begins, ends, minutes),
        minutes=minutes,
        first=first,
        last=last,
        weeks_apart=weeks_apart,
    )
    opened = await ygs.office_hours.open_series(request.state.visit.actor, series)
    return await _times(request, ygs, consultant, block="opened" if is_partial(request) else "", opened=opened)


def _one_after_another(begins: time, ends: time, minutes: int) -> list[time]:
    """The beginnings of as many times as fit between two times of one day."""
    first = begins.hour * 60 + begins.minute
    last = ends.hour * 60 + ends.minute - minutes
    return [time(*divmod(each, 60)) for each in range(first, last + 1, minutes)]


@router.post("/consultations/hours")
async def set_working_hours(
    request: Request, ygs: Ygs, consultant: _Consultant, version: Annotated[int, Form(ge=0)]
) -> Response:
    """Replace when a consultant works. `version`: of the page that was read; an older one is refused."""
    sent = await request.form()
    fields = filled_in(WorkingHoursFields, days={day: _hours(sent, day) for day in Weekday})
    await ygs.office_hours.set_working_hours(request.state.visit.actor, consultant, fields, version)
    return go(request, f"{root(request)}/consultations/times?consultant={consultant}", "hours_set")


def _hours(sent: FormData, day: Weekday) -> Sequence[Mapping[str, Any]]:
    """The hours of one day; a line that is wholly empty is none."""
    lines = zip(sent.getlist(f"{day}_start"), sent.getlist(f"{day}_end"), strict=False)
    return [{"start": start, "end": end} for start, end in lines if start or end][: MOST_HOURS_A_DAY + 1]


@router.post("/consultations/closed-days")
async def close_days(
    request: Request,
    ygs: Ygs,
    day: Annotated[date | None, Form()] = None,
    name: Annotated[str, Form(max_length=LINE_LENGTH)] = "",
    proposed: Annotated[list[date] | None, Form()] = None,
    year: Annotated[int | None, Form(ge=2020, le=2100)] = None,
) -> Response:
    """Close one day, or those of the public holidays that were chosen, and say what is still booked on them."""
    actor = request.state.visit.actor
    holidays = await _proposed(ygs, actor, year) if proposed and year else []
    chosen = [each.model_dump() for each in holidays if each.day in (proposed or ())]
    days = [*chosen, *([{"day": day, "name": name}] if day else [])]
    closed = await ygs.office_hours.close_days(actor, filled_in(ClosedDaysEdit, days=days))
    shown = year or (day.year if day else None)
    return await _times(request, ygs, year=shown, block="closed_days" if is_partial(request) else "", closed=closed)


@router.post("/consultations/closed-days/{day}/open")
async def open_day(request: Request, ygs: Ygs, day: Annotated[date, Path()]) -> Response:
    """Open a closed day again."""
    await ygs.office_hours.open_day(request.state.visit.actor, day)
    return go(request, f"{root(request)}/consultations/times?year={day.year}", "day_opened")
