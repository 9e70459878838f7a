"""Staff: when match weeks are created and locked by themselves."""

from fastapi import Response

from ygs.application.rounds.week_schedules import WeekScheduleSettings, WeekScheduleView
from ygs.entrypoints.http.dependencies import IfMatch, SignedIn, Ygs, set_etag
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/week-schedule", tags=["staff: match weeks"], responses=refuses(*UNAUTHORISED, 503))


@router.get("")
async def get_week_schedule(actor: SignedIn, ygs: Ygs, response: Response) -> WeekScheduleView:
    """Read when the round of the next week is created and locked by itself."""
    return _with_etag(response, await ygs.week_schedules.current(actor))


@router.put("", responses=refuses(409))
async def set_week_schedule(
    request: WeekScheduleSettings, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> WeekScheduleView:
    """Set when the round of the next week is created and locked by itself; administrators may."""
    return _with_etag(response, await ygs.week_schedules.set(actor, request, version))


def _with_etag(response: Response, view: WeekScheduleView) -> WeekScheduleView:
    set_etag(response, view.version)
    return view
