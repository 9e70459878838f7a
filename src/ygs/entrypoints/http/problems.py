"""Errors as answers: one table from error class to status, and RFC 9457 problems that hold nothing of what was sent.

`type` and `code` are stable and for machines; `title`, and `detail`, which says what exactly is wrong and what to do
next, are for people in the language they asked for; and `request_id` finds the request in the logs.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import cast, get_args, get_type_hints

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Scope

from ygs.application.messages.translate import translate
from ygs.domain import errors
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.entrypoints.http.field_errors import Fault, broken_rules, faults_found, faults_of, in_words, places_in
from ygs.entrypoints.http.observability.request_log import route_path

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:ygs:problem:"

# The class itself or its nearest ancestor decides.
STATUS: Mapping[type[errors.YgsError], int] = {
    errors.YgsError: 500,
    errors.DomainError: 422,
    errors.ConsentMissing: 403,
    errors.WrongStatus: 409,
    errors.DeadlinePassed: 409,
    errors.RoundRefused: 409,
    errors.LearningRefused: 409,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.KeyReused: 422,
    errors.SignInRefused: 401,
    errors.TooManyAttempts: 429,
    errors.Forbidden: 403,
    errors.Unavailable: 503,
    errors.BadFile: 422,
}

# What HTTP itself refuses: status -> code, and what it says.
REFUSED: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", N_("The request cannot be read.")),
    404: ("not_found", errors.NotFound.headline),
    405: ("method_not_allowed", N_("That method is not for this address.")),
    408: ("body_too_slow", N_("The request did not arrive in time.")),
    413: ("body_too_large", N_("The request's body is too large.")),
    415: ("not_json", N_("Send JSON: Content-Type: application/json.")),
    422: ("invalid_request", N_("The request does not fit what is asked for.")),
    431: ("headers_too_large", N_("The request's headers are too large.")),
    500: ("internal", N_("Something went wrong here.")),
}


# What to do next, where no error of ours says it.
ADVICE: Mapping[int, str] = {
    400: N_("Send the request again as HTTP asks for."),
    404: N_("There is no such address: look for a slip in the path."),
    405: N_("The header Allow names the methods of this address."),
    408: N_("Send it again over a faster connection, or in smaller parts."),
    413: N_("Send at most 64 KiB; files go to the address that POST /uploads answers with."),
    415: N_("Set the header, and send the body as JSON."),
    422: N_("faults names each field and what is wrong with it."),
    431: N_("Send at most 64 KiB and 100 fields."),
    500: N_("Try again later; with the request_id we find it in our logs."),
}


class FileTooLarge(HTTPException):
    """A file of more than `most_bytes`, sent to a signed address."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        super().__init__(413)


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "type": f"{TYPE}stale_write",
                    "title": errors.StaleWrite.headline,
                    "status": 412,
                    "code": "stale_write",
                    "detail": "somebody changed this meanwhile: read it again and repeat the edit",
                    "request_id": "01JD8Q4W0M8Q5V7X0C9T1R2E3S",
                    "faults": [],
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    request_id: str = ""
    faults: list[Fault] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ServedRoute:
    """A route with its whole path."""

    path: str
    endpoint: Callable[..., object] | None
    methods: frozenset[str]


@dataclass(frozen=True, slots=True)
class _RouteTables:
    """What the answers to errors look up: the names of all fields and parameters, where each endpoint's request has
    which field, and the methods of each path."""

    names: Set[str]
    places: Mapping[Callable[..., object], Mapping[str, str]]
    paths: Sequence[tuple[re.Pattern[str], Set[str]]]


