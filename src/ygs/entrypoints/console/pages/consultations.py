"""Consultations: a consultant's week and day, booking for members, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Form, Path, Query, Request, Response

from ygs.application.actors import Actor
from ygs.application.consultations.views import (
    CalendarLine,
    ConsultationCancellation,
    ConsultationNotes,
    HoursFields,
    SlotBooking,
    SlotBookingFor,
    WorkingHoursView,
)
from ygs.bootstrap import Application
from ygs.domain.advice import DraftKind
from ygs.domain.consultations import ConsultationState
from ygs.domain.ids import ULID, ConsultationId, SlotId, UserId, user_id
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH, NOTE_LENGTH
from ygs.domain.users import Role
from ygs.domain.week_schedule import Weekday
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.member_search import SearchField, members_found
from ygs.entrypoints.console.rendering import is_partial, render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import UserInPath, Ygs
from ygs.ports.repositories import MOST_PAGE

router = staff_router()

DAY = timedelta(days=1)
WEEK = 7
SLOTS_SHOWN = 50
_WEEKDAYS = tuple(Weekday)

_Consultation = Annotated[ConsultationId, Path(pattern=f"^cs_{ULID}$")]
_Slot = Annotated[SlotId, Path(pattern=f"^csl_{ULID}$")]
_AfterSlot = Annotated[SlotId | None, Query(pattern=f"^csl_{ULID}$")]
_SlotField = Annotated[SlotId, Form(pattern=f"^csl_{ULID}$")]
# A form sends the choice of everybody as an empty text.
OfConsultant = Annotated[str, Query(pattern=f"^(usr_{ULID})?$")]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the calendar. `closed`: why the club is closed; `hours`: when the consultant works, None where no one
    consultant is shown or they have told none."""

    day: date
    closed: str
    hours: Sequence[HoursFields] | None
    lines: Sequence[CalendarLine]


@router.get("/consultations")
async def show_calendar(
    request: Request,
    ygs: Ygs,
    first: Annotated[date | None, Query()] = None,
    days: Annotated[int, Query(ge=1, le=WEEK)] = WEEK,
    consultant: OfConsultant = "",
    after: _AfterSlot = None,
) -> Response:
    """The week from its Monday on, or one day: free and booked times, working hours and closed days."""
    actor = request.state.visit.actor
    today = date_at(ygs.clock.now(), ygs.settings.time_zone)
    first = _first(first or today, days)
    whose = user_id(consultant) if consultant else None
    lines = await ygs.staff_consultations.calendar(actor, first=first, days=days, consultant=whose, after=after)
    return render(
        request,
        "consultations.html",
        days=await _days(ygs, actor, first, days, whose, lines),
        lines=lines,
        length=days,
        today=today,
        before=first - days * DAY,
        later=first + days * DAY,
        more=lines[-1].slot_id if len(lines) == MOST_PAGE else "",
        consultants=await ygs.office_hours.list_consultants(actor),
        consultant=consultant,
    )


def _first(day: date, days: int) -> date:
    """The day itself, or the Monday of its week."""
    return day - day.weekday() * DAY if days == WEEK else day


async def _days(
    ygs: Application, actor: Actor, first: date, days: int, consultant: UserId | None, lines: Sequence[CalendarLine]
) -> list[CalendarDay]:
    shown = [first + number * DAY for number in range(days)]
    years = sorted({each.year for each in shown})
    closed = {each.day: each.name for year in years for each in await ygs.office_hours.closed_days(actor, year)}
    whose = consultant or (actor.id if actor.role is Role.CONSULTANT else None)
    hours = await ygs.office_hours.working_hours(actor, whose) if whose else None
    return [
        CalendarDay(
            day=each,
            closed=closed.get(each, ""),
            hours=_hours(hours, each),
            lines=[line for line in lines if date_at(line.starts_at, ygs.settings.time_zone) == each],
        )
        for each in shown
    ]


def _hours(hours: WorkingHoursView | None, day: date) -> Sequence[HoursFields] | None:
    return hours.days.get(_WEEKDAYS[day.weekday()], []) if hours and hours.days else None


@router.get("/consultations/slots/{id}")
async def show_slot(request: Request, id: _Slot, ygs: Ygs) -> Response:
    """A free time: search the member to book it for, or take it back."""
    slot = await ygs.staff_consultations.get_slot(request.state.visit.actor, id)
    return render(request, "slot.html", slot=slot, found=None, search="")


@router.post("/consultations/slots/{id}/find")
async def find_member_for_slot(request: Request, id: _Slot, ygs: Ygs, search: SearchField = "") -> Response:
    """The members who fit, to book the time for. A form, so that no name stays in an address."""
    actor = request.state.visit.actor
    slot = await ygs.staff_consultations.get_slot(actor, id)
    found = await members_found(ygs, actor, search)
    block = "found" if is_partial(request) else ""
    return render(request, "slot.html", block=block, slot=slot, found=found, search=search)


