"""Today: what waits for staff, and how the club does."""

from fastapi import Request, Response

from ygs.entrypoints.console.rendering import render
from ygs.entrypoints.console.routing import staff_router
from ygs.entrypoints.http.dependencies import Ygs

router = staff_router()


@router.get("/")
async def show_today(request: Request, ygs: Ygs) -> Response:
    """What waits for staff today."""
    figures = await ygs.dashboard.read(request.state.visit.actor)
    weeks = list(reversed(figures.weeks))
    trend = [(week.week[5:], week.introduced) for week in weeks]
    return render(request, "today.html", figures=figures, trend=trend)
