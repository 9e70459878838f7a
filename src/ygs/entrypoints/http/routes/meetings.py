"""Members' meetings after an introduction that both accepted, and the same for staff."""

from typing import Annotated, Any

from fastapi import Body, Query, Response

from ygs.application.introductions.meeting_view import MeetingAnswer, MeetingTimes, MeetingView, NoShowReport
from ygs.application.introductions.staff_meetings import (
    MeetingCancellation,
    MeetingFix,
    MissedMeetingLine,
    StaffMeetingView,
)
from ygs.domain.ids import ULID, IntroductionId
from ygs.entrypoints.http.dependencies import IntroductionInPath, Page, PageLimit, SignedIn, Ygs, page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/introductions", tags=["meetings"], responses=refuses(*UNAUTHORISED, 503))
staff_router = PrefixRouter(prefix="/admin", tags=["staff: meetings"], responses=refuses(*UNAUTHORISED, 503))

_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string", "format": "binary"}}}}
}
_AFTER = Query(pattern=f"^mh_{ULID}$", description="The items after this one: `next` of the page before.")


@router.get("/{id}/meeting", responses=refuses(404))
async def get_meeting(id: IntroductionInPath, actor: SignedIn, ygs: Ygs) -> MeetingView:
    """Return how far my meeting is arranged. There is one from the moment both accepted the introduction."""
    return await ygs.meetings.get(actor, id)


@router.put("/{id}/meeting/times", responses=refuses(404, 409))
async def give_meeting_times(id: IntroductionInPath, times: MeetingTimes, actor: SignedIn, ygs: Ygs) -> MeetingView:
    """Give the half-days on which I could meet, and my district. Once both did, the earliest that suits both is
    proposed."""
    return await ygs.meetings.give_times(actor, id, times)


@router.post("/{id}/meeting/accept", responses=refuses(404, 409))
async def accept_meeting(id: IntroductionInPath, answer: MeetingAnswer, actor: SignedIn, ygs: Ygs) -> MeetingView:
    """Accept the proposed time, until six hours before it. When both have, the meeting is fixed."""
    return await ygs.meetings.accept(actor, id, answer)


@router.post("/{id}/meeting/another-time", responses=refuses(404, 409))
async def ask_for_another_meeting_time(
    id: IntroductionInPath, answer: MeetingAnswer, actor: SignedIn, ygs: Ygs
) -> MeetingView:
    """Ask for another time, three times at most; for a fixed meeting until 24 hours before it."""
    return await ygs.meetings.ask_again(actor, id, answer)


@router.post("/{id}/meeting/cancel", responses=refuses(404, 409))
async def cancel_meeting(id: IntroductionInPath, actor: SignedIn, ygs: Ygs) -> MeetingView:
    """Cancel my meeting for both, for good. The other does not learn by whom or why."""
    return await ygs.meetings.cancel(actor, id)


@router.post("/{id}/meeting/no-show", responses=refuses(404, 409))
async def report_meeting_no_show(
    id: IntroductionInPath,
    report: Annotated[NoShowReport, Body(default_factory=NoShowReport)],
    actor: SignedIn,
    ygs: Ygs,
) -> MeetingView:
    """Report that the other did not come, once, within two weeks. Only staff read it."""
    return await ygs.meetings.report_no_show(actor, id, report)


@router.get("/{id}/meeting/calendar.ics", response_class=Response, responses={**_CALENDAR, **refuses(404)})
async def get_meeting_calendar(id: IntroductionInPath, actor: SignedIn, ygs: Ygs) -> Response:
    """Return my fixed meeting for a calendar. The file names nobody."""
    content = await ygs.meetings.calendar(actor, id)
    headers = {"Content-Disposition": 'attachment; filename="meeting.ics"'}
    return Response(content, media_type="text/calendar", headers=headers)


@staff_router.get("/introductions/{id}/meeting", responses=refuses(404, 409))
async def read_member_meeting(id: IntroductionInPath, actor: SignedIn, ygs: Ygs) -> StaffMeetingView:
    """Return the meeting of two members with what both gave; audited."""
    return await ygs.staff_meetings.read(actor, id)


@staff_router.put("/introductions/{id}/meeting", responses=refuses(404, 409))
async def fix_member_meeting(id: IntroductionInPath, fix: MeetingFix, actor: SignedIn, ygs: Ygs) -> StaffMeetingView:
    """Fix the meeting of two members as arranged with both, for example by phone. Both are notified."""
    return await ygs.staff_meetings.fix(actor, id, fix)


@staff_router.post("/introductions/{id}/meeting/cancel", responses=refuses(404, 409))
async def cancel_member_meeting(
    id: IntroductionInPath, cancellation: MeetingCancellation, actor: SignedIn, ygs: Ygs
) -> StaffMeetingView:
    """Cancel the meeting of two members. Both are notified alike, without the reason."""
    return await ygs.staff_meetings.cancel(actor, id, cancellation)


@staff_router.get("/meetings/missed")
async def list_missed_meetings(
    actor: SignedIn, ygs: Ygs, after: Annotated[IntroductionId | None, _AFTER] = None, limit: PageLimit = MOST_PAGE
) -> Page[MissedMeetingLine]:
    """List meetings to which somebody did not come, as the other reported, oldest first."""
    found = await ygs.staff_meetings.list_missed(actor, after=after, limit=limit)
    return page(found, limit, lambda each: each.introduction_id)
