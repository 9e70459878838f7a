"""Staff: what a contract would bring somebody who is not a member yet. Every request is audited."""

from typing import Annotated

from fastapi import Path

from ygs.application.forecasts.requests import ForecastRequest
from ygs.application.forecasts.views import ForecastView
from ygs.domain.ids import ULID, ForecastId
from ygs.entrypoints.http.dependencies import SignedIn, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.entrypoints.http.routes.admin_memberships import MembershipInPath

router = PrefixRouter(prefix="/admin", tags=["staff: memberships"], responses=refuses(*UNAUTHORISED, 503))

ForecastInPath = Annotated[ForecastId, Path(pattern=f"^fc_{ULID}$", examples=["fc_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]


@router.post("/forecasts", responses=refuses(429))
async def make_forecast(request: ForecastRequest, actor: SignedIn, ygs: Ygs) -> ForecastView:
    """Forecast what a contract would bring somebody who is not a member yet, by simulation in today's club.

    It takes some seconds. Nothing is stored without `keep`; facts and wishes never are. Nobody is named, and of fewer
    than ten people the reply does not say how many they are. At most twenty in an hour.
    """
    return await ygs.forecasts.make(actor, request)


@router.get("/forecasts/{id}", responses=refuses(404))
async def get_forecast(id: ForecastInPath, actor: SignedIn, ygs: Ygs) -> ForecastView:
    """Return a kept forecast, and whether it is as it was signed."""
    return await ygs.forecasts.get(actor, id)


@router.get("/memberships/{id}/forecast", responses=refuses(404))
async def get_forecast_of_membership(id: MembershipInPath, actor: SignedIn, ygs: Ygs) -> ForecastView:
    """Return the forecast that is kept with a contract."""
    return await ygs.forecasts.of_membership(actor, id)
