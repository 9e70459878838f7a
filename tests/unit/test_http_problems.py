"""Why something was refused, said to people: in both languages, naming the field, and nothing of what was sent."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.http import PASSWORD, World, populate, served
from ygs.adapters.identities.not_configured import NoKakao
from ygs.application.actors import Actor, Permission
from ygs.domain import errors
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import KnownCodes


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def refused(world: World, method: str, path: str, body: Any, language: str, who: str = "owner") -> dict[str, Any]:
    reply = await world.ask(method, path, who, json=body, headers={"Accept-Language": language})
    assert reply.status_code >= 400, reply.text
    problem: dict[str, Any] = reply.json()
    return problem


NEWCOMER = {
    "name": "김하늘",
    "gender": "female",
    "seeks": ["male"],
    "birth_year": 1993,
    "phone": "010-2345-6789",
    "password": "노란 우산 아래 고양이 세 마리",
    "consents": {"terms": "2026-01", "privacy": "2026-01"},
}
PROFILE, WISHES = "/users/me/profile", "/users/me/preferences"


@pytest.mark.parametrize(
    ("method", "path", "body", "where", "rule", "ko", "en"),
    [
        ("POST", "/auth/signup", {**NEWCOMER, "name": ""}, "name", "invalid_text", "비워 둘 수", "must not be empty"),
        ("POST", "/auth/signup", {**NEWCOMER, "name": "가" * 61}, "body.name", "string_too_long", "60자", "60 char"),
        ("POST", "/auth/signup", {**NEWCOMER, "phone": "없음"}, "phone", "invalid_fact", "번호가 둘 이상", "like 010"),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "password": "짧다"},
            "password",
            "weak_password",
            "15자 이상",
            "at least 15",
        ),
        (
            "POST",
            "/auth/password",
            {"current": PASSWORD, "new": "짧다"},
            "new",
            "weak_password",
            "새 비밀번호",
            "at least 15",
        ),
        ("POST", "/auth/signup", {**NEWCOMER, "birth_year": 2009}, "birth_year", "not_adult", "만 19세", "of age"),
        ("POST", "/auth/signup", {**NEWCOMER, "gender": "x"}, "body.gender", "literal_error", "male, female", "One of"),
        ("POST", "/auth/signup", {**NEWCOMER, "seeks": []}, "body.seeks", "too_short", "1개 이상", "At least 1"),
        (
            "PATCH",
            PROFILE,
            {"facts": {"height_cm": 900}},
            "height_cm",
            "unknown_value",
            "130부터 220까지",
            "130 to 220",
        ),
        ("PATCH", PROFILE, {"facts": {"height_cm": 1.5}}, "body.facts.height_cm", "int_type", "정수", "whole"),
        ("PATCH", PROFILE, {"facts": {"children": True}}, "body.facts.children", "int_type", "정수", "whole"),
        ("POST", "/auth/signup", {**NEWCOMER, "birth_year": "1993"}, "body.birth_year", "int_type", "정수", "whole"),
        ("PATCH", PROFILE, {"facts": {"region": "mars"}}, "region", "unknown_value", "거주 지역", "GET /vocabulary"),
        (
            "PATCH",
            PROFILE,
            {"facts": {"smoking": "no"}},
            "smoking",
            "invalid_fact",
            "프로필 항목이 아닙",
            "not part of",
        ),
        (
            "PUT",
            WISHES,
            {"wishes": {"region": {"importance": "must", "any_of": []}}},
            "region",
            "invalid_wish",
            "하나",
            "one",
        ),
        (
            "POST",
            "/uploads",
            {"kind": "photo", "content_type": "image/gif"},
            "content_type",
            "invalid_fact",
            "사진",
            "image/",
        ),
        ("POST", "/users/me/blocks/contacts", {}, "body", "value_error", "하나만", "either a phone"),
        ("GET", "/match/history?limit=101", None, "query.limit", "less_than_equal", "100 이하", "100 or less"),
    ],
)
async def test_a_refusal_names_the_field_and_says_why_in_both_languages(
    world: World, method: str, path: str, body: Any, where: str, rule: str, ko: str, en: str
) -> None:
    for language, words in {"ko": ko, "en": en}.items():
        (fault,) = (await refused(world, method, path, body, language))["faults"]
        assert (fault["where"], fault["rule"]) == (where, rule)
        assert words in fault["detail"], fault


async def test_a_profile_sent_in_too_early_is_told_what_is_missing(world: World) -> None:
    joined = await world.ask("POST", "/auth/signup", json=NEWCOMER)
    world.headers["newcomer"] = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    problem = await refused(world, "POST", "/users/me/submit", None, "ko", "newcomer")
    assert (problem["status"], problem["code"]) == (409, "incomplete")
    assert {"where": "height_cm", "rule": "missing", "detail": "꼭 필요한 항목입니다."} in problem["faults"]
    assert "키, 거주 지역" in problem["detail"]


async def test_the_suspended_and_staff_without_a_second_factor_are_told_why_they_may_not(world: World) -> None:
    problem = await refused(world, "GET", "/users/me", None, "ko", "suspended")
    assert (problem["status"], problem["code"]) == (403, "suspended")
    assert "탈퇴할 수는 있습니다" in problem["detail"]
    # What members may not do anyway is refused to the suspended as to everybody.
    assert (await refused(world, "GET", "/admin/queue", None, "en", "suspended"))["code"] == "forbidden"
    actor = Actor.signed_in(world.people["admin"].id, Role.ADMIN, second_factor=False)
    with pytest.raises(errors.SecondFactorNeeded):
        actor.require(Permission.READ_AUDIT)
    with pytest.raises(errors.Forbidden) as refusal:
        actor.require(Permission.OWN_PROFILE)
    assert refusal.type is errors.Forbidden


async def test_what_is_not_set_up_asks_nobody_to_try_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnownCodes, "authorize_url", NoKakao.authorize_url)
    reply = await world.ask("POST", "/auth/kakao/start", headers={"Accept-Language": "ko"})
    assert (reply.status_code, reply.json()["code"]) == (503, "not_set_up")
    assert "retry-after" not in reply.headers
    assert "카카오로 로그인하지 않습니다" in reply.json()["detail"]


async def test_what_somebody_makes_up_is_in_no_fault(world: World) -> None:
    made_up = "CANARY-7f3a"
    for method, path, body in (
        ("PATCH", PROFILE, {"facts": {made_up: 1}}),
        ("PATCH", PROFILE, {"facts": {"region": made_up}, made_up: made_up}),
        ("PUT", WISHES, {"wishes": {made_up: {"importance": made_up, made_up: made_up}}}),
        ("POST", "/auth/signup", {**NEWCOMER, "consents": {made_up: made_up}}),
    ):
        problem = await refused(world, method, path, body, "ko")
        assert problem["faults"]
        assert made_up not in str(problem)
