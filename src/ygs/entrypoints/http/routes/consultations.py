"""Members' consultations, and consultants' calendars for staff."""

from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query, Response

from ygs.application.consultations.calendar_feeds import CalendarFeedView
from ygs.application.consultations.views import (
    CalendarLine,
    ClosedDayFields,
    ClosedDaysEdit,
    ClosedDaysView,
    ConsultantView,
    ConsultationCancellation,
    ConsultationNotes,
    ConsultationView,
    MemberConsultationView,
    OpenedSlots,
    SeriesOpening,
    SlotBooking,
    SlotBookingFor,
    SlotOpening,
    SlotView,
    StaffConsultationView,
    WorkingHoursFields,
    WorkingHoursView,
)
from ygs.domain.ids import ULID, ConsultationId, SlotId, UserId
from ygs.entrypoints.http.dependencies import (
    CONSULTATION,
    USER,
    ConsultationInPath,
    Idempotent,
    Page,
    PageLimit,
    SignedIn,
    UserInPath,
    Ygs,
    only_page,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/consultations", tags=["consultations"], responses=refuses(*UNAUTHORISED, 503))
staff_router = PrefixRouter(prefix="/admin", tags=["staff: consultations"], responses=refuses(*UNAUTHORISED, 503))
feed_router = PrefixRouter(prefix="/calendars", tags=["consultations"], responses=refuses(503))

_SLOT = {"pattern": f"^csl_{ULID}$", "examples": ["csl_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_NEXT = "The items after this one: `next` of the page before."
SlotInPath = Annotated[SlotId, Path(**_SLOT)]
AfterConsultation = Annotated[ConsultationId | None, Query(**CONSULTATION, description=_NEXT)]
AfterSlot = Annotated[SlotId | None, Query(**_SLOT, description=_NEXT)]
OfConsultant = Annotated[UserId | None, Query(**USER, description="Only those of this consultant.")]
Year = Annotated[int, Query(ge=2020, le=2100, description="The year.")]
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/slots")
async def list_consultation_slots(
    actor: SignedIn, ygs: Ygs, consultant: OfConsultant = None, after: AfterSlot = None, limit: PageLimit = MOST_PAGE
) -> Page[SlotView]:
    """List the times that I can book, the earliest first, but those of my own consultant before others."""
    found = await ygs.consultations.list_slots(actor, consultant=consultant, after=after, limit=limit)
    return page(found, limit, lambda each: each.id)


@router.get("")
async def list_my_consultations(
    actor: SignedIn, ygs: Ygs, after: AfterConsultation = None, limit: PageLimit = MOST_PAGE
) -> Page[ConsultationView]:
    """List my consultations, those booked last first."""
    found = await ygs.consultations.list(actor, after=after, limit=limit)
    return page(found, limit, lambda each: each.id)


@router.post("", status_code=201, response_model=ConsultationView, responses=refuses(404, 409))
async def book_consultation(booking: SlotBooking, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Book a time: two ahead at most."""
    return await idempotent.run(lambda: ygs.consultations.book(actor, booking), below="/consultations")


@router.get("/{id}", responses=refuses(404))
async def get_consultation(id: ConsultationInPath, actor: SignedIn, ygs: Ygs) -> ConsultationView:
    """Return one of my consultations."""
    return await ygs.consultations.get(actor, id)


@router.post("/{id}/move", responses=refuses(404, 409))
async def move_consultation(
    id: ConsultationInPath, booking: SlotBooking, actor: SignedIn, ygs: Ygs
) -> ConsultationView:
    """Move my consultation to another time, while `can_change` is true."""
    return await ygs.consultations.move(actor, id, booking)


@router.delete("/{id}", status_code=204, responses=refuses(404, 409))
async def cancel_consultation(id: ConsultationInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Cancel my consultation, while `can_change` is true."""
    await ygs.consultations.cancel(actor, id)


@router.get("/{id}/calendar.ics", response_class=Response, responses={**_CALENDAR, **refuses(404)})
async def get_consultation_calendar(id: ConsultationInPath, actor: SignedIn, ygs: Ygs) -> Response:
    """Return my booked consultation for a calendar. The file names nobody."""
    content = await ygs.consultation_calendars.file(actor, id)
    headers = {"Content-Disposition": 'attachment; filename="consultation.ics"'}
    return Response(content, media_type="text/calendar", headers=headers)


@feed_router.get("/{secret}.ics", response_class=Response, responses={**_CALENDAR, **refuses(404)})
async def read_calendar_feed(
    secret: Annotated[str, Path(pattern="^[A-Za-z0-9_-]{43}$", description="The secret of the feed.")], ygs: Ygs
) -> Response:
    """Return the consultations of the consultant whose feed this is, for a calendar program. It names nobody."""
    content = await ygs.consultation_calendars.read(secret)
    return Response(content, media_type="text/calendar", headers={"Cache-Control": "no-store"})


@staff_router.get("/consultations")
async def list_consultations(
    actor: SignedIn,
    ygs: Ygs,
    first: Annotated[date | None, Query(description="The first day; today if left out.")] = None,
    days: Annotated[int, Query(ge=1, le=31, description="How many days.")] = 7,
    consultant: OfConsultant = None,
    after: AfterSlot = None,
    limit: PageLimit = MOST_PAGE,
) -> Page[CalendarLine]:
    """List the slots of some days with who booked them; consultants see their own, administrators all. Audited."""
    found = await ygs.staff_consultations.calendar(
        actor, first=first, days=days, consultant=consultant, after=after, limit=limit
    )
    return page(found, limit, lambda each: each.slot_id)


@staff_router.post("/consultations", status_code=201, response_model=StaffConsultationView, responses=refuses(404, 409))
async def book_consultation_for(booking: SlotBookingFor, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Book a time for a member. Both sides are notified."""
    return await idempotent.run(lambda: ygs.staff_consultations.book(actor, booking), below="/admin/consultations")


@staff_router.get("/consultations/{id}", responses=refuses(404))
async def read_consultation(id: ConsultationInPath, actor: SignedIn, ygs: Ygs) -> StaffConsultationView:
    """Return a consultation with the member's name and the notes; audited."""
    return await ygs.staff_consultations.read(actor, id)


@staff_router.post("/consultations/{id}/move", responses=refuses(404, 409))
async def move_consultation_for(
    id: ConsultationInPath, booking: SlotBooking, actor: SignedIn, ygs: Ygs
) -> StaffConsultationView:
    """Move a consultation to another time, however late."""
    return await ygs.staff_consultations.move(actor, id, booking)


@staff_router.post("/consultations/{id}/cancel", responses=refuses(404, 409))
async def cancel_consultation_for(
    id: ConsultationInPath, cancellation: ConsultationCancellation, actor: SignedIn, ygs: Ygs
) -> StaffConsultationView:
    """Cancel a consultation, however late. Both sides are notified, without the reason."""
    return await ygs.staff_consultations.cancel(actor, id, cancellation)


@staff_router.post("/consultations/{id}/done", responses=refuses(404, 409))
async def mark_consultation_done(id: ConsultationInPath, actor: SignedIn, ygs: Ygs) -> StaffConsultationView:
    """Record that a consultation took place."""
    return await ygs.staff_consultations.mark_done(actor, id)


@staff_router.post("/consultations/{id}/no-show", responses=refuses(404, 409))
async def mark_consultation_no_show(id: ConsultationInPath, actor: SignedIn, ygs: Ygs) -> StaffConsultationView:
    """Record that the member did not come."""
    return await ygs.staff_consultations.mark_no_show(actor, id)


@staff_router.post("/consultations/{id}/questions", responses=refuses(404, 409))
async def prepare_consultation_questions(id: ConsultationInPath, actor: SignedIn, ygs: Ygs) -> StaffConsultationView:
    """Prepare what to ask the member anew. It is prepared by itself in the morning of the day before."""
    return await ygs.consultation_questions.prepare(actor, id)


@staff_router.put("/consultations/{id}/notes", responses=refuses(404, 409))
async def write_consultation_notes(
    id: ConsultationInPath, notes: ConsultationNotes, actor: SignedIn, ygs: Ygs
) -> StaffConsultationView:
    """Replace the notes of a consultation. Members never read them."""
    return await ygs.staff_consultations.write_notes(actor, id, notes)


@staff_router.get("/members/{id}/consultations", responses=refuses(404))
async def list_consultations_of(
    id: UserInPath, actor: SignedIn, ygs: Ygs, after: AfterConsultation = None, limit: PageLimit = MOST_PAGE
) -> Page[MemberConsultationView]:
    """List a member's consultations, those booked last first; audited."""
    found = await ygs.staff_consultations.list_of_member(actor, id, after=after, limit=limit)
    return page(found, limit, lambda each: each.id)


@staff_router.get("/consultants")
async def list_consultants(actor: SignedIn, ygs: Ygs) -> Page[ConsultantView]:
    """List whose calendars I keep: administrators see all staff who work, consultants themselves."""
    return only_page(await ygs.office_hours.list_consultants(actor))


@staff_router.get("/slots")
async def list_free_slots(
    actor: SignedIn, ygs: Ygs, consultant: OfConsultant = None, after: AfterSlot = None, limit: PageLimit = MOST_PAGE
) -> Page[SlotView]:
    """List the times that can be booked, the earliest first: consultants see their own, administrators all."""
    found = await ygs.staff_consultations.list_slots(actor, consultant=consultant, after=after, limit=limit)
    return page(found, limit, lambda each: each.id)


@staff_router.get("/slots/{id}", responses=refuses(404))
async def get_slot(id: SlotInPath, actor: SignedIn, ygs: Ygs) -> SlotView:
    """Return one slot, whether or not it is booked."""
    return await ygs.staff_consultations.get_slot(actor, id)


@staff_router.post("/slots", status_code=201, response_model=SlotView, responses=refuses(404, 409))
async def open_slot(opening: SlotOpening, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Open one slot, also outside the working hours."""
    return await idempotent.run(lambda: ygs.office_hours.open_slot(actor, opening))


@staff_router.post("/slots/series", responses=refuses(404, 409))
async def open_slot_series(opening: SeriesOpening, actor: SignedIn, ygs: Ygs) -> OpenedSlots:
    """Open slots that repeat weekly, as far as they fit. They keep their local time when the clocks change."""
    return await ygs.office_hours.open_series(actor, opening)


@staff_router.delete("/slots/{id}", status_code=204, responses=refuses(404, 409))
async def close_slot(id: SlotInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Take back a slot that nobody has booked."""
    await ygs.office_hours.close_slot(actor, id)


@staff_router.get("/working-hours/{id}", responses=refuses(404))
async def get_working_hours(id: UserInPath, actor: SignedIn, ygs: Ygs) -> WorkingHoursView:
    """Return when a consultant works."""
    return await ygs.office_hours.working_hours(actor, id)


@staff_router.put("/working-hours/{id}", responses=refuses(404, 409))
async def set_working_hours(id: UserInPath, hours: WorkingHoursFields, actor: SignedIn, ygs: Ygs) -> WorkingHoursView:
    """Say when a consultant works. Series open slots only within."""
    return await ygs.office_hours.set_working_hours(actor, id, hours)


@staff_router.get("/closed-days")
async def list_closed_days(actor: SignedIn, ygs: Ygs, year: Year) -> Page[ClosedDayFields]:
    """List the days of a year on which the club is closed."""
    return only_page(await ygs.office_hours.closed_days(actor, year))


@staff_router.get("/closed-days/proposed")
async def propose_closed_days(actor: SignedIn, ygs: Ygs, year: Year) -> Page[ClosedDayFields]:
    """List the public holidays of a year that are not closed yet."""
    return only_page(await ygs.office_hours.propose_closed_days(actor, year))


@staff_router.post("/closed-days")
async def close_days(edit: ClosedDaysEdit, actor: SignedIn, ygs: Ygs) -> ClosedDaysView:
    """Close days and their free slots. What is booked is listed, for staff to move."""
    return await ygs.office_hours.close_days(actor, edit)


@staff_router.delete("/closed-days/{day}", status_code=204, responses=refuses(404))
async def open_closed_day(day: Annotated[date, Path(description="The date.")], actor: SignedIn, ygs: Ygs) -> None:
    """Open a day again. Its slots must be opened anew."""
    await ygs.office_hours.open_day(actor, day)


@staff_router.post("/calendar-feed")
async def create_calendar_feed(actor: SignedIn, ygs: Ygs) -> CalendarFeedView:
    """Make the address of my own feed for a calendar program. An earlier one no longer works."""
    return await ygs.consultation_calendars.create_feed(actor)


@staff_router.delete("/calendar-feed", status_code=204)
async def revoke_calendar_feed(actor: SignedIn, ygs: Ygs) -> None:
    """End my feed."""
    await ygs.consultation_calendars.revoke_feed(actor)
