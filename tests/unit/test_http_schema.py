"""The OpenAPI document against the service: nothing undocumented is answered and nothing breaks, whatever is sent."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.unit.http_kit import served
from ygs.application import (
    documents,
    doors,
    explanations,
    introductions,
    match_weeks,
    members,
    notes,
    passwords,
    photos,
    reports,
    roles,
    second_factor,
    sessions,
    signing_in,
    signing_up,
    uploads,
    vetting,
)
from ygs.entrypoints.http import admin_weeks
from ygs.entrypoints.http.examples import EXAMPLES

MODULES = (
    admin_weeks,
    documents,
    doors,
    explanations,
    introductions,
    match_weeks,
    members,
    notes,
    passwords,
    photos,
    reports,
    roles,
    second_factor,
    sessions,
    signing_in,
    signing_up,
    uploads,
    vetting,
)


async def operations() -> list[tuple[str, str, dict[str, Any]]]:
    async with served() as world:
        paths = world.app.openapi()["paths"]
    return [(path, method, operation) for path, methods in paths.items() for method, operation in methods.items()]


async def test_operation_ids_are_unique_words_that_a_generator_can_make_names_of() -> None:
    ids = [operation["operationId"] for _, _, operation in await operations()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", each) for each in ids)


async def test_everything_sent_or_answered_about_somebody_has_an_example() -> None:
    bare = {"health", "metrics"}
    for path, method, operation in await operations():
        contents = [operation.get("requestBody", {})]
        contents += [reply for status, reply in operation["responses"].items() if status.startswith("2")]
        for content in (each for one in contents for each in one.get("content", {}).values()):
            simple = content["schema"].get("items", content["schema"]).get("type") in {"string", "object"}
            assert "example" in content or simple or bare & set(path.split("/")), f"{method} {path}"


@pytest.mark.parametrize("name", [name for name in EXAMPLES if not name.startswith("Page_")])
def test_every_example_is_what_it_is_an_example_of(name: str) -> None:
    model = next((vars(module)[name] for module in MODULES if name in vars(module)), None)
    if model is not None:
        TypeAdapter(model).validate_python(EXAMPLES[name])


async def test_every_route_says_what_it_does_and_how_it_refuses() -> None:
    for path, method, operation in await operations():
        assert operation["description"], path
        refusals = {status for status in operation["responses"] if status >= "4"}
        assert "503" in refusals, f"{method} {path}"
        assert ("401" in refusals) >= ("security" in operation)


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
