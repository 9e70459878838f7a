"""A front end on another origin: its browser may ask here when it is named in the settings, and no other's may."""

from collections.abc import AsyncIterator, Mapping

import httpx
import pytest

from tests.support.http import World, populate, served
from ygs.entrypoints.testing.contracts.files import a_photo

FRONT_END, STRANGER = "https://www.example.kr", "https://www.example.kr.evil.test"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served(front_end_origins=(FRONT_END, "http://localhost:3000")) as world:
        await populate(world)
        yield world


async def preflight(
    world: World, method: str, path: str, *, origin: str = FRONT_END, headers: str = "authorization"
) -> httpx.Response:
    """What a browser asks before it lets a page ask."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return await world.ask("OPTIONS", path, headers=asked)


def allowed(headers: Mapping[str, str]) -> tuple[str | None, str | None]:
    return headers.get("access-control-allow-origin"), headers.get("access-control-allow-credentials")


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/users/me", "authorization"),
        ("PATCH", "/users/me/profile", "authorization,content-type,if-match"),
        ("PUT", "/users/me/preferences", "authorization,content-type,if-match,x-request-id"),
        ("POST", "/uploads", "authorization,content-type,idempotency-key"),
        ("DELETE", "/users/me", "authorization"),
    ],
)
async def test_a_browser_is_told_that_the_front_end_may_ask(world: World, method: str, path: str, headers: str) -> None:
    told = await preflight(world, method, path, headers=headers)
    assert (told.status_code, allowed(told.headers)) == (200, (FRONT_END, None))
    assert method in told.headers["access-control-allow-methods"]
    assert "Origin" in told.headers["vary"]


async def test_no_other_origin_method_or_header_is_allowed(world: World) -> None:
    for origin in (STRANGER, "https://evil.test", "http://www.example.kr", "null", "*"):
        told = await preflight(world, "GET", "/users/me", origin=origin)
        assert (told.status_code, allowed(told.headers)) == (400, (None, None)), origin
        answered = await world.ask("GET", "/users/me", "owner", headers={"Origin": origin})
        assert allowed(answered.headers) == (None, None), origin
    assert (await preflight(world, "TRACE", "/users/me")).status_code == 400
    assert (await preflight(world, "GET", "/users/me", headers="x-forwarded-for")).status_code == 400


async def test_the_front_end_reads_the_answer_its_version_and_how_long_to_wait(world: World) -> None:
    answered = await world.ask("GET", "/users/me", "owner", headers={"Origin": FRONT_END})
    assert allowed(answered.headers) == (FRONT_END, None)
    readable = answered.headers["access-control-expose-headers"].lower().replace(" ", "").split(",")
    documented = {name.lower() for name in world.app.openapi()["components"]["headers"]}
    assert set(readable) == documented, "what is documented is what a page may read"
    assert answered.headers["etag"]


async def test_the_front_end_reads_refusals_too_those_of_the_guards_among_them(world: World) -> None:
    for sent, status in ((b"{}" * 40_000, 413), (b"x", 415)):
        refused = await world.ask("POST", "/auth/login", content=sent, headers={"Origin": FRONT_END})
        assert (refused.status_code, allowed(refused.headers)) == (status, (FRONT_END, None))
    refused = await world.ask("GET", "/users/me", headers={"Origin": FRONT_END})
    assert (refused.status_code, allowed(refused.headers)) == (401, (FRONT_END, None))


async def test_what_caches_may_keep_is_kept_for_each_origin(world: World) -> None:
    for headers in ({}, {"Origin": FRONT_END}):
        answered = await world.ask("GET", "/vocabulary", headers=headers)
        assert "public" in answered.headers["cache-control"]
        assert "Origin" in answered.headers["vary"]


async def test_asking_whether_one_may_ask_counts_as_no_request(world: World) -> None:
    figures = (await world.ask_root("GET", "/metrics")).text
    for _ in range(40):
        assert (await preflight(world, "POST", "/auth/login", headers="content-type")).status_code == 200
    after = (await world.ask_root("GET", "/metrics")).text
    assert "OPTIONS" not in after
    assert requests_of(after) == requests_of(figures) + 1  # the first look at the figures itself


def requests_of(figures: str) -> int:
    """How many requests were counted, whatever became of them."""
    counted = [line for line in figures.splitlines() if line.startswith("ygs_http_seconds_count")]
    assert counted
    return sum(int(float(line.split()[-1])) for line in counted)


async def test_without_a_setting_no_origin_but_our_own_may_ask() -> None:
    async with served() as world:
        told = await preflight(world, "GET", "/vocabulary")
        assert (told.status_code, allowed(told.headers)) == (405, (None, None))
        answered = await world.ask("GET", "/vocabulary", headers={"Origin": FRONT_END})
        assert allowed(answered.headers) == (None, None)
        assert answered.headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_page_elsewhere_may_show_the_file_of_a_signed_address_and_nothing_else(world: World) -> None:
    place = a_photo().object_keys[0]
    await world.ygs.blob_store.put(place, b"\xff\xd8\xff", "image/jpeg")
    address = await world.ygs.blob_store.presign_read(place, "image/jpeg")
    shown = await world.ask_root("GET", address)
    assert (shown.status_code, shown.headers["cross-origin-resource-policy"]) == (200, "cross-origin")
    refused = await world.ask("GET", "/files/made-up")
    assert (refused.status_code, refused.headers["cross-origin-resource-policy"]) == (404, "same-origin")
