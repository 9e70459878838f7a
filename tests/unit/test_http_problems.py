"""Why something was refused, said to people: in both languages, naming the field, and nothing of what was sent."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.http import PASSWORD, World, populate, served
from ygs.adapters.identities.not_configured import NoKakao
from ygs.application.actors import Actor, Permission
from ygs.domain import errors
from ygs.domain.users import Role
from ygs.entrypoints.http.problems import ADVICE, REFUSED
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
    "one_time_token": "of nobody",
    "code": "12345678",
    "consents": {"terms": "2026-01", "privacy": "2026-01"},
}
PROFILE, WISHES = "/users/me/profile", "/users/me/preferences"
EDITS: tuple[tuple[str, str, Any], ...] = (
    ("PATCH", PROFILE, {"district": "은평구"}),
    ("PATCH", "/users/me/lifestyle", {"facts": {"smoking": "no"}}),
    ("PUT", WISHES, {"wishes": {"height_cm": {"importance": "fair", "low": 165}}}),
    ("PUT", "/users/me/consents", {"consents": {"marketing": "2026-01"}}),
)


@pytest.mark.parametrize(
    ("method", "path", "body", "where", "rule", "ko", "en"),
    [
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "name": ""},
            "body.name",
            "invalid_text",
            "비워 둘 수",
            "must not be empty",
        ),
        ("POST", "/auth/signup", {**NEWCOMER, "name": "가" * 61}, "body.name", "string_too_long", "60자", "60 char"),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "phone": "없음"},
            "body.phone",
            "invalid_fact",
            "번호가 둘 이상",
            "like 010",
        ),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "password": "짧다"},
            "body.password",
            "weak_password",
            "15자 이상",
            "at least 15",
        ),
        (
            "POST",
            "/auth/password",
            {"current": PASSWORD, "new": "짧다"},
            "body.new",
            "weak_password",
            "새 비밀번호",
            "at least 15",
        ),
        ("POST", "/auth/signup", {**NEWCOMER, "birth_year": 2009}, "body.birth_year", "not_adult", "만 19세", "of age"),
        ("POST", "/auth/signup", {**NEWCOMER, "gender": "x"}, "body.gender", "literal_error", "male, female", "One of"),
        ("POST", "/auth/signup", {**NEWCOMER, "seeks": []}, "body.seeks", "too_short", "1개 이상", "At least 1"),
        (
            "PATCH",
            PROFILE,
            {"facts": {"height_cm": 900}},
            "body.facts.height_cm",
            "less_than_equal",
            "220 이하",
            "220 or less",
        ),
        ("PATCH", PROFILE, {"facts": {"height_cm": 1.5}}, "body.facts.height_cm", "int_type", "정수", "whole"),
        ("PATCH", PROFILE, {"facts": {"children": True}}, "body.facts.children", "enum", "lives_apart", "lives_apart"),
        ("POST", "/auth/signup", {**NEWCOMER, "birth_year": "1993"}, "body.birth_year", "int_type", "정수", "whole"),
        ("PATCH", PROFILE, {"facts": {"region": "mars"}}, "body.facts.region", "enum", "seoul", "seoul"),
        (
            "PATCH",
            PROFILE,
            {"facts": {"smoking": "no"}},
            "body.facts.smoking",
            "extra_forbidden",
            "없",
            "no such field",
        ),
        (
            "PUT",
            WISHES,
            {"wishes": {"region": {"importance": "must", "any_of": []}}},
            "body.wishes.region",
            "impossible_wish",
            "아무도",
            "nobody",
        ),
        (
            "POST",
            "/uploads",
            {"kind": "photo", "content_type": "image/gif"},
            "body.content_type",
            "invalid_fact",
            "사진",
            "image/",
        ),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "one_time_token": "x", "code": "12345678", "consents": {"terms": "2026-01"}},
            "body.consents",
            "consent_missing",
            "가입할 수 있습니다: 개인정보 처리",
            "consent to: privacy",
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
    joined = await world.sign_up(NEWCOMER)
    world.headers["newcomer"] = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    problem = await refused(world, "POST", "/users/me/submit", None, "ko", "newcomer")
    assert (problem["status"], problem["code"]) == (409, "incomplete")
    said = {each["where"]: (each["rule"], each["detail"]) for each in problem["faults"]}
    assert said["me.profile.height_cm"] == ("missing", "심사를 신청하려면 키가 필요합니다.")
    assert said.keys() >= {"me.wishes", "me.profile.region"}
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


async def test_everything_that_is_wrong_is_told_at_once_by_its_place(world: World) -> None:
    problem = await refused(
        world,
        "PATCH",
        PROFILE,
        {
            "facts": {"height_cm": 12, "region": "mars", "languages": ["korean", "elvish"], "smoking": "no"},
            "district": "가" * 121,
            "introduction": "900101-1234567",
            "ideal_partner": "\x00",
        },
        "ko",
    )
    assert {fault["where"] for fault in problem["faults"]} == {
        "body.facts.height_cm",
        "body.facts.region",
        "body.facts.languages.1",
        "body.facts.smoking",
        "body.district",
        "body.introduction",
        "body.ideal_partner",
    }
    wishes = {
        "height_cm": {"importance": "must", "low": 180, "high": 170},
        "region": {"importance": "must", "low": 1},
        "education": {"importance": "much", "low": "bachelor"},
    }
    problem = await refused(world, "PUT", WISHES, {"wishes": wishes}, "en")
    assert {(fault["where"], fault["rule"]) for fault in problem["faults"]} == {
        ("body.wishes.height_cm", "impossible_wish"),
        ("body.wishes.region", "invalid_wish"),
        ("body.wishes.education.importance", "literal_error"),
    }


async def test_what_an_edit_may_not_take_back_is_told_by_its_place_too(world: World) -> None:
    problem = await refused(world, "PATCH", PROFILE, {"facts": {"region": None}}, "en")
    assert [fault["where"] for fault in problem["faults"]] == ["body.facts.region"]
    problem = await refused(world, "POST", "/users/me/pause", {"until": "2020-01-01"}, "en")
    assert [fault["where"] for fault in problem["faults"]] == ["body.until"]


@pytest.mark.parametrize("content", [b"{", b"{'a': 1}", b"nothing", b"[1,]", b'{"a": 1}}', b"\xef\xbb\xbf{"])
async def test_json_that_cannot_be_read_is_a_bad_request_and_no_wrong_field(world: World, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    reply = await world.ask("PATCH", PROFILE, "owner", content=content, headers=headers)
    assert (reply.status_code, reply.json()["code"], reply.json()["faults"]) == (400, "bad_request", [])
    assert "no JSON at character" in reply.json()["detail"]


async def test_every_refusal_of_http_itself_says_what_to_do_in_both_languages(world: World) -> None:
    assert ADVICE.keys() == REFUSED.keys()
    for language in ("ko", "en"):
        for method, path, content_type in (
            ("GET", "/nowhere", ""),
            ("PUT", PROFILE, ""),
            ("PATCH", PROFILE, "text/plain"),
            ("PATCH", PROFILE, "application/json"),
        ):
            headers = {"Accept-Language": language, "Content-Type": content_type}
            reply = await world.ask(method, path, "owner", content=b"{", headers=headers)
            assert reply.json()["detail"], (language, path, content_type)


@pytest.mark.parametrize("shape", ['"{}"', 'W/"{}"'])
async def test_an_old_version_fails_its_precondition_and_the_current_one_holds_weak_or_strong(
    world: World, shape: str
) -> None:
    for method, path, body in EDITS:
        version = int((await world.ask("GET", "/users/me", "owner")).headers["etag"].strip('W/"'))
        old = await world.ask(method, path, "owner", json=body, headers={"If-Match": shape.format(version - 1)})
        assert (old.status_code, old.json()["code"]) == (412, "stale_write"), path
        now = await world.ask(method, path, "owner", json=body, headers={"If-Match": shape.format(version)})
        assert now.status_code == 200, path


async def test_what_changed_meanwhile_is_a_conflict_for_whoever_named_no_version(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stale(*_: object) -> None:
        raise errors.StaleWrite("somebody was faster")

    monkeypatch.setattr("ygs.adapters.memory.users.MemoryUserRepository.save", stale)
    tries: list[tuple[dict[str, str], int]] = [({}, 409), ({"If-Match": "*"}, 412)]
    for headers, status in tries:
        reply = await world.ask("PATCH", PROFILE, "owner", json={"district": "은평구"}, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (status, "stale_write")
