"""Requests made from the OpenAPI document, right and wrong: no 5xx, and nothing answered that is not documented."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.http import API, World, populate, served
from tests.unit.test_http_permissions import place
from ygs.adapters.memory import MemoryStorage
from ygs.domain.errors import NotSetUp

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
URL = "http://ygs.test"


@dataclass
class Service:
    """A populated service that forgets everything between two requests."""

    runner: asyncio.Runner
    world: World
    storage: MemoryStorage
    schema: Any
    untouched: Any
    sent: dict[int, int] = field(default_factory=dict)

    def ask(self, case: Case[Any], *, about_something_there: bool) -> None:
        """Send a case as somebody who may, and check the answer against the document."""
        self.storage._committed = self.untouched
        sent = requests.Request(**case.as_transport_kwargs(base_url=URL)).prepare()
        url = str(sent.url)
        if about_something_there and case.path_parameters:
            known = place(self.world, f"{case.method} {case.path.removeprefix(API)}").partition("?")[0]
            url = f"{URL}{API}{known}?{url.partition('?')[2]}"
        who = "admin" if "/admin/" in case.path else "owner"
        headers = {**{name: str(value) for name, value in sent.headers.items()}, **self.world.headers[who]}
        request = httpx.Request(case.method, url, headers=headers, content=_bytes(sent.body))
        reply = self.runner.run(self.world.client.send(request))
        self.sent[reply.status_code] = self.sent.get(reply.status_code, 0) + 1
        accepted = reply.is_success and _wrong_as_sent(case)
        checks = [*CHECKS, negative_data_rejection] if accepted else CHECKS
        case.validate_response(reply, checks=[each for each in checks if each not in _excused(reply)])


def _excused(reply: httpx.Response) -> Sequence[object]:
    """What does not hold of a refusal to do what this service is not set up for: it is a 503 by intention."""
    return [not_a_server_error] if reply.status_code == 503 and reply.json()["code"] == NotSetUp.code else []


def _wrong_as_sent(case: Case[Any]) -> bool:
    """Whether what is wrong is still so when it is sent: the token and the ids in a path are put right on the way."""
    wrong = {where for where, part in case.meta.components.items() if part.mode.is_negative} if case.meta else set()
    return bool(wrong) and wrong <= {ParameterLocation.BODY, ParameterLocation.QUERY}


def _bytes(body: Any) -> bytes | None:
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    storage = MemoryStorage()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        world = runner.run(stack.enter_async_context(served(storage)))
        runner.run(populate(world))
        schema = schemathesis.openapi.from_dict(world.app.openapi())
        yield Service(runner, world, storage, schema, storage._committed)
        runner.run(stack.aclose())


def fuzz(service: Service, examples: int, mode: GenerationMode) -> int:
    """Send so many to each route, and say how many that were."""
    before = sum(service.sent.values())
    for found in service.schema.get_all_operations():
        operation = found.ok()

        @seed(1)
        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode), st.booleans())
        def holds(case: Case[Any], there: bool) -> None:
            service.ask(case, about_something_there=there)

        # A route that takes nothing cannot be asked wrongly.
        if mode is GenerationMode.POSITIVE or operation.body or any(operation.iter_parameters()):
            holds()
    return sum(service.sent.values()) - before


# Each counts its own: the two may run in two processes.
def test_right_requests_are_answered_as_documented(service: Service) -> None:
    assert fuzz(service, 2, GenerationMode.POSITIVE) >= 250
    assert any(status < 300 for status in service.sent)


@pytest.mark.long
def test_wrong_requests_are_refused_as_documented(service: Service) -> None:
    assert fuzz(service, 2, GenerationMode.NEGATIVE) >= 250


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_thousands_more(service: Service, mode: GenerationMode) -> None:
    """``pytest -m slow tests/integration/test_http_generated.py``: two to six minutes."""
    assert fuzz(service, 100, mode) >= 5_000
