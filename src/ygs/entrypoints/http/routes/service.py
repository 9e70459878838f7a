"""Health, metrics and vocabulary endpoints."""

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
    """That the process answers."""

    model_config = ConfigDict(frozen=True)

    status: Literal["alive"]


class ReadyHealth(BaseModel):
    """That the service can answer requests, with the version of the database's schema."""

    model_config = ConfigDict(frozen=True)

    status: Literal["ready"]
    schema_version: str


@router.get("/vocabulary")
async def get_vocabulary(response: Response) -> list[AttributeView]:
    """List every attribute and coded value with its Korean and English label."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return vocabulary()


@router.get("/vocabulary/reports")
async def get_report_vocabulary(response: Response) -> ReportVocabulary:
    """List the categories and resolutions of reports, with Korean and English labels."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return report_vocabulary()


@router.get("/vocabulary/codes")
async def get_codes(response: Response) -> list[CodesView]:
    """List all other codes (states, reasons, kinds) with their Korean and English labels."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return codes()


@root_router.get("/health/live")
async def get_health() -> Health:
    """Tell that this process answers."""
    return Health(status="alive")


@root_router.get("/health/ready", responses=refuses(503))
async def get_readiness(ygs: Ygs) -> ReadyHealth:
    """Tell whether the service can answer requests: its database answers within two seconds and can be written."""
    return ReadyHealth(status="ready", schema_version=await ygs.readiness.check())


@root_router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=refuses(404),
    openapi_extra={"security": [{"metrics": []}, {}]},
)
async def get_metrics(request: Request, ygs: Ygs) -> Response:
    """Return metrics for Prometheus. Needs YGS_METRICS_TOKEN as the bearer token; when none is set, open in development
    and 404 in production."""
    _require_scraper(ygs.settings, request.headers.get("authorization", ""))
    return Response(request.app.state.request_log.exposition(), media_type=CONTENT_TYPE_LATEST)


def _require_scraper(settings: Settings, authorization: str) -> None:
    """Answer 404 to requests without the token, so that they do not learn of the endpoint."""
    token = settings.metrics_token.get_secret_value().encode()
    given = authorization.partition(" ")[2].strip().encode()
    if not (compare_digest(token, given) if token else not settings.in_production):
        raise HTTPException(404)
