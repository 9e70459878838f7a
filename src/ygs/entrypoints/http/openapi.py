"""The OpenAPI document: FastAPI's, with the problems each route may answer and an example for each."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ygs.entrypoints.http.errors import MEDIA_TYPE, REFUSED, Problem
from ygs.entrypoints.http.examples import EXAMPLES

_METHODS = ("get", "put", "post", "patch", "delete")
_WORDS = {
    401: "Not signed in, or refused.",
    403: "This account may not do that.",
    409: "Its state does not allow this, or somebody was faster.",
    429: "Too many attempts; Retry-After says how many seconds to wait.",
    503: "No answer in time: try again shortly.",
} | {status: english for status, (_, _, english) in REFUSED.items()}


def install(app: FastAPI) -> None:
    """Let `app` describe itself this way."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document["components"]
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = {name: each for name, each in components["schemas"].items() if "ValidationError" not in name}
    components["schemas"] = {**schemas, **schema.pop("$defs"), "Problem": schema}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(path, method, operations[method])
    return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = {status: each for status, each in operation["responses"].items() if status != "422"}
    for each in (operation.get("requestBody", {}), *responses.values()):
        for content in each.get("content", {}).values():
            _exemplify(content)
    problems = {str(status): _problem(status) for status in _problems(path, method, operation)}
    operation["responses"] = responses | dict(sorted(problems.items()))


def _exemplify(content: dict[str, Any]) -> None:
    schema = content["schema"]
    many = schema.get("type") == "array"
    name = (schema["items"] if many else schema).get("$ref", "").rpartition("/")[2]
    if name in EXAMPLES:
        content["example"] = [EXAMPLES[name]] if many else EXAMPLES[name]


def _problem(status: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": _WORDS[status], "content": content}


def _problems(path: str, method: str, operation: dict[str, Any]) -> Iterator[int]:
    """What may go wrong, from what a route takes and whom it is for."""
    yield 503
    if "requestBody" in operation:
        yield from (400, 408, 413, 415, 422)
    elif operation.get("parameters"):
        yield 422
    if "security" in operation:
        yield from (401, 403, 404)
    if method != "get" or "/admin/match-weeks/" in path:
        yield 409
    if "/auth/" in path and method == "post":
        yield from (401, 403, 422, 429)
    if path.endswith("/uploads"):
        yield 429
    if path == "/metrics":
        yield 404
