"""The OpenAPI document: FastAPI's, with the problems each route may answer, an example for each, the headers that
matter, and names that a generated client can live with."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from ygs.domain import errors
from ygs.entrypoints.http.observability.request_log import PREFIX
from ygs.entrypoints.http.openapi.examples import EXAMPLES
from ygs.entrypoints.http.openapi.properties import describe
from ygs.entrypoints.http.openapi.refusals import BAD_BODY, refusal_response
from ygs.entrypoints.http.problems import REFUSED, Problem

_METHODS = ("get", "put", "post", "patch", "delete")
_SCHEMAS = "#/components/schemas/"

# What each group of routes is about.
_TAGS: Mapping[str, str] = {
    "me": "A member's own data, consents and blocks.",
    "match": "The people a member is introduced to.",
    "meetings": "Meetings of two members who both accepted: times, a proposal, a fixed date, a calendar file.",
    "consultations": "Consultations: free times, my bookings, calendar files.",
    "signing in": "Sign-in: joining, signing in, refreshing, a new password by a code.",
    "account": "One's own account: sessions, password, phone, linked identities, the authenticator.",
    "files": "Photos and documents: begin an upload, send the file to its address, confirm.",
    "service": "What concerns nobody in particular.",
    "staff: dashboard": "The figures of the day.",
    "staff: members": "Who waits for review, who takes part, and why somebody has no match.",
    "staff: files": "Photos to approve and documents to decide on.",
    "staff: reports": "Reports of a member by a member, and notes.",
    "staff: memberships": "Plans, contracts with their promise ledger, who is due, and refunds.",
    "staff: meetings": "Meetings that staff arrange for members, and who did not come.",
    "staff: consultations": "Consultants' slots and hours, closed days, and what members booked.",
    "staff: match weeks": "The round: create, lock, plan, override, publish, close.",
    "staff: jobs": "Work that runs beside requests: how far it is, and what failed.",
    "staff: exports": "Sheets of members and introductions, which two administrators agree to.",
    "staff: webhooks": "Other systems that are told of events, and what became of each message.",
    "staff: audit": "What was done and read, by whom.",
}

# Names of ours that say too little, or two things, to whoever does not see which module they stand in.
_NAMES: Mapping[str, str] = {
    "Basis": "RefundBasis",
    "Category": "ReportCategory",
    "Choice": "AnswerChoice",
    "Group": "AttributeGroup",
    "Kind": "AttributeKind",
    "Reason": "ObjectionReason",
    "Stage": "FunnelStage",
    "Status": "MemberStatus",
}

_HEADERS: Mapping[str, dict[str, Any]] = {
    "ETag": {
        "description": "The version that was answered, or that is stored; send it as If-Match with an edit.",
        "schema": {"type": "string"},
        "example": '"7"',
    },
    "X-Request-ID": {
        "description": "Finds this request in the service's logs; the client's own, when it sent a plain one.",
        "schema": {"type": "string"},
        "example": "01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    },
    "Retry-After": {
        "description": "After how many seconds to try again; not there when trying again will not help.",
        "schema": {"type": "integer"},
        "example": 60,
    },
    "Location": {
        "description": "Where what was made is found.",
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "/api/v1/admin/match-weeks/mw_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    },
    "Idempotent-Replayed": {
        "description": "true when this is the stored reply to an earlier request under the same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    },
    "RateLimit": {
        "description": "The limit that a client comes nearest to: attempts that remain (r), and for how many seconds "
        "that holds (t). Not there where no limit was counted, or where it would tell of others.",
        "schema": {"type": "string"},
        "example": '"sign_in";r=7;t=42',
    },
    "RateLimit-Policy": {
        "description": "That limit: attempts (q) in a window of so many seconds (w).",
        "schema": {"type": "string"},
        "example": '"sign_in";q=10;w=60',
    },
    "Content-Disposition": {
        "description": "A name to save it under.",
        "schema": {"type": "string"},
        "example": 'attachment; filename="ygs-my-data.zip"',
    },
}
# What is answered with an ETag wherever it is read.
_VERSIONED = ("/MemberView", "/MyselfView", "/PolicyView", "/WebhookView", "/WeekScheduleView")
_SCRAPER = {"type": "http", "scheme": "bearer", "description": "YGS_METRICS_TOKEN, where one is set."}


def document_of(routes: Sequence[BaseRoute], *, title: str, version: str, description: str) -> dict[str, Any]:
    """The document of these routes. It takes seconds to make."""
    plain = get_openapi(
        title=title,
        version=version,
        description=description,
        routes=routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "Where this document comes from."}],
        tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
    )
    document: dict[str, Any] = _renamed(plain)
    components = document["components"]
    problem = _problem_schema()
    schemas = {name: each for name, each in components["schemas"].items() if "ValidationError" not in name}
    components["schemas"] = {**schemas, **problem.pop("$defs"), "Problem": problem}
    components["headers"] = dict(_HEADERS)
    components["securitySchemes"]["bearer"]["bearerFormat"] = "JWT"
    components["securitySchemes"]["metrics"] = _SCRAPER
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(operations[method], strict=path.startswith(f"{PREFIX}/"))
    _require_what_is_always_answered(document)
    for name, schema in components["schemas"].items():
        for each in schema.get("properties", {}).values():
            each.pop("title", None)
        describe(name, schema.get("properties", {}))
    return document


def _problem_schema() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template=f"{_SCHEMAS}{{model}}", mode="serialization")
    schema["properties"]["code"]["enum"] = sorted({*_codes(errors.YgsError), *(code for code, _ in REFUSED.values())})
    return schema


def _codes(kind: type[errors.YgsError]) -> Iterator[str]:
    if kind.__module__ == errors.__name__:
        yield kind.code
        for deeper in kind.__subclasses__():
            yield from _codes(deeper)


def _complete(operation: dict[str, Any], *, strict: bool) -> None:
    operation.setdefault("security", [])
    for parameter in operation.get("parameters", []):
        _say_plainly(parameter)
    responses = operation["responses"]
    answers = [each for status, each in responses.items() if status < "400"]
    for each in (operation.get("requestBody", {}), *answers):
        for content in each.get("content", {}).values():
            _exemplify(content, operation["operationId"])
    for status, response in responses.items():
        if status < "400":
            names = _headers(operation, status, response)
            response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    # FastAPI's own 422 is no problem, and the middleware in front of it refuses bodies too. Every route of the API
    # refuses query parameters that it does not know.
    bad = BAD_BODY if "requestBody" in operation else (422,) if strict else ()
    parameters = {each["name"] for each in operation.get("parameters", [])}
    if "If-Match" in parameters:
        bad = (*bad, 412)
    responses |= {str(status): refusal_response(status) for status in bad}
    if "Idempotency-Key" in parameters and "409" in responses:
        responses["409"]["headers"]["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    operation["responses"] = dict(sorted(responses.items()))


def _say_plainly(parameter: dict[str, Any]) -> None:
    """Left out is how a parameter is not given; nobody can send null in an address or a header."""
    schema = parameter["schema"]
    if "anyOf" in schema:
        (given,) = [each for each in schema.pop("anyOf") if each.get("type") != "null"]
        schema.update(given)
    schema.pop("title", None)
    _leave_defaults_out({"properties": {"": schema}})
    if parameter["in"] == "header":
        parameter["name"] = parameter["name"].title()


def _exemplify(content: dict[str, Any], operation: str) -> None:
    """An example of the model, or of what that operation is answered with when it is no model."""
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    item = name.removeprefix("PageOf")
    if item != name:
        content["example"] = {"items": [EXAMPLES[item]], "next": None}
    elif name in EXAMPLES:
        content["example"] = EXAMPLES[name]
    elif operation in EXAMPLES:
        content["example"] = EXAMPLES[operation]


_FILES = {"application/zip", "application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
# What they make, only others may read, or nobody.
_WITHOUT_PLACE = {"report_member", "begin_upload"}


def _headers(operation: Mapping[str, Any], status: str, response: Mapping[str, Any]) -> Iterator[str]:
    yield "X-Request-ID"
    content = response.get("content", {})
    answered = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    parameters = {each["name"] for each in operation.get("parameters", [])}
    versioned = answered and ("If-Match" in parameters or answered.endswith(_VERSIONED))
    if versioned or "If-None-Match" in parameters:
        yield "ETag"
    if not _FILES.isdisjoint(content):
        yield "Content-Disposition"
    if status in ("201", "202") and operation["operationId"] not in _WITHOUT_PLACE:
        yield "Location"
    if "Idempotency-Key" in parameters:
        yield "Idempotent-Replayed"
    if "429" in operation["responses"]:
        yield from ("RateLimit", "RateLimit-Policy")


def _require_what_is_always_answered(document: dict[str, Any]) -> None:
    """Whatever is only answered has all its fields, those with a default too."""
    schemas = document["components"]["schemas"]
    operations = [operation for operations in document["paths"].values() for operation in operations.values()]
    sent = set[str]()
    for operation in operations:
        sent |= set(_reached(operation.get("requestBody", {}), schemas, sent))
    for name, schema in schemas.items():
        if name in sent:
            _leave_defaults_out(schema)
        elif "properties" in schema and schema.get("additionalProperties") is not False:
            # Facts and wishes, which allow no other keys, hold only what is known.
            schema["required"] = list(schema["properties"])


def _leave_defaults_out(schema: dict[str, Any]) -> None:
    """Say a default in words: generators take a field with a default for one that is always there, and would ask
    whoever sends the request for it."""
    for each in schema.get("properties", {}).values():
        if "default" in each and "const" not in each:
            default = json.dumps(each.pop("default"), ensure_ascii=False)
            each["description"] = f"{each.get('description', '')} Default: {default}.".strip()


def _reached(node: Any, schemas: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    """The names of all schemas that `node` refers to, or that those do."""
    if isinstance(node, dict):
        name = str(node.get("$ref", "")).removeprefix(_SCHEMAS)
        if name in schemas and name not in seen:
            seen.add(name)
            yield name
            yield from _reached(schemas[name], schemas, seen)
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _reached(inner, schemas, seen)


def _renamed(node: Any) -> Any:
    """The same with the names of schemas that clients get to see."""
    if isinstance(node, list):
        return [_renamed(each) for each in node]
    if not isinstance(node, dict):
        return node
    same = {name: _renamed(each) for name, each in node.items()}
    if isinstance(schemas := same.get("schemas"), dict):
        same["schemas"] = {_name(name): {**each, "title": _name(name)} for name, each in schemas.items()}
    if isinstance(given := same.get("$ref"), str) and given.startswith(_SCHEMAS):
        same["$ref"] = f"{_SCHEMAS}{_name(given.removeprefix(_SCHEMAS))}"
    return same


def _name(ours: str) -> str:
    """What clients call a schema: `Page_MemberLine_`, which pydantic makes of Page[MemberLine], is PageOfMemberLine."""
    return _NAMES.get(ours) or re.sub("^Page_(.+)_$", r"PageOf\1", ours)
