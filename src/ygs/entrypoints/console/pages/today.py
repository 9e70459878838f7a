"""Today: what waits for staff, and how the club does."""

from collections.abc import Sequence

from fastapi import Request, Response

from ygs.application.messages.translate import translate
from ygs.application.operations.dashboard import WeekFunnelView
from ygs.application.rounds.pool_balance import PoolView
from ygs.domain.errors import N_
from ygs.domain.match_weeks import IsoWeek, WeekState
from ygs.domain.matching.attribute import Language
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
    told = [week for week in figures.weeks if week.introduced and week.answered is not None]
    return render(
        request,
        "today.html",
        figures=figures,
        in_work=[week for week in reversed(figures.weeks) if week.state not in _AT_REST][:WEEKS_SHOWN],
        maps=pool_maps(figures.pool, language_of(request)) if figures.pool else [],
        waits=_waits(figures.pool) if figures.pool else [],
        outcomes=_outcomes(told, language_of(request)) if told else [],
        trend=[(_column_name(week.week), week.introduced) for week in reversed(figures.weeks)],
    )


def _outcomes(weeks: Sequence[WeekFunnelView], language: Language) -> list[tuple[str, int]]:
    """What became of the introductions of these weeks together: how many came so far."""
    return [
        (translate(N_("introductions"), language), sum(week.introduced for week in weeks)),
        (translate(N_("answered"), language), sum(week.answered or 0 for week in weeks)),
        (translate(N_("mutual"), language), sum(week.mutual or 0 for week in weeks)),
        (translate(N_("met"), language), sum(week.met or 0 for week in weeks)),
    ]


def _waits(pool: PoolView) -> list[tuple[str, int]]:
    """The columns of the chart of waits; the last one is of everybody who has waited so long or longer."""
    *earlier, last = pool.waits
    return [*((f"{each.weeks}", each.people) for each in earlier), (f"{last.weeks}+", last.people)]


def _column_name(week: str) -> str:
    """The Monday of a week, short enough for a chart."""
    monday = IsoWeek.parse(week).monday
    return f"{monday.month}/{monday.day}"
