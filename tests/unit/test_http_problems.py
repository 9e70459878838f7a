"""Why something was refused, said to people: in both languages, naming the field, and nothing of what was sent."""

import ast
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import ygs
from tests.support.http import PASSWORD, World, populate, served
from ygs.adapters.identities.not_configured import NoKakao
from ygs.application.actors import Actor, Permission
from ygs.application.messages.translate import SENTENCES, WORDS, in_korean
from ygs.domain import errors
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import KnownCodes

SOURCE = Path(ygs.__file__).parent
# What these say is heard at the command line, by who embeds us or by nobody, and never over HTTP.
ELSEWHERE = {
    "adapters/spreadsheets",
    "adapters/solving",
    "adapters/sql/backup.py",
    "adapters/sql/migrations",
    "application/importing/mapping.py",
    "application/simulation/simulate.py",
    "application/rounds/dataframes.py",
    "domain/matching/market.py",
    "domain/matching/reference_matching.py",
    "entrypoints/cli",
}
# Promises to our own code, which no request can break; policies, which are no request's; and addresses of databases.
OWN = (
    "store them first",
    "store those first",
    "store the week first",
    "make a new id",
    "of its own, and is",
    "an account is one live user's",
    "is there already",
    "is written already",
    "the lesser id first",
    "restart",
    "ygs db upgrade",
    "this SQLite URL",
    "no folder",
    "not a stored",
    "the stored market",
    "a market holds its own history",
    "ygs[accounts]",
)


def said(node: ast.expr | None) -> Iterator[str]:
    """The sentences an expression may be, with {} for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    elif isinstance(node, ast.IfExp):
        yield from said(node.body)
        yield from said(node.orelse)


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence that the source gives an error, and where."""
    kinds = {name for name, each in vars(errors).items() if isinstance(each, type)} - {"InvalidPolicy", "InvalidId"}
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        if any(place.startswith(each) for each in ELSEWHERE) or place == "domain/errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds and node.args:
                named = node.func.id in {"InvalidFact", "InvalidText", "InvalidWish", "WeakPassword"}
                for sentence in said(node.args[1 if named else 0]):
                    if node.func.id not in {"NotFound", "UnknownValue"} and not any(own in sentence for own in OWN):
                        yield sentence.removeprefix("birth_year: "), f"{place}:{node.lineno}"


def test_whatever_an_error_says_exists_in_korean() -> None:
    missing = {sentence: where for sentence, where in sentences() if sentence not in SENTENCES}
    assert missing == {}


def test_no_sentence_is_kept_that_nobody_says_any_more() -> None:
    others = [path for path in SOURCE.rglob("*.py") if path.name != "catalogue_ko.py"]
    source = "\n".join(path.read_text("utf-8") for path in others)
    for english in SENTENCES:
        beginning = max(english[:30].split("{}"), key=len)
        assert beginning in source, english


def test_every_sentence_has_as_many_places_to_fill_in_both_languages() -> None:
    for english, korean in SENTENCES.items():
        assert english.count("{}") == korean.count("{}"), english
        assert any("가" <= letter <= "힣" for letter in korean), english


def test_names_and_states_in_a_sentence_are_said_in_korean_too() -> None:
    assert in_korean("a user who is draft cannot become active") == (
        "'작성 중' 상태에서는 '활동 중' 상태로 바꿀 수 없습니다."
    )
    assert in_korean("wish for height_cm: needs at least one accepted value").startswith("키: ")
    assert in_korean("no user usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S") == "없습니다: 회원 usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
    assert in_korean("Kakao did not answer: try again, or sign in otherwise").startswith(
        "카카오에서 응답이 없습니다. 다시"
    )
    assert in_korean("Firebase did not answer: try again") == "Firebase에서 응답이 없습니다. 다시 시도해 주세요."
    assert in_korean("a sentence nobody knows") == "a sentence nobody knows"
    assert WORDS["region"] == "거주 지역"


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
        ("POST", "/auth/signup", {**NEWCOMER, "phone": "없음"}, "phone", "invalid_fact", "전화번호가 아닙", "like 010"),
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
    assert {"where": "height_cm", "rule": "missing", "detail": "필요한 항목입니다."} in problem["faults"]
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
