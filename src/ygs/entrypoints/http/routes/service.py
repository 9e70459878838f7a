"""Health, metrics and vocabulary endpoints."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from ygs.application.introductions.meeting_view import MeetingDistrictView, meeting_districts
from ygs.application.labels import CodesView, codes
from ygs.application.vocabulary import AttributeView, ReportVocabulary, report_vocabulary, vocabulary
from ygs.entrypoints.http.dependencies import Page, Ygs, only_page
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


_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Nothing changed since the ETag in If-None-Match."}}
IfNoneMatch = Annotated[
    str | None,
    Header(max_length=1_000, description="The ETag of a copy that the client keeps.", examples=['"9f86d081884c7d65"']),
]


@cache
def _fixed(make: Callable[[], Any]) -> tuple[bytes, str]:
    """The JSON of a reply that only a new release changes, and its ETag."""
    made = make()
    body = (made if isinstance(made, BaseModel) else only_page(made)).model_dump_json().encode()
    return body, f'"{sha256(body).hexdigest()[:16]}"'


def _cached(make: Callable[[], Any], if_none_match: str | None) -> Response:
    """The reply, or 304 when the client keeps it."""
    body, tag = _fixed(make)
    headers = {"Cache-Control": "public, max-age=3600", "ETag": tag}
    kept = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    if kept & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


@router.get("/vocabulary", response_model=Page[AttributeView], responses=_UNCHANGED)
async def get_vocabulary(if_none_match: IfNoneMatch = None) -> Response:
    """List every attribute and coded value with its Korean and English label."""
    return _cached(vocabulary, if_none_match)


@router.get("/vocabulary/reports", response_model=ReportVocabulary, responses=_UNCHANGED)
async def get_report_vocabulary(if_none_match: IfNoneMatch = None) -> Response:
    """List the categories and resolutions of reports, with Korean and English labels."""
    return _cached(report_vocabulary, if_none_match)


@router.get("/vocabulary/meeting-districts", response_model=Page[MeetingDistrictView], responses=_UNCHANGED)
async def list_meeting_districts(if_none_match: IfNoneMatch = None) -> Response:
    """List the districts in which members meet, with Korean and English names."""
    return _cached(meeting_districts, if_none_match)


@router.get("/vocabulary/codes", response_model=Page[CodesView], responses=_UNCHANGED)
async def get_codes(if_none_match: IfNoneMatch = None) -> Response:
    """List all other codes (states, reasons, kinds) with their Korean and English labels."""
    return _cached(codes, if_none_match)


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
