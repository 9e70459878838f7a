"""What every answer of the service keeps to: problems that echo nothing, limits, ids, ETags, repeated commands."""

import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from starlette.types import Message

from tests.support.http import API, PASSWORD, World, populate, served
from ygs.application.actors import ALLOWED, Actor, Permission
from ygs.application.messages.translate import headline
from ygs.domain import errors
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Purpose, Role
from ygs.entrypoints.http.middleware import BODY_LIMIT
from ygs.entrypoints.http.observability.exporters import without_data
from ygs.entrypoints.http.observability.request_log import RequestInfo
from ygs.entrypoints.http.problems import ADVICE, MEDIA_TYPE, STATUS, Problem, status_of
from ygs.entrypoints.http.routes.auth import SignInOptions
from ygs.settings import Environment, Settings

CANARY = "CANARY-7f3a"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


def of(kind: type[errors.YgsError]) -> set[type[errors.YgsError]]:
    return {kind} | {deeper for each in kind.__subclasses__() for deeper in of(each)}


def test_every_error_of_the_domain_has_a_status_of_its_own_or_an_ancestors() -> None:
    for kind in of(errors.YgsError) - {errors.YgsError}:
        if kind.__module__ == errors.__name__:
            assert status_of(kind.__new__(kind)) < 504
            assert status_of(kind.__new__(kind)) != 500, f"{kind.__name__} has no status: add it to STATUS"
    assert STATUS[errors.YgsError] == 500


KOREAN = headline(errors.InvalidToken, Language.KO)


async def test_a_problem_speaks_the_language_asked_for(world: World) -> None:
    for asked, title in {
        "ko-KR,ko;q=0.9,en;q=0.8": KOREAN,
        "en-US,en;q=0.5": errors.InvalidToken.headline,
        "fr, ko;q=0.5": KOREAN,
        "fr": errors.InvalidToken.headline,
        "ko;q=0, en": errors.InvalidToken.headline,
    }.items():
        reply = await world.ask("GET", "/users/me", headers={"Accept-Language": asked})
        assert reply.json()["title"] == title, asked
        assert reply.headers["content-type"] == MEDIA_TYPE


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"phone": "\xff"}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"9" * 10_000, "application/json", 400),
        (b'"\\ud800"', "application/json", 422),
        (b'{"phone": "\\ud800", "password": "\\u0000"}', "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b" " * (BODY_LIMIT + 1), "application/json", 413),
        (b"", "application/json", 422),
    ],
)
async def test_what_cannot_be_read_is_a_problem(world: World, content: bytes, content_type: str, status: int) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    reply = await world.ask("POST", "/auth/login", content=content, headers=headers)
    assert reply.status_code == status
    assert Problem.model_validate(reply.json()).status == status


async def test_a_long_body_is_refused_though_its_length_is_hidden_or_a_lie(world: World) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    for headers in ({}, {"Content-Length": "2"}):
        sent = {"Content-Type": "application/json", **headers}
        reply = await world.ask("POST", "/auth/login", content=pieces(), headers=sent)
        assert reply.status_code == 413


async def test_a_body_of_just_the_limit_is_read(world: World) -> None:
    filled = json.dumps({"phone": "010-1234-5678", "password": "x"}).encode().ljust(BODY_LIMIT)
    reply = await world.ask("POST", "/auth/login", content=filled, headers={"Content-Type": "application/json"})
    assert reply.status_code == 401


async def test_nobody_waits_for_ever_for_a_body_that_does_not_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ygs.entrypoints.http.middleware.BODY_SECONDS", 0.01)
    sent: list[Message] = []

    async def receive() -> Message:
        import asyncio

        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": f"{API}/auth/login", "headers": [], "query_string": b""}
    await world.app({**scope, "app": world.app, "root_path": "", "client": None}, receive, send)
    assert sent[0]["status"] == 408


