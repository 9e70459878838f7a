"""What concerns nobody in particular: health, figures, and the vocabulary."""

from hmac import compare_digest
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from ygs.application.labels import CodesView, codes
from ygs.application.vocabulary import AttributeView, ReportVocabulary, report_vocabulary, vocabulary
from ygs.entrypoints.http.dependencies import Ygs
from ygs.entrypoints.http.openapi.refusals import refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.settings import Settings

router = PrefixRouter(tags=["service"])
root_router = APIRouter(tags=["service"])


class Health(BaseModel):
    """The state of the service."""

    model_config = ConfigDict(frozen=True)

    status: Literal["alive", "ready"]


@router.get("/vocabulary")
async def get_vocabulary(response: Response) -> list[AttributeView]:
    """Every coded value with its Korean and English label. The same for everybody."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return vocabulary()


@router.get("/vocabulary/reports")
async def get_report_vocabulary(response: Response) -> ReportVocabulary:
    """What a member can be reported for, and what staff make of a report, in Korean and English."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return report_vocabulary()


@router.get("/vocabulary/codes")
async def get_codes(response: Response) -> list[CodesView]:
    """What every other code is called that people meet: states, reasons, kinds, in Korean and English."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return codes()


@root_router.get("/health/live")
async def get_health() -> Health:
    """Tell that this process answers."""
    return Health(status="alive")


@root_router.get("/health/ready", responses=refuses(503))
async def get_readiness(ygs: Ygs) -> Health:
    """Tell whether the service can answer requests: whether its database answers within two seconds."""
    await ygs.readiness.check()
    return Health(status="ready")


@root_router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=refuses(404),
    openapi_extra={"security": [{"metrics": []}, {}]},
)
async def get_metrics(request: Request, ygs: Ygs) -> Response:
    """Figures for Prometheus, which tell how busy the service is: to whoever sends YGS_METRICS_TOKEN as a bearer token.
    Without such a token it is open in development, and not there in production."""
    _require_scraper(ygs.settings, request.headers.get("authorization", ""))
    return Response(request.app.state.request_log.exposition(), media_type=CONTENT_TYPE_LATEST)


def _require_scraper(settings: Settings, authorization: str) -> None:
    """404 as if there were nothing, for who should not know."""
    token = settings.metrics_token.get_secret_value().encode()
    given = authorization.partition(" ")[2].strip().encode()
    if not (compare_digest(token, given) if token else not settings.in_production):
        raise HTTPException(404)