@router.post("/consultations/slots/{id}/book")
async def book_slot(
    request: Request, id: _Slot, ygs: Ygs, member: Annotated[UserId, Form(pattern=f"^usr_{ULID}$")]
) -> Response:
    """Book a time for a member."""
    booking = filled_in(SlotBookingFor, slot_id=id, member_id=member)
    booked = await ygs.staff_consultations.book(request.state.visit.actor, booking)
    return go(request, _page(request, booked.id), "consultation_booked")


@router.post("/consultations/slots/{id}/close")
async def close_slot(request: Request, id: _Slot, ygs: Ygs) -> Response:
    """Take a free time back."""
    actor = request.state.visit.actor
    slot = await ygs.staff_consultations.get_slot(actor, id)
    await ygs.office_hours.close_slot(actor, id)
    first = date_at(slot.starts_at, ygs.settings.time_zone)
    return go(request, f"{root(request)}/consultations?first={first}", "slot_closed")


@router.get("/members/{id}/book")
async def show_times_for_member(request: Request, id: UserInPath, ygs: Ygs, after: _AfterSlot = None) -> Response:
    """The free times that can be booked for one member."""
    actor = request.state.visit.actor
    member = await ygs.member_review.get_member(actor, id)
    slots = await ygs.staff_consultations.list_slots(actor, after=after, limit=SLOTS_SHOWN)
    more = slots[-1].id if len(slots) == SLOTS_SHOWN else ""
    return render(request, "free_times.html", member=member, slots=slots, more=more)


@router.get("/consultations/{id}")
async def show_consultation(request: Request, id: _Consultation, ygs: Ygs) -> Response:
    """A consultation: what to ask, the notes, and what can be done with it."""
    actor = request.state.visit.actor
    consultation = await ygs.staff_consultations.read(actor, id)
    now = ygs.clock.now()
    booked = consultation.state is ConsultationState.BOOKED
    slots = []
    if booked:
        whose = consultation.consultant_id
        slots = await ygs.staff_consultations.list_slots(actor, consultant=whose, limit=SLOTS_SHOWN)
    return render(
        request,
        "consultation.html",
        consultation=consultation,
        begun=consultation.starts_at <= now,
        booked=booked,
        slots=slots,
        hours=ygs.settings.consultation_hours_before,
        extracted=ygs.drafter.writes(DraftKind.FACTS),
    )


@router.post("/consultations/{id}/move")
async def move_consultation(request: Request, id: _Consultation, ygs: Ygs, slot: _SlotField) -> Response:
    """Move a consultation to another time."""
    await ygs.staff_consultations.move(request.state.visit.actor, id, filled_in(SlotBooking, slot_id=slot))
    return go(request, _page(request, id), "consultation_moved")


@router.post("/consultations/{id}/cancel")
async def cancel_consultation(
    request: Request, id: _Consultation, ygs: Ygs, reason: Annotated[str, Form(max_length=LINE_LENGTH)]
) -> Response:
    """Cancel a consultation."""
    cancellation = filled_in(ConsultationCancellation, reason=reason)
    await ygs.staff_consultations.cancel(request.state.visit.actor, id, cancellation)
    return go(request, _page(request, id), "consultation_cancelled")


@router.post("/consultations/{id}/outcome")
async def record_outcome(
    request: Request, id: _Consultation, ygs: Ygs, outcome: Annotated[str, Form(pattern="^(done|no_show)$")]
) -> Response:
    """Record that a consultation took place, or that the member did not come."""
    use_case = ygs.staff_consultations
    record = use_case.mark_done if outcome == "done" else use_case.mark_no_show
    await record(request.state.visit.actor, id)
    return go(request, _page(request, id), f"consultation_{outcome}")


@router.post("/consultations/{id}/questions")
async def prepare_questions(request: Request, id: _Consultation, ygs: Ygs) -> Response:
    """Prepare what to ask the member anew."""
    await ygs.consultation_questions.prepare(request.state.visit.actor, id)
    return go(request, _page(request, id), "questions_prepared")


@router.post("/consultations/{id}/notes")
async def write_notes(
    request: Request,
    id: _Consultation,
    ygs: Ygs,
    version: Annotated[int, Form(ge=0)],
    notes: Annotated[str, Form(max_length=NOTE_LENGTH)] = "",
) -> Response:
    """Replace the notes. `version`: of the page that was read; an older one is refused."""
    actor = request.state.visit.actor
    await ygs.staff_consultations.write_notes(actor, id, filled_in(ConsultationNotes, notes=notes), version)
    return go(request, _page(request, id), "consultation_noted")


def _page(request: Request, id: ConsultationId) -> str:
    return f"{root(request)}/consultations/{id}"