async def test_every_answer_has_an_id_and_careful_headers(world: World) -> None:
    for path in ("/users/me", "/vocabulary", "/nothing/there"):
        reply = await world.ask("GET", path, "owner", headers={"X-Request-ID": "client-0001"})
        assert reply.headers["x-request-id"] == "client-0001"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == ("public, max-age=3600" if path == "/vocabulary" else "no-store")
    reply = await world.ask("GET", "/users/me", headers={"X-Request-ID": "a b\r"})
    assert len(reply.headers["x-request-id"]) == 22
    assert reply.json()["request_id"] == reply.headers["x-request-id"]


async def test_what_is_not_there_and_what_is_not_allowed_are_problems(world: World) -> None:
    assert (await world.ask("GET", "/nope")).json()["code"] == "not_found"
    reply = await world.ask("PUT", "/auth/login")
    assert (reply.json()["code"], reply.headers["allow"]) == ("method_not_allowed", "POST")


async def test_a_method_that_is_not_allowed_is_told_all_that_are(world: World) -> None:
    for path, allowed in {
        "/users/me": "DELETE, GET, HEAD, PATCH",
        "/auth/login": "POST",
        f"/users/me/blocks/{world.people['owner'].id}": "DELETE, PUT",
        "/auth/sessions": "DELETE, GET, HEAD",
    }.items():
        reply = await world.ask("TRACE", path, "owner")
        assert (reply.status_code, reply.headers["allow"]) == (405, allowed), path
        assert Problem.model_validate(reply.json()).code == "method_not_allowed"


async def test_head_is_answered_as_get_without_the_body(world: World) -> None:
    for ask, path, actor in ((world.ask, "/users/me", "owner"), (world.ask_root, "/health/ready", "")):
        told, read = await ask("HEAD", path, actor), await ask("GET", path, actor)
        assert (told.status_code, told.content) == (200, b"")
        assert told.headers["content-length"] == read.headers["content-length"]
        assert told.headers.get("etag") == read.headers.get("etag")
    assert (await world.ask("HEAD", "/users/me")).status_code == 401
    assert (await world.ask("HEAD", "/auth/login")).status_code == 405


async def test_the_second_of_two_editors_is_told(world: World) -> None:
    before = (await world.ask("GET", "/users/me", "owner")).headers["etag"]
    edit = {"json": {"introduction": "등산"}, "headers": {"If-Match": before}}
    first = await world.ask("PATCH", "/users/me/profile", "owner", **edit)
    assert first.status_code == 200
    assert first.headers["etag"] != before
    second = await world.ask("PATCH", "/users/me/profile", "owner", **edit)
    assert (second.status_code, second.json()["code"]) == (412, "stale_write")
    edit["headers"] = {"If-Match": "*"}
    assert (await world.ask("PATCH", "/users/me/profile", "owner", **edit)).status_code == 200
    edit["headers"] = {"If-Match": "7"}
    assert (await world.ask("PATCH", "/users/me/profile", "owner", **edit)).status_code == 422


async def test_the_second_of_two_who_correct_a_note_is_told(world: World) -> None:
    owner = world.people["owner"].id
    note = (await world.ask("POST", f"/admin/members/{owner}/notes", "consultant", json={"text": "주말"})).json()
    edit = {"json": {"text": "평일"}, "headers": {"If-Match": f'"{note["version"]}"'}}
    first = await world.ask("PUT", f"/admin/notes/{note['id']}", "consultant", **edit)
    assert (first.status_code, first.headers["etag"]) == (200, f'"{first.json()["version"]}"')
    second = await world.ask("PUT", f"/admin/notes/{note['id']}", "admin", **edit)
    third = await world.ask("DELETE", f"/admin/notes/{note['id']}", "admin", headers=edit["headers"])
    assert [(late.status_code, late.json()["code"]) for late in (second, third)] == [(412, "stale_write")] * 2