def install(app: FastAPI, routes: Sequence[ServedRoute] = ()) -> None:
    """Answer every error of `app`, whose routes are all there, with a problem.

    `routes`: its routes, for whoever knows them; without, FastAPI is asked, which builds each of them.
    """
    tables = _tables(tuple(routes or _routes_of(app)))
    places = tables.places

    async def ours(request: Request, error: Exception) -> Response:
        return of_error(request.scope, cast(errors.YgsError, error), places.get(request.scope["endpoint"], {}))

    async def invalid(request: Request, error: Exception) -> Response:
        found = cast(RequestValidationError, error).errors()
        language = _language(request.scope)
        if broken := [each for each in found if each["type"] == "json_invalid"]:
            detail = translate(N_("The body is no JSON at character {place}."), language, place=broken[0]["loc"][-1])
            return refusal(request.scope, 400, detail=detail)
        endpoint = request.scope["endpoint"]
        body = cast(RequestValidationError, error).body
        faults = faults_found(found, tables.names, language)
        for each in broken_rules(app.state.application, endpoint, body, found):
            faults += faults_of(each, places.get(endpoint, {}), language)
        return refusal(request.scope, 422, faults=faults)

    async def http(request: Request, error: Exception) -> Response:
        raised = cast(HTTPException, error)
        headers = raised.headers
        if raised.status_code == 405:
            # Starlette's names the methods of the first route of that path only.
            headers = {"Allow": ", ".join(sorted(_allowed(tables.paths, route_path(request.scope))))}
        detail = ""
        if isinstance(raised, FileTooLarge):
            template = N_("Send a file of at most {most_mebibytes} MiB.")
            detail = translate(template, _language(request.scope), most_mebibytes=raised.most_bytes >> 20)
        return refusal(request.scope, raised.status_code, detail=detail, headers=headers)

    app.add_exception_handler(errors.YgsError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def _routes_of(app: FastAPI) -> Iterator[ServedRoute]:
    for each in iter_route_contexts(app.routes):
        yield ServedRoute(str(each.path), each.endpoint, frozenset(each.methods or ()))


@cache  # The routes of the service are the same for every application of the process.
def _tables(routes: tuple[ServedRoute, ...]) -> _RouteTables:
    return _RouteTables(
        names={*_names(routes), *VOCABULARY},
        places={each.endpoint: dict(_places(each.endpoint)) for each in routes if each.endpoint},
        paths=[(compile_path(each.path)[0], each.methods) for each in routes],
    )


def _allowed(paths: Iterable[tuple[re.Pattern[str], Set[str]]], path: str) -> set[str]:
    """The methods that a path knows."""
    methods = {method for pattern, known in paths if pattern.match(path) for method in known}
    return methods | ({"HEAD"} if "GET" in methods else set())


def status_of(error: errors.YgsError) -> int:
    """The status that an error is answered with."""
    return next(STATUS[each] for each in type(error).__mro__ if each in STATUS)


def of_error(scope: Scope, error: errors.YgsError, places: Mapping[str, str]) -> Response:
    """The problem that an error of ours is. `places`: where the request has which field."""
    status = status_of(error)
    headers = {}
    if isinstance(error, errors.StaleWrite) and _sent_if_match(scope):
        status = 412
        if error.version is not None:
            headers["ETag"] = f'"{error.version}"'
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, errors.StillRunning) or (status == 503 and not isinstance(error, errors.Misconfigured)):
        headers["Retry-After"] = "1"
    # A 500 of ours is a bug or a subclass nobody gave a status: its message was not written for strangers.
    language = _language(scope)
    detail = in_words(error, language) if status != 500 else ""
    faults = faults_of(error, places, language)
    return _answer(scope, status, error.code, error.headline, detail=detail, faults=faults, headers=headers)


def _sent_if_match(scope: Scope) -> bool:
    return any(name == b"if-match" for name, _ in scope["headers"])


def refusal(
    scope: Scope,
    status: int,
    *,
    detail: str = "",
    faults: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem of a request that reached no use case; for a status without words of its own, those of 400 or 500."""
    code, title = REFUSED.get(status) or REFUSED[400 if status < 500 else 500]
    detail = detail or translate(ADVICE.get(status, ""), _language(scope))
    return _answer(scope, status, code, title, detail=detail, faults=faults, headers=headers)


def _answer(
    scope: Scope,
    status: int,
    code: str,
    title: str,
    *,
    detail: str = "",
    faults: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    language = _language(scope)
    problem = Problem(
        type=TYPE + code,
        title=translate(title, language),
        status=status,
        code=code,
        detail=detail,
        request_id=scope.get("state", {}).get("request_id", ""),
        faults=list(faults),
    )
    scope.setdefault("state", {})["problem"] = code
    sent = {**(headers or {}), "Content-Language": language.value, "Vary": "Accept-Language"}
    return Response(problem.model_dump_json(), status, sent, MEDIA_TYPE)


def _language(scope: Scope) -> Language:
    """The language that Accept-Language asks for, or else the service's own."""
    header = next((value for name, value in scope.get("headers", ()) if name == b"accept-language"), b"")
    chosen: Language = scope["app"].state.language if "app" in scope else Language.EN
    return preferred_language(header.decode("latin-1"), chosen)


_RANGE = re.compile(r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?", re.ASCII)


def preferred_language(header: str, otherwise: Language) -> Language:
    """The most wanted of our languages in an Accept-Language header (RFC 9110): of the highest weight, and the first of
    equals. `*` stands for every language that is not named; what cannot be read is skipped."""
    found: dict[str, float] = {}
    for part in header.lower().split(",")[:_MOST_RANGES]:
        if read := _RANGE.fullmatch(part):
            tag, weight = read[1], min(float(read[2] or 1), 1.0)
            found[tag] = max(weight, found.get(tag, 0.0))
    named = [tag for tag in found if tag in {*Language}]
    others = [each for each in (otherwise, *Language) if each not in named]
    wanted = [*((found[tag], Language(tag)) for tag in named), *((found.get("*", 0.0), each) for each in others)]
    weight, language = max(wanted, key=lambda each: each[0])
    return language if weight > 0 else otherwise


# A browser names a handful; a header of thousands is not worth reading.
_MOST_RANGES = 100


def _places(endpoint: Callable[..., object]) -> Iterator[tuple[str, str]]:
    for name, annotation in get_type_hints(endpoint).items():
        if name != "return" and isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from places_in(annotation)


def _names(routes: Iterable[ServedRoute]) -> Iterator[str]:
    """Every name of a field or parameter that a route asks for."""
    yield from ("body", "query", "path", "header", "if-match", "idempotency-key")
    for endpoint in (each.endpoint for each in routes if each.endpoint):
        for name, annotation in get_type_hints(endpoint).items():
            yield name
            yield from _fields(annotation)


def _fields(annotation: object) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield name
            yield from _fields(field.annotation)
    # Keys of a mapping, such as the purposes of consents.
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from annotation
    for inner in get_args(annotation):
        yield from _fields(inner)
