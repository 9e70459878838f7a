"""Explanations over HTTP: what is answered, how that is on record, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.http import World, populate, served


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def get(world: World, path: str) -> Any:
    reply = await world.ask("GET", path, "consultant")
    assert reply.status_code == 200, reply.text
    return reply.json()


def about(world: World, *names: str) -> list[str]:
    return [world.people[name].id for name in names]


async def test_why_not_is_answered_with_names_in_both_languages_and_is_on_record(world: World) -> None:
    owner, other = about(world, "owner", "matched_before_reveal")
    week = world.weeks["proposed"]
    why = await get(world, f"/admin/match-weeks/{week}/why-not/{owner}/{other}")
    assert [each["reason"] for each in why["objections"]] == ["introduced_before"]
    names = f"{world.people['owner'].name} 님과 {world.people['matched_before_reveal'].name} 님"
    assert why["told"]["ko"] == [f"{names}은 이미 소개된 적이 있습니다."]
    assert "were introduced before." in why["told"]["en"][0]
    log = (await world.ask("GET", f"/admin/audit/about/{other}", "admin")).json()
    entries = log["items"] if isinstance(log, dict) else log
    (read,) = [each for each in entries if each["action"] == "alternative.explained"]
    assert (read["actor"], read["what"]) == (world.people["consultant"].id, week)


async def test_who_takes_no_part_and_a_week_without_a_plan_are_not_found(world: World) -> None:
    owner, other, pending = about(world, "owner", "another_member", "pending")
    proposed, opened = world.weeks["proposed"], world.weeks["open"]
    for path in (
        f"/admin/match-weeks/{proposed}/why-not/{owner}/{pending}",
        f"/admin/match-weeks/{opened}/why-not/{owner}/{other}",
        f"/admin/match-weeks/{proposed}/questions?about={pending}",
        f"/admin/match-weeks/{opened}/questions",
        f"/admin/members/{pending}/candidates",
        f"/admin/members/{pending}/why-no-match?week={proposed}",
    ):
        reply = await world.ask("GET", path, "consultant")
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found"), path
    for path in (f"/admin/match-weeks/{proposed}/questions?limit=101", f"/admin/members/{owner}/candidates?limit=0"):
        assert (await world.ask("GET", path, "consultant")).status_code == 422


async def test_a_member_without_a_match_is_explained_as_data_too(world: World) -> None:
    (alone,) = about(world, "matched_before_reveal")
    told = await get(world, f"/admin/members/{alone}/why-no-match?week={world.weeks['proposed']}")
    assert (told["person"]["name"], told["introduced"]) == (world.people["matched_before_reveal"].name, [])
    assert [each["reason"] for each in told["no_match"]["everybody"]["stages"]] == [
        "i_do_not_seek",
        "introduced_before",
    ]
    assert told["no_match"]["candidates"] == 0
    assert told["told"]["ko"][0] == "서로 맞는 사람이 없습니다."
    assert told["told"]["en"][0] == "There is no mutual candidate."


async def test_candidates_and_questions_name_people_and_never_those_met_before(world: World) -> None:
    owner, other = about(world, "owner", "another_member")
    found = (await get(world, f"/admin/members/{owner}/candidates?limit=5"))["items"]
    assert [each["person"]["id"] for each in found] == [other]
    explained = await get(world, f"/admin/members/{owner}/with/{other}")
    assert (found[0]["mutual"], found[0]["mine"]) == (explained["mutual"], explained["mine"]["satisfaction"])
    asked = await get(world, f"/admin/match-weeks/{world.weeks['proposed']}/questions?limit=5")
    assert asked["looked_at"] == asked["unmatched"]