async def test_a_repeated_command_acts_once_and_is_answered_alike(world: World) -> None:
    again = {"json": {"week": "2027-W02"}, "headers": {"Idempotency-Key": "a-key-of-the-client"}}
    first = await world.ask("POST", "/admin/match-weeks", "admin", **again)
    second = await world.ask("POST", "/admin/match-weeks", "admin", **again)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    again["json"] = {"week": "2027-W03"}
    other = await world.ask("POST", "/admin/match-weeks", "admin", **again)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_key_and_body_on_another_path_are_another_request(world: World) -> None:
    """Its reply would tell of the first member, and the second would get no note."""
    again = {"json": {"text": "주말에만 만날 수 있음"}, "headers": {"Idempotency-Key": "a-key-of-the-client"}}
    one, two = (world.people[name].id for name in ("owner", "another_member"))
    first = await world.ask("POST", f"/admin/members/{one}/notes", "consultant", **again)
    other = await world.ask("POST", f"/admin/members/{two}/notes", "consultant", **again)
    assert (first.status_code, other.status_code, other.json()["code"]) == (201, 422, "key_reused")


async def test_a_page_is_followed_to_its_end(world: World) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = (await world.ask("GET", f"/admin/members?limit=2{after}", "consultant")).json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    newest_first = sorted((user.id for name, user in world.people.items() if name != "withdrawn"), reverse=True)
    assert seen == newest_first
    assert (await world.ask("GET", "/admin/members?limit=101", "consultant")).status_code == 422


async def test_lists_of_staff_mask_names(world: World) -> None:
    page = await world.ask("GET", "/admin/members", "consultant")
    assert not [user.name for user in world.people.values() if user.name in page.text]


def unkind() -> list[tuple[str, str, Any]]:
    """Requests with a secret in every place where one could slip in."""
    return [
        ("POST", "/auth/login", {"phone": CANARY, "password": CANARY}),
        ("POST", "/auth/login", {"phone": 1, "password": [CANARY], CANARY: CANARY}),
        ("POST", "/auth/login", CANARY),
        ("POST", "/auth/refresh", {"refresh_token": CANARY}),
        ("POST", "/auth/signup", {"password": CANARY, "name": CANARY, "gender": CANARY}),
        ("POST", "/auth/password/reset", {"one_time_token": CANARY, "code": CANARY, "new": CANARY}),
        ("PATCH", "/users/me/profile", {"facts": {CANARY: CANARY}}),
        ("PATCH", "/users/me/profile", {"facts": {"region": CANARY}}),
        ("PATCH", "/users/me/profile", {"facts": {CANARY: {CANARY: CANARY}}, CANARY: 1}),
        ("PUT", "/users/me/preferences", {"wishes": {CANARY: {"importance": CANARY}}}),
        ("PUT", "/users/me/preferences", {"wishes": {"region": {"importance": "must", "any_of": [CANARY]}}}),
        ("PUT", "/users/me/consents", {"consents": {CANARY: CANARY}}),
        ("GET", f"/users/{CANARY}?token={CANARY}", None),
        ("GET", f"/{CANARY}", None),
        ("POST", "/admin/match-weeks", {"week": CANARY}),
        (CANARY, "/users/me", None),
    ]


@pytest.mark.parametrize("number", range(len(unkind())))
async def test_no_refusal_and_no_log_repeats_what_was_sent(world: World, number: int) -> None:
    method, path, sent = unkind()[number]
    who = "admin" if "admin" in path else "owner"
    with structlog.testing.capture_logs() as logs:
        reply = await world.ask(method, path, who, json=sent, headers={"User-Agent": CANARY})
    assert 400 <= reply.status_code < 500
    metrics = (await world.client.get("/metrics")).text
    assert CANARY not in reply.text + str(reply.headers) + str(logs) + metrics
    assert logs


