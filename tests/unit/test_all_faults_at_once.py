"""All that is wrong in a request is said at once, each thing at its place, whichever layer finds it."""

from collections.abc import AsyncIterator, Mapping
from itertools import combinations
from typing import Any

import pytest

from tests.support.http import World, populate, served
from tests.unit.test_http_problems import NEWCOMER

# Field -> values that are wrong: of the wrong type, too long, and against a rule of the use case.
PERSON: Mapping[str, tuple[Any, ...]] = {
    "name": ("", "가" * 61, 7, "\u3164"),
    "gender": ("x", None),
    "seeks": ([], "male"),
    "birth_year": (2009, 1800, "1993"),
    "consents": ({}, {"terms": "2026-01"}, {"terms": "", "privacy": "1"}, []),
}
SIGN_UP: Mapping[str, tuple[Any, ...]] = {
    **PERSON,
    "phone": ("없음", "02-123-4567", 7, "0" * 41),
    "password": ("짧다", 7, "가" * 600, "김하늘김하늘김하늘김하늘김하늘"),
    "code": ("1", 7),
    "one_time_token": (7,),
}
NEW_PASSWORD = "초록 의자 위의 강아지 네 마리"
REQUESTS: Mapping[str, tuple[str, str, Mapping[str, Any], Mapping[str, tuple[Any, ...]]]] = {
    "sign up": ("POST", "/auth/signup", NEWCOMER, SIGN_UP),
    "sign up by a provider": (
        "POST",
        "/auth/signup/token",
        {name: value for name, value in NEWCOMER.items() if name not in ("phone", "password", "code")},
        PERSON,
    ),
    "new password by a code": (
        "POST",
        "/auth/password/reset",
        {"one_time_token": "t", "code": "12345678", "new": NEW_PASSWORD},
        {"code": ("1",), "new": ("짧다", 7)},
    ),
    "new password": (
        "POST",
        "/auth/password",
        {"current": "x", "new": NEW_PASSWORD},
        {"current": (7,), "new": ("짧",)},
    ),
    "new phone": (
        "POST",
        "/auth/phone/confirm",
        {"one_time_token": "t", "code": "12345678", "phone": "010-2345-6789"},
        {"code": ("1",), "phone": ("없음", "1588-1234")},
    ),
    "profile": (
        "PATCH",
        "/users/me/profile",
        {},
        {"district": ("가" * 121, "881101-1234567"), "school": (7,), "introduction": ("\x00",)},
    ),
    "own data": ("PATCH", "/users/me", {}, {"name": ("", "가" * 61), "gender": ("x",), "seeks": ([],)}),
    "report": (
        "POST",
        "/users/usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S/report",
        {"category": "other"},
        {"category": ("x",), "words": ("881101-1234567", 7), "keep_apart": ("x",)},
    ),
    "correction by staff": (
        "PATCH",
        "/admin/members/usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S/basic",
        {"reason": "asked to"},
        {"reason": ("",), "birth_year": (2009, 1800, "x"), "name": ("",)},
    ),
}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def places(world: World, request: str, wrong: Mapping[str, Any]) -> tuple[int, set[str]]:
    """The status, and where the faults of a request are that is right but for `wrong`."""
    method, path, right, _ = REQUESTS[request]
    who = "" if path.startswith("/auth/signup") else "admin" if "/admin" in path else "owner"
    reply = await world.ask(method, path, who, json={**right, **wrong})
    assert reply.status_code in (403, 422), reply.text
    return reply.status_code, {".".join(each["where"].split(".")[:2]) for each in reply.json()["faults"]}


async def test_every_wrong_value_of_a_sign_up_is_found_at_its_place(world: World) -> None:
    for field, values in SIGN_UP.items():
        for value in values:
            _, found = await places(world, "sign up", {field: value})
            assert found == {f"body.{field}"}, (field, value)


async def test_any_two_wrong_values_are_found_together(world: World) -> None:
    for request, (_, _, _, mistakes) in REQUESTS.items():
        for one, other in combinations(mistakes, 2):
            for first, second in zip(mistakes[one], reversed(mistakes[other]), strict=False):
                status, found = await places(world, request, {one: first, other: second})
                assert (status, found) == (422, {f"body.{one}", f"body.{other}"}), (request, first, second)


async def test_a_sign_up_with_everything_wrong_is_told_everything(world: World) -> None:
    _, found = await places(world, "sign up", {field: values[0] for field, values in SIGN_UP.items()})
    assert found == {f"body.{field}" for field in SIGN_UP}


async def test_several_rules_broken_are_one_problem_in_words(world: World) -> None:
    wrong = {"phone": "없음", "password": "짧다", "consents": {}}
    for language, word in (("ko", "15자 이상"), ("en", "at least 15")):
        headers = {"Accept-Language": language}
        reply = await world.ask("POST", "/auth/signup", json={**NEWCOMER, **wrong}, headers=headers)
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (422, "invalid_request")
        assert word in problem["detail"]
        assert all(each["detail"] for each in problem["faults"])


async def test_one_broken_rule_keeps_its_own_code(world: World) -> None:
    reply = await world.ask("POST", "/auth/signup", json={**NEWCOMER, "consents": {}})
    assert (reply.status_code, reply.json()["code"]) == (403, "consent_missing")
