"""The console's administration: roles, authenticators, assignments, the policy, the schedule, and health."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.support.http import World, populate, served
from tests.unit.test_console import HTMX, page, send
from ygs.application.actors import Actor
from ygs.application.rate_limits import ClientAddress
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user

POLICY = {
    "name": "2026.2",
    "floor": "42",
    "longest_wait": "3",
    "capacity": "2",
    "objective": "coverage",
    "strategy": "optimal",
}
SCHEDULE = {
    "enabled": "true",
    "weekday": "friday",
    "hour": "20",
    "deadline_weekday": "sunday",
    "deadline_hour": "21",
}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def test_staff_are_listed_by_whole_names_and_members_are_not_among_them(world: World) -> None:
    shown = (await page(world, "/staff", "consultant")).text
    listed = set(re.findall('href="/console/members/(usr_[^"]+)"', shown))
    staff = {user.id for user in world.people.values() if user.role is not Role.MEMBER}
    assert listed == staff
    assert world.people["consultant"].name in shown
    over_http = await world.ask("GET", "/admin/staff", "consultant")
    assert {each["id"] for each in over_http.json()["items"]} == staff


async def test_staff_go_on_page_by_page_over_http(world: World) -> None:
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        reply = (await world.ask("GET", f"/admin/staff?limit=1{f'&after={after}' if after else ''}", "admin")).json()
        found += [each["id"] for each in reply["items"]]
        after = reply["next"]
    assert sorted(found) == sorted({user.id for user in world.people.values() if user.role is not Role.MEMBER})


async def test_an_administrator_gives_a_role_and_is_told_so(world: World) -> None:
    colleague = a_user(41, role=Role.MEMBER, status=Status.DRAFT)
    await world.add("colleague", colleague)
    changed = await send(world, f"/members/{colleague.id}/role", role="consultant", reason="새 상담사")
    assert changed.status_code == 303
    assert (await world.ask("GET", f"/admin/members/{colleague.id}", "admin")).json()["role"] == "consultant"
    assert colleague.id in (await page(world, "/staff")).text


async def test_a_role_needs_a_recent_sign_in_and_the_page_leads_there_and_back(world: World) -> None:
    assert world.ygs.accounts
    boss = a_user(42, role=Role.ADMIN, status=Status.DRAFT)
    await world.add("boss", boss)
    issuer = world.ygs.accounts.sessions.session_issuer
    async with world.ygs.storage.write() as tx:
        tokens = await issuer.open(tx, boss.id, boss.role, ClientAddress(), at=world.clock.now(), second_factor=True)
    world.clock.advance(minutes=20)
    colleague = world.people["consultant"].id
    kept = {"Cookie": f"ygs-console={tokens.access_token}|{tokens.refresh_token}", "Accept-Language": "en"}
    shown = await world.client.get(f"/console/members/{colleague}", headers=kept)
    csrf = re.findall('name="csrf" value="([^"]+)"', shown.text)[0]
    renewed = {"Cookie": shown.headers["Set-Cookie"].partition(";")[0]}
    form = {"role": "member", "reason": "퇴사", "csrf": csrf}
    refused = await send(world, f"/members/{colleague}/role", "", **form, headers={**renewed, **HTMX})
    assert refused.status_code == 403
    assert f'href="/console/sign-in?next=/members/{colleague}"' in refused.text


async def test_a_member_is_assigned_to_a_consultant_and_to_nobody_again(world: World) -> None:
    owner, consultant = world.people["owner"].id, world.people["consultant"].id
    await send(world, f"/members/{owner}/consultant", consultant=consultant)
    assert f'value="{consultant}" selected' in (await page(world, f"/members/{owner}")).text
    assert (await world.ask("GET", f"/admin/members/{owner}", "admin")).json()["consultant_id"] == consultant
    await send(world, f"/members/{owner}/consultant", consultant="")
    assert (await world.ask("GET", f"/admin/members/{owner}", "admin")).json()["consultant_id"] is None
    wrong = await send(world, f"/members/{owner}/consultant", consultant=owner)
    assert wrong.status_code == 422, "members are in charge of nobody"


async def test_a_policy_is_set_with_what_the_form_has_no_field_for_kept(world: World) -> None:
    before = (await world.ygs.policies.current(Actor.operator())).policy
    await send(world, "/settings/policy", version=0, **POLICY)
    after = (await world.ygs.policies.current(Actor.operator())).policy
    assert (after.version, after.floor, after.longest_wait, after.capacity) == ("2026.2", 4_200, 3, 2)
    assert (after.objective, after.strict_unknown) == ("coverage", False)
    assert (after.affinities, after.wait_bonus) == (before.affinities, before.wait_bonus)


async def test_of_two_who_set_the_policy_at_once_the_second_is_told_to_look_again(world: World) -> None:
    assert (await send(world, "/settings/policy", version=0, **POLICY)).status_code == 303
    assert (await send(world, "/settings/policy", version=0, **{**POLICY, "name": "2026.3"})).status_code == 409
    assert (await send(world, "/settings/policy", version=1, **{**POLICY, "floor": "101"})).status_code == 422


async def test_a_schedule_is_set_and_switched_off_again(world: World) -> None:
    await send(world, "/settings/schedule", version=0, **SCHEDULE)
    schedule = (await world.ygs.week_schedules.current(Actor.operator())).schedule
    assert (schedule.enabled, schedule.weekday, schedule.hour) == (True, "friday", 20)
    off = {name: value for name, value in SCHEDULE.items() if name != "enabled"}
    await send(world, "/settings/schedule", version=1, **off)
    assert not (await world.ygs.week_schedules.current(Actor.operator())).schedule.enabled


async def test_consultants_read_the_settings_and_cannot_set_them(world: World) -> None:
    shown = await page(world, "/settings", "consultant")
    assert "disabled" in shown.text
    assert (await send(world, "/settings/policy", "consultant", version=0, **POLICY)).status_code == 403
    assert (await send(world, "/settings/schedule", "consultant", version=0, **SCHEDULE)).status_code == 403


async def test_health_says_that_the_database_answers_and_who_read_how_many(world: World) -> None:
    await page(world, f"/members/{world.people['owner'].id}", "consultant")
    shown = (await page(world, "/health")).text
    assert "answers" in shown
    assert world.people["consultant"].name in shown
    assert (await page(world, "/health", "consultant")).status_code == 403


async def test_suspending_asks_with_what_it_ends_in_numbers(world: World) -> None:
    owner = world.people["owner"]
    actor = Actor.operator()
    counted = await world.ygs.consequences.of(actor, owner.id)
    assert (counted.introductions, counted.meetings, counted.consultations, counted.memberships) == (1, 1, 1, 1)
    asked = (await page(world, f"/members/{owner.id}")).text
    (version,) = {*re.findall(r'name="version" value="(\d+)"', asked)}
    assert "1 waiting introductions, 1 meetings and 1 consultations to come. Running memberships stay: 1." in asked
    await send(world, f"/members/{owner.id}/decide", act="suspend", reason="x", version=version)
    left = await world.ygs.consequences.of(actor, owner.id)
    assert (left.introductions, left.meetings, left.consultations, left.memberships) == (0, 0, 0, 1)


async def test_taking_a_role_away_asks_with_the_consultations_and_members_it_costs(world: World) -> None:
    consultant = world.people["consultant"].id
    await send(world, f"/members/{world.people['owner'].id}/consultant", consultant=consultant)
    asked = (await page(world, f"/members/{consultant}")).text
    assert "also loses 1 booked consultations and 1 assigned members." in asked