async def test_what_nobody_expected_is_a_problem_without_words_and_a_log_without_data(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise RuntimeError(f"could not store {CANARY}")

    monkeypatch.setattr(type(world.ygs.members), "get", breaks)
    with structlog.testing.capture_logs() as logs:
        reply = await world.ask("GET", "/users/me", "owner")
    assert (reply.status_code, reply.json()["code"], reply.json()["detail"]) == (500, "internal", ADVICE[500])
    broke = next(each for each in logs if each["event"] == "unexpected")
    assert broke["error"] == "RuntimeError"
    assert broke["where"][-1].endswith("breaks")
    assert broke["request_id"] == reply.headers["x-request-id"]
    assert CANARY not in reply.text + str(logs)


async def test_an_error_of_ours_that_nobody_gave_a_status_says_nothing_of_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a field that no key opens any more: which one is for the log of who runs the service."""

    class Unforeseen(errors.YgsError):
        code = "unforeseen"

    async def breaks(*_: object) -> None:
        raise Unforeseen(f"users.phone of {CANARY} needs another key")

    monkeypatch.setattr(type(world.ygs.members), "get", breaks)
    with structlog.testing.capture_logs() as logs:
        reply = await world.ask("GET", "/users/me", "owner")
    assert (reply.status_code, reply.json()["code"], reply.json()["detail"]) == (500, "unforeseen", "")
    assert CANARY not in reply.text + str(reply.headers) + str(logs)


async def test_logs_and_figures_name_routes_and_nobody(world: World) -> None:
    with structlog.testing.capture_logs() as logs:
        await world.ask("GET", f"/match/history/{world.introductions['waiting']}", "owner")
        await world.ask("GET", f"/match/history?after={CANARY}", "owner")
        await world.ask("POST", "/auth/login", json={"phone": world.with_phone("owner"), "password": PASSWORD})
    metrics = (await world.client.get("/metrics")).text
    assert [each["route"] for each in logs] == [
        f"{API}/match/history/{{id}}",
        f"{API}/match/history",
        f"{API}/auth/login",
    ]
    assert CANARY not in str(logs)
    assert all({"request_id", "status", "ms", "method"} <= each.keys() for each in logs)
    for private in (*world.introductions.values(), *(user.id for user in world.people.values()), "usr_", "+82"):
        assert private not in str(logs) + metrics
    assert 'route="/api/v1/match/history/{id}",status="200"' in metrics


async def test_production_asks_for_https() -> None:
    async with served(environment=Environment.PRODUCTION) as world:
        assert "strict-transport-security" in (await world.client.get("/health/live")).headers


async def test_production_shows_its_documentation_to_staff_and_to_nobody_else() -> None:
    async with served(environment=Environment.PRODUCTION) as world:
        await populate(world)
        for actor in ("", "owner", "pending", "suspended", "withdrawn", "wrong_audience"):
            refused = await world.ask_root("GET", "/openapi.json", actor)
            assert (refused.status_code, refused.json()["code"]) == (404, "not_found"), actor
        for actor in ("consultant", "admin"):
            shown = await world.ask_root("GET", "/openapi.json", actor)
            assert "/api/v1/users/me" in shown.json()["paths"], actor
        # Opened by a browser, which sends no token: the page asks for one, and tells nothing of what there is.
        page = await world.ask_root("GET", "/docs")
        assert page.status_code == 200
        assert "/api/" not in page.text
        assert "/users" not in page.text


async def test_the_page_of_the_documentation_runs_what_it_names_and_nothing_else(world: World) -> None:
    page = await world.ask_root("GET", "/docs")
    policy = page.headers["content-security-policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy
    assert "script-src 'unsafe-inline'" not in policy
    assert policy.startswith("default-src 'none'")
    for loaded in re.findall(r"<(?:script|link)[^>]* (?:src|href)=[^>]*>", page.text):
        assert "integrity=" in loaded
    assert (await world.ask_root("GET", "/openapi.json")).json()["paths"]


async def test_staff_without_a_second_factor_see_no_documentation() -> None:
    actor = Actor.signed_in(UserId("usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"), Role.ADMIN, second_factor=False)
    assert Permission.READ_DOCUMENTATION not in actor.permissions
    assert Permission.READ_DOCUMENTATION not in ALLOWED[Role.MEMBER]


async def test_figures_are_for_who_has_the_token_and_in_production_for_nobody_else() -> None:
    token = sha256(b"scraper").hexdigest()
    right = f"Bearer {token}".encode()
    for environment in Environment:
        async with served(environment=environment, metrics_token=SecretStr(token)) as world:
            assert (await world.client.get("/metrics", headers={b"Authorization": right})).status_code == 200
            for wrong in (b"", right[:-1], b"Bearer", b"Bearer \xff"):
                reply = await world.client.get("/metrics", headers={b"Authorization": wrong})
                assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
    async with served(environment=Environment.PRODUCTION) as world:
        for anybody in (b"", b"Bearer ", right):
            assert (await world.client.get("/metrics", headers={b"Authorization": anybody})).status_code == 404


async def test_not_ready_when_the_storage_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await world.client.get("/health/ready")).status_code == 200

    def away(_: object) -> None:
        raise errors.Unavailable("no database")

    monkeypatch.setattr(type(world.ygs.storage), "read", away)
    assert (await world.client.get("/health/ready")).status_code == 503
    assert (await world.client.get("/health/live")).status_code == 200


async def test_what_is_reported_elsewhere_holds_no_message_and_no_path(world: World) -> None:
    told: list[RequestInfo] = []
    world.app.state.request_log.on_request.append(told.append)
    await world.ask("GET", f"/users/{world.people['owner'].id}?x={CANARY}", "owner")
    assert [(each.method, each.route, each.status) for each in told] == [("GET", f"{API}/users/{{id}}", 422)]
    event = {"exception": {"values": [{"type": "KeyError", "value": CANARY}]}}
    assert CANARY not in str(without_data(event, None))


@pytest.mark.parametrize(
    "week",
    [
        {"week": "9999-W52"},
        {"week": "0001-W01"},
        {"week": "2027-W99"},
        {"week": "\x00"},
        {"week": "2027-W10", "deadline": "2027-03-12T00:00:00"},
        {"week": "2027-W10", "deadline": "0001-01-01T00:00:00Z"},
        {"week": "2027-W10", "deadline": "9999-12-31T23:59:59-12:00"},
    ],
)
async def test_no_week_is_made_that_no_calendar_or_clock_can_hold(world: World, week: dict[str, str]) -> None:
    assert (await world.ask("POST", "/admin/match-weeks", "admin", json=week)).status_code == 422


@pytest.mark.parametrize(
    ("until", "status"),
    [("2027-01-01T00:00:00", 422), ("2027-01-01", 422), ("9999-12-31T23:59:59-12:00", 200)],
)
async def test_a_time_without_a_zone_is_refused_and_breaks_nothing(world: World, until: str, status: int) -> None:
    document = f"/admin/documents/{world.files['documents']}"
    version = (await world.ask("GET", document, "consultant")).json()["member_version"]
    sent = {"member_version": version, "expires_at": until}
    assert (await world.ask("POST", f"{document}/verify", "consultant", json=sent)).status_code == status


async def test_a_front_end_learns_how_to_sign_in_and_which_consents_to_show() -> None:
    async with served() as world:
        plain = (await world.ask("GET", "/auth/options")).json()
    assert plain["methods"] == ["password"]
    assert {each["purpose"]: each["required"] for each in plain["consents"]} == {
        "terms": True,
        "privacy": True,
        "sensitive": False,
        "llm": False,
        "marketing": False,
    }
    assert {each["version"] for each in plain["consents"]} == {None}
    versions = {Purpose.TERMS: "2026-12", Purpose.LLM: "3"}
    offered = SignInOptions.of(Settings(firebase_project="p", kakao_client_id="k", consent_versions=versions))
    assert offered.methods == ["password", "firebase", "kakao"]
    assert {each.purpose: each.version for each in offered.consents if each.version} == versions
