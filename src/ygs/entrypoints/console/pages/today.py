"""Today: what waits for staff, and how the club does."""

from fastapi import Request, Response

from ygs.application.rounds.pool_balance import PoolView
from ygs.domain.match_weeks import IsoWeek, WeekState
from ygs.entrypoints.console.pool_map import pool_maps
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import staff_router
from ygs.entrypoints.http.dependencies import Ygs

router = staff_router()

WEEKS_SHOWN = 4
# Weeks in which staff have nothing to do.
_AT_REST = {WeekState.CLOSED, WeekState.CANCELLED}


@router.get("/")
async def show_today(request: Request, ygs: Ygs) -> Response:
    """What waits for staff today."""
    figures = await ygs.dashboard.read(request.state.visit.actor)
    return render(
        request,
        "today.html",
        figures=figures,
        in_work=[week for week in reversed(figures.weeks) if week.state not in _AT_REST][:WEEKS_SHOWN],
        maps=pool_maps(figures.pool, language_of(request)) if figures.pool else [],
        waits=_waits(figures.pool) if figures.pool else [],
        trend=[(_column_name(week.week), week.introduced) for week in reversed(figures.weeks)],
    )


def _waits(pool: PoolView) -> list[tuple[str, int]]:
    """The columns of the chart of waits; the last one is of everybody who has waited so long or longer."""
    *earlier, last = pool.waits
    return [*((f"{each.weeks}", each.people) for each in earlier), (f"{last.weeks}+", last.people)]


def _column_name(week: str) -> str:
    """The Monday of a week, short enough for a chart."""
    monday = IsoWeek.parse(week).monday
    return f"{monday.month}/{monday.day}"
