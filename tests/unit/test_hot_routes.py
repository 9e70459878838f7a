"""Routes whose arguments are filled in here: they answer as FastAPI would, and are documented by it."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from ygs.application.directory.search import DirectoryRequest
from ygs.entrypoints.http.observability.request_log import PREFIX
from ygs.entrypoints.http.router import HotRoute, PrefixRouter


class Heard(BaseModel):
    """What an endpoint was given."""

    words: str
    wanted: DirectoryRequest


async def words_of(request: Request) -> str:
    return request.headers.get("x-said", "")


async def hear(
    words: Annotated[str, Depends(words_of)], response: Response, wanted: Annotated[DirectoryRequest, Query()]
) -> Heard:
    response.headers["ETag"] = '"7"'
    return Heard(words=words, wanted=wanted)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A service with the same endpoint twice."""
    app = FastAPI()
    router = PrefixRouter(prefix="/both")
    router.add_api_route("/fastapi", hear)
    router.add_api_route("/hot", hear, route_class_override=HotRoute)
    app.include_router(router, prefix=PREFIX)

    @app.exception_handler(RequestValidationError)
    async def refused(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse([[each["type"], each["loc"]] for each in error.errors()], 422)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=f"http://test{PREFIX}/both", headers={"x-said": "hello"}
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("limit=5&sort=name&total=true", 200),
        ("status=active&status=pending&gender=female&region=seoul", 200),
        ("limit=1&limit=2", 200),
        ("search=", 200),
        ("limit=0&born_from=x&status=gone", 422),
        ("shoe_size=270", 422),
        ("limit=5&limitt=6", 422),
    ],
)
async def test_a_hot_route_answers_and_refuses_as_fastapi_does(
    client: httpx.AsyncClient, query: str, status: int
) -> None:
    theirs, ours = [await client.get(f"/{path}?{query}") for path in ("fastapi", "hot")]
    assert theirs.status_code == ours.status_code == status
    assert theirs.json() == ours.json()
    assert dict(theirs.headers) == dict(ours.headers)


def test_an_endpoint_that_wants_more_is_refused_when_its_route_is_made() -> None:
    async def greedy(words: Annotated[str, Depends(words_of)], limit: int) -> Heard:
        raise NotImplementedError

    with pytest.raises(TypeError, match="limit"):
        PrefixRouter(prefix="/both").add_api_route("/hot", greedy, route_class_override=HotRoute)
