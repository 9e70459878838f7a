"""The OpenAPI document against the service: nothing undocumented is answered and nothing breaks, whatever is sent."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.support.http import populate, served
from tests.unit.test_http_permissions import BELOW, body, expected, place, routes
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts import identity_providers, passwords, second_factor, sessions, sign_in, sign_up
from ygs.application.accounts import role_changes as roles
from ygs.application.explanations import views as explanations
from ygs.application.files import documents, photos, uploads
from ygs.application.introductions import introduction_view, meeting_view, member_introductions, staff_meetings
from ygs.application.members import profile as members
from ygs.application.members import review as member_review
from ygs.application.moderation import notes, reports
from ygs.application.rounds import weeks as match_weeks
from ygs.entrypoints.http.openapi.examples import EXAMPLES
from ygs.entrypoints.http.openapi.properties import DESCRIPTIONS, whole_numbers
from ygs.entrypoints.http.openapi.property_texts import RANGES, TEXTS, UNBOUNDED
from ygs.entrypoints.http.routes import admin_weeks

MODULES = (
    admin_weeks,
    documents,
    identity_providers,
    explanations,
    introduction_view,
    meeting_view,
    staff_meetings,
    member_introductions,
    match_weeks,
    members,
    notes,
    passwords,
    photos,
    reports,
    roles,
    second_factor,
    sessions,
    sign_in,
    sign_up,
    uploads,
    member_review,
)


# Answered without an example.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = ("application/zip", "application/pdf", "text/calendar", XLSX)
OPERATIONS = Path(__file__).parents[1] / "data" / "operations.txt"


async def operations() -> list[tuple[str, str, dict[str, Any]]]:
    async with served() as world:
        paths = world.app.openapi()["paths"]
    return [(path, method, operation) for path, methods in paths.items() for method, operation in methods.items()]


async def test_no_operation_of_a_generated_client_is_renamed_by_accident() -> None:
    """A client calls its functions after these names: a new route adds a line to the file, and no line ever changes."""
    now = [f"{operation['operationId']} {method.upper()} {path}" for path, method, operation in await operations()]
    assert sorted(now) == sorted(OPERATIONS.read_text("utf-8").splitlines())


async def test_what_a_client_names_its_types_after_is_a_word_of_its_own() -> None:
    async with served() as world:
        schemas = world.app.openapi()["components"]["schemas"]
    assert all(re.fullmatch("[A-Z][A-Za-z]+", name) for name in schemas)
    assert not set(schemas) & {"Category", "Group", "Kind", "Reason", "Report", "Status"}
    assert "PageOfQueuedView" in schemas


async def test_every_operation_says_whether_it_needs_a_token() -> None:
    for path, method, operation in await operations():
        cells = expected()[f"{method.upper()} {path.removeprefix('/api/v1')}"]
        # Identity providers refuse everybody alike with 401, whoever is signed in.
        everybody = cells["anonymous"] == cells["owner"] and cells["withdrawn"] == cells["owner"]
        if path != "/metrics" and not ("/auth/" in path and cells["owner"] == "401"):
            assert ({"bearer": []} in operation["security"]) is not everybody, path
        assert "security" in operation


async def test_no_parameter_can_be_null_and_headers_are_spelled_as_everybody_spells_them() -> None:
    for path, _, operation in await operations():
        for parameter in operation.get("parameters", []):
            assert "anyOf" not in parameter["schema"], path
            assert parameter["in"] != "header" or parameter["name"] in {"If-Match", "If-None-Match", "Idempotency-Key"}


async def test_an_etag_is_answered_where_it_is_promised_and_nowhere_else() -> None:
    storage = MemoryStorage()
    promised = 0
    async with served(storage) as world:
        await populate(world)
        untouched = storage._committed
        for route, operation in routes(world.app).items():
            who = next((actor for actor in ("owner", "admin") if expected()[route][actor] == "200"), None)
            if who is None or not operation:
                continue
            storage._committed = untouched
            path = place(world, route)
            ask = world.ask if path.startswith(BELOW) else world.ask_root
            reply = await ask(route.split()[0], path, who, json=body(route, operation))
            told = operation["responses"]["200"]["headers"]
            assert ("etag" in reply.headers) == ("ETag" in told), route
            assert reply.headers["x-request-id"], route
            assert "X-Request-ID" in told
            promised += "ETag" in told
    assert promised >= 10


async def test_whatever_is_answered_has_all_its_fields_and_codes_are_listed() -> None:
    async with served() as world:
        schemas = world.app.openapi()["components"]["schemas"]
    for name in ("TokenView", "SignedInResult", "Problem", "Fault", "MyselfView"):
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"]), name
    assert "height_cm" not in schemas["ProfileEdit"].get("required", [])
    assert {"stale_write", "incomplete", "not_json", "too_many_attempts"} <= set(
        schemas["Problem"]["properties"]["code"]["enum"]
    )


async def test_a_property_that_means_the_same_everywhere_is_described_everywhere() -> None:
    async with served() as world:
        schemas = world.app.openapi()["components"]["schemas"]
    properties = [each for schema in schemas.values() for each in schema.get("properties", {}).items()]
    assert all(schema.get("description") for name, schema in properties if name in DESCRIPTIONS)
    described = {name for name, schema in properties if schema.get("description") == DESCRIPTIONS.get(name, "")}
    assert described == DESCRIPTIONS.keys()


async def test_every_property_is_described_and_every_whole_number_has_a_range() -> None:
    async with served() as world:
        schemas = world.app.openapi()["components"]["schemas"]
    properties = {
        f"{name}.{property_}": described
        for name, schema in schemas.items()
        for property_, described in schema.get("properties", {}).items()
    }
    assert [place for place, described in properties.items() if not described.get("description")] == []
    unbounded = {
        place
        for place, described in properties.items()
        if any({"minimum", "exclusiveMinimum"}.isdisjoint(number) for number in whole_numbers(described))
    }
    assert unbounded == UNBOUNDED


async def test_no_text_describes_a_property_that_is_gone_or_describes_itself() -> None:
    async with served() as world:
        schemas = world.app.openapi()["components"]["schemas"]
    for name, texts in TEXTS.items():
        for property_, text in texts.items():
            said = schemas[name]["properties"][property_]["description"]
            assert said.startswith(text), f"{name}.{property_}: {said}"
    names = {place.rpartition(".")[2] for place in RANGES}
    assert names <= {property_ for schema in schemas.values() for property_ in schema.get("properties", {})}


async def test_what_may_be_left_out_of_a_request_is_optional_in_generated_clients() -> None:
    """Generators make a field with a default one that must be there, also where it is sent."""
    async with served() as world:
        document = world.app.openapi()
    schemas = document["components"]["schemas"]
    seen = set[str]()
    for methods in document["paths"].values():
        for operation in methods.values():
            assert not [each for each in operation.get("parameters", []) if "default" in each["schema"]]
            for name, schema in models_in(operation.get("requestBody", {}), schemas, seen):
                assert not [each for each in schema.get("properties", {}).values() if "default" in each], name
    assert schemas["AnswerRequest"]["properties"]["words"]["description"].endswith('Default: "".')
    for facts in ("ProfileFacts", "LifestyleFacts", "PartnerFacts", "Wishes", "ProfileFactsEdit"):
        assert "required" not in schemas[facts], "only what is known is there"
    assert schemas["ProfileFacts"]["properties"]["region"]["$ref"] == "#/components/schemas/Region"
    height = schemas["ProfileFacts"]["properties"]["height_cm"]
    assert (height["minimum"], height["maximum"], "cm" in height["description"]) == (130, 220, True)


async def test_operation_ids_are_unique_words_that_a_generator_can_make_names_of() -> None:
    ids = [operation["operationId"] for _, _, operation in await operations()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", each) for each in ids)


async def test_everything_sent_or_answered_has_an_example() -> None:
    for path, method, operation in await operations():
        contents = [operation.get("requestBody", {})]
        contents += [reply for status, reply in operation["responses"].items() if status.startswith("2")]
        for kind, content in (each for one in contents for each in one.get("content", {}).items()):
            assert "example" in content or kind in FILES, f"{method} {path}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_what_it_is_an_example_of(name: str) -> None:
    model = next((vars(module)[name] for module in MODULES if name in vars(module)), None)
    if model is not None:
        TypeAdapter(model).validate_python(EXAMPLES[name])


async def test_every_list_is_answered_in_one_shape() -> None:
    for _, _, operation in await operations():
        for reply in operation["responses"].values():
            schema = reply.get("content", {}).get("application/json", {}).get("schema", {})
            assert schema.get("type") != "array", operation["operationId"]


async def test_every_route_says_what_it_does_and_how_it_refuses() -> None:
    for path, method, operation in await operations():
        assert operation["description"], path
        refusals = {status for status in operation["responses"] if status >= "4"}
        needs_a_token = {"bearer": []} in operation["security"]
        assert not needs_a_token or {"401", "403", "503"} <= refusals, f"{method} {path}"
        assert "requestBody" not in operation or {"400", "408", "413", "415", "422"} <= refusals, f"{method} {path}"


def models_in(schema: Any, components: Mapping[str, Any], seen: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every named model that a schema reaches, and what it says."""
    if isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield name, components[name]
            yield from models_in(components[name], components, seen)
        for inner in schema.values():
            yield from models_in(inner, components, seen)
    elif isinstance(schema, list):
        for inner in schema:
            yield from models_in(inner, components, seen)


async def test_whatever_is_sent_may_hold_no_field_that_nobody_asked_for() -> None:
    async with served() as world:
        document = world.app.openapi()
    open_ended, seen = [], set[str]()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            assert "properties" not in body, f"{path}: a model of its own can forbid what it does not know"
            for name, model in models_in(body, document["components"]["schemas"], seen):
                if "properties" in model and model.get("additionalProperties") is not False:
                    open_ended.append(name)
    assert open_ended == []
    assert len(seen) > 20
