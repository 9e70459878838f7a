"""The refusals that routes document: one OpenAPI response for each status of a problem."""

from collections.abc import Mapping
from typing import Any

from ygs.entrypoints.http.problems import MEDIA_TYPE, REFUSED

# What `SignedIn` and `actor.require` raise.
UNAUTHORISED = (401, 403)
# What the middleware raises for a body, and FastAPI for one that does not fit its model.
BAD_BODY = (400, 408, 413, 415, 422)
UNAVAILABLE = 503

TOO_MANY = 429
_WAITING = (TOO_MANY, 503)
_DESCRIPTIONS: Mapping[int, str] = {status: title for status, (_, title) in REFUSED.items()} | {
    401: "Not signed in, or refused.",
    403: "This account may not do that.",
    412: "It changed since the version in If-Match: read it again and repeat the edit.",
    409: "Its state does not allow this, or it changed meanwhile.",
    429: "Too many attempts; Retry-After says how many seconds to wait.",
    503: "No answer in time: try again shortly.",
}


def refuses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a router or route that answers with problems of these statuses. FastAPI adds those of the
    router to those of the route."""
    return {status: refusal_response(status) for status in statuses}


def refusal_response(status: int) -> dict[str, Any]:
    """The OpenAPI response of a problem with this status."""
    names = ["X-Request-ID"]
    if status == 412:
        names.append("ETag")
    if status in _WAITING:
        names.append("Retry-After")
    if status == TOO_MANY:
        names += ["RateLimit", "RateLimit-Policy"]
    return {
        "description": _DESCRIPTIONS[status],
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
