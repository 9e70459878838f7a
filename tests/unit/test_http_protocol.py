"""What HTTP gives a client besides bodies: places, copies that are kept, compression, limits, and a mount."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.support.http import API, World, populate, served
from tests.unit.test_http_permissions import routes
from ygs.entrypoints.http.asgi import service
from ygs.entrypoints.http.compression import SMALLEST

SIGN_IN = {"phone": "010-9999-0000", "password": "노란 우산 아래 고양이 세 마리"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def test_a_query_parameter_that_a_route_does_not_know_is_refused_on_every_route(world: World) -> None:
    for route, operation in routes(world.app).items():
        method, path = route.split()
        if not operation or path in {"/health/live", "/health/ready", "/metrics"}:
            continue
        reply = await world.ask(method, f"{path}?mistyped=1&CANARY-key=2", "admin")
        told = [(each["where"], each["rule"]) for each in reply.json()["faults"]]
        assert (reply.status_code, told) == (422, [("query.…", "extra_forbidden")]), route


async def test_what_was_made_has_a_place_and_a_repeated_request_says_so(world: World) -> None:
    owner = world.people["owner"].id
    for path, who, sent, below in (
        ("/admin/match-weeks", "admin", {"week": "2027-W02"}, "/admin/match-weeks"),
        (f"/admin/members/{owner}/notes", "consultant", {"text": "주말"}, "/admin/notes"),
    ):
        key = {"Idempotency-Key": f"key-of-{who}-{below}"}
        first, again = [await world.ask("POST", path, who, json=sent, headers=key) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 201)
        for reply in (first, again):
            assert reply.headers["location"] == f"{API}{below}/{reply.json()['id']}"
        assert "idempotent-replayed" not in first.headers
        assert (again.headers["idempotent-replayed"], again.content) == ("true", first.content)


async def test_every_reply_that_made_something_documents_its_place(world: World) -> None:
    made = [each for each in routes(world.app).values() if "201" in each.get("responses", {})]
    assert len(made) >= 6
    for operation in made:
        if operation["operationId"] in ("report_member", "begin_upload"):
            continue  # Only staff may read what it made, or nobody.
        assert "Location" in operation["responses"]["201"]["headers"], operation["operationId"]


@pytest.mark.parametrize("path", ["/vocabulary", "/vocabulary/reports", "/vocabulary/codes"])
async def test_a_kept_vocabulary_is_not_sent_again(world: World, path: str) -> None:
    first = await world.ask("GET", path, headers={"Accept-Encoding": "identity"})
    tag = first.headers["etag"]
    for kept in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await world.ask("GET", path, headers={"If-None-Match": kept})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), kept
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert (await world.ask("GET", path, headers={"If-None-Match": '"another"'})).content == first.content


async def test_large_replies_are_compressed_for_who_can_read_that_and_their_etag_becomes_weak(world: World) -> None:
    plain = await world.ask("GET", "/vocabulary", headers={"Accept-Encoding": "identity"})
    packed = await world.ask("GET", "/vocabulary", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.content == plain.content
    assert packed.headers["etag"] == f"W/{plain.headers['etag']}"
    for reply in (plain, packed):
        assert "Accept-Encoding" in reply.headers["vary"]
    small = await world.ask("GET", "/match/history", "another_member", headers={"Accept-Encoding": "gzip"})
    assert len(small.content) < SMALLEST
    assert "content-encoding" not in small.headers


async def test_files_that_are_compressed_already_are_sent_as_they_are(world: World) -> None:
    archive = await world.ask("GET", "/users/me/export", "owner", headers={"Accept-Encoding": "gzip"})
    assert (archive.status_code, archive.headers["content-type"]) == (200, "application/zip")
    assert "content-encoding" not in archive.headers


async def test_a_client_reads_how_near_it_is_to_a_limit_and_nothing_of_other_peoples_accounts(world: World) -> None:
    left = []
    for _ in range(3):
        reply = await world.ask("POST", "/auth/login", json=SIGN_IN)
        assert reply.headers["ratelimit-policy"] == '"sign_in";q=10;w=60'
        left.append(reply.headers["ratelimit"].partition(";t=")[0])
    assert left == ['"sign_in";r=9', '"sign_in";r=8', '"sign_in";r=7']
    for _ in range(8):
        reply = await world.ask("POST", "/auth/login", json=SIGN_IN)
    assert reply.status_code == 429
    assert reply.headers["ratelimit"] == f'"sign_in";r=0;t={reply.headers["retry-after"]}'
    assert "ratelimit" not in (await world.ask("GET", "/users/me", "owner")).headers
    for _ in range(4):
        reply = await world.ask("POST", "/auth/signup/phone", json={"phone": "010-7777-8888"})
    assert reply.status_code == 429
    assert reply.headers["ratelimit"] == f'"sign_up";r=0;t={reply.headers["retry-after"]}'
    upload = {"kind": "photo", "content_type": "image/jpeg"}
    begun = await world.ask("POST", "/uploads", "owner", json=upload)
    assert begun.headers["ratelimit-policy"].startswith('"uploads')


@asynccontextmanager
async def mounted(world: World, path: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application of somebody's own, in which the service is mounted."""
    outer = FastAPI()
    outer.mount(path, world.app)
    transport = httpx.ASGITransport(outer, client=("203.0.113.7", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://ygs.test") as client:
        yield client


async def upload_whole(client: httpx.AsyncClient, start: str, headers: Any) -> httpx.Response:
    sent = {"kind": "photo", "content_type": "image/jpeg"}
    begun = await client.post(f"{start}{API}/uploads", json=sent, headers=headers)
    assert begun.status_code == 201
    assert begun.json()["url"].startswith(f"{start}{API}/files/")
    return await client.post(begun.json()["url"], data=begun.json()["fields"], files={"file": ("x.jpg", b"\xff\xd8")})


async def works_below(world: World, client: httpx.AsyncClient, start: str) -> None:
    owner = world.headers["owner"]
    assert (await client.get(f"{start}{API}/users/me", headers=owner)).status_code == 200
    assert (await upload_whole(client, start, owner)).status_code == 204
    made = await client.post(f"{start}{API}/admin/match-weeks", headers=world.headers["admin"])
    assert made.headers["location"].startswith(f"{start}{API}/admin/match-weeks/mw_")
    document = (await client.get(f"{start}/openapi.json")).json()
    assert document["servers"][0]["url"] == start
    wrong = await client.put(f"{start}{API}/users/me", headers=owner)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "DELETE, GET, HEAD, PATCH")
    figures = (await client.get(f"{start}/metrics")).text
    assert f'route="{API}/users/me"' in figures
    assert f'route="{API}/uploads"' in figures
    assert 'route="/users/me"' not in figures


async def test_the_service_works_mounted_under_a_prefix(world: World) -> None:
    async with mounted(world, "/match") as client:
        await works_below(world, client, "/match")


async def test_it_works_behind_a_proxy_that_takes_the_prefix_off_and_behind_one_that_does_not() -> None:
    async with served(root_path="/match") as world:
        await populate(world)
        await works_below(world, world.client, "/match")
        owner = world.headers["owner"]
        reply = await world.client.post(
            f"{API}/uploads", json={"kind": "photo", "content_type": "image/jpeg"}, headers=owner
        )
        assert reply.json()["url"].startswith(f"/match{API}/files/")


async def test_a_public_url_stands_before_signed_urls_wherever_it_is_mounted() -> None:
    async with served(public_url="https://api.example.kr/match") as world:
        await populate(world)
        async with mounted(world, "/match") as client:
            sent = {"kind": "photo", "content_type": "image/jpeg"}
            begun = await client.post(f"/match{API}/uploads", json=sent, headers=world.headers["owner"])
            assert begun.json()["url"].startswith("https://api.example.kr/match/api/v1/files/")


async def test_a_server_of_ones_own_starts_the_service_by_its_factory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", "memory:")
    # It would set the log of the whole process, for the tests after this one too.
    monkeypatch.setattr("ygs.entrypoints.http.asgi.log_as_json", lambda: None)
    app = service()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ygs.test") as client:
            assert (await client.get("/health/ready")).status_code == 200
            assert (await client.get(f"{API}/vocabulary")).status_code == 200


async def test_a_reply_without_content_names_no_type_of_content(world: World) -> None:
    for method, path, who in (
        ("PUT", f"/users/me/blocks/{world.people['former_match'].id}", "owner"),
        ("POST", "/users/me/blocks/contacts", "owner"),
        ("DELETE", "/auth/sessions", "owner"),
    ):
        content = {"phone": "010-9999-8888"} if path.endswith("contacts") else None
        reply = await world.ask(method, path, who, json=content)
        assert (reply.status_code, reply.content) == (204, b""), reply.text
        assert "content-type" not in reply.headers, path


async def test_who_reports_somebody_is_not_sent_to_what_only_staff_may_read(world: World) -> None:
    path = f"/users/{world.people['matched_after_reveal'].id}/report"
    reply = await world.ask("POST", path, "owner", json={"category": "other", "words": "무례함"})
    assert reply.status_code == 201, reply.text
    assert "location" not in reply.headers
